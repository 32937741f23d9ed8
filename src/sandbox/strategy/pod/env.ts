import { canonicalQuantity } from '../../gotypes/quantity.js';
import { all, each, needed, qualifiedName } from '../check.js';
import { type FieldErrors, invalid, notSupported, required } from '../field.js';
import { configKeyProblems, variableProblems } from '../names.js';
import type { Loose } from '../types.js';

/** Fields of a pod that its containers can be told, by what tells them. */
const toldInVariables = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.podIP',
  'status.podIPs',
];
export const toldInFiles = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];

const convertible = new Set([
  ...toldInVariables,
  ...toldInFiles,
  'spec.host',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'status.hostIPs',
]);

export function validateFieldRef(ref: Loose, at: string, allowed: readonly string[]): FieldErrors {
  if (!ref.apiVersion) return [required(`${at}.apiVersion`)];
  if (!ref.fieldPath) return [required(`${at}.fieldPath`)];
  const path: string = ref.fieldPath;
  const refuse = (why: string) => [invalid(`${at}.fieldPath`, path, `error converting fieldPath: ${why}`)];
  if (ref.apiVersion !== 'v1') return refuse(`unsupported pod version: ${ref.apiVersion}`);
  const parts = /^(.+)\['(.*)'\]$/.exec(path);
  if (parts) {
    const [, base, key] = parts as unknown as [string, string, string];
    if (base === 'metadata.annotations') return qualifiedName(key.toLowerCase(), at);
    if (base === 'metadata.labels') return qualifiedName(key, at);
    return refuse(`field label does not support subscript: ${path}`);
  }
  if (!convertible.has(path)) return refuse(`field label not supported: ${path}`);
  const shown = path === 'spec.host' ? 'spec.nodeName' : path;
  if (allowed.includes(shown) || (shown === 'status.hostIPs' && allowed.includes('status.hostIP'))) return [];
  return [notSupported(`${at}.fieldPath`, shown, allowed)];
}

const amounts = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const divisors: { [resource: string]: { values: string[]; name: string } } = {
  cpu: { values: ['1m', '1'], name: 'cpu' },
  memory: { values: sizes, name: 'memory' },
  'ephemeral-storage': { values: sizes, name: 'local ephemeral storage' },
};

export function validateResourceRef(ref: Loose, at: string, inFile: boolean): FieldErrors {
  const out: FieldErrors = [];
  const resource: string = ref.resource ?? '';
  if (inFile && !ref.containerName) out.push(required(`${at}.containerName`));
  else if (resource === '') out.push(required(`${at}.resource`));
  else if (!amounts.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource))
    out.push(notSupported(`${at}.resource`, resource, amounts));
  const rule = divisors[resource.slice(resource.indexOf('.') + 1)];
  const divisor = ref.divisor === undefined ? '0' : (canonicalQuantity(String(ref.divisor)) ?? '');
  if (rule && amounts.includes(resource) && divisor !== '0' && !rule.values.includes(divisor)) {
    const shown = rule.values.length === 2 ? rule.values.join(' and ') : rule.values.join(', ');
    out.push(invalid(`${at}.divisor`, resource, `only divisor's values ${shown} are supported with the ${rule.name} resource`));
  }
  return out;
}

function keyRef(ref: Loose, at: string): FieldErrors {
  return [...needed(ref, at, ['name']), ...(ref.key ? all(`${at}.key`, ref.key, configKeyProblems(ref.key)) : [required(`${at}.key`)])];
}

function validateValueFrom(variable: Loose, at: string): FieldErrors {
  const from = variable.valueFrom;
  if (!from) return [];
  const out: FieldErrors = [];
  if (from.fieldRef) out.push(...validateFieldRef(from.fieldRef, `${at}.fieldRef`, toldInVariables));
  if (from.resourceFieldRef) out.push(...validateResourceRef(from.resourceFieldRef, `${at}.resourceFieldRef`, false));
  if (from.configMapKeyRef) out.push(...keyRef(from.configMapKeyRef, `${at}.configMapKeyRef`));
  if (from.secretKeyRef) out.push(...keyRef(from.secretKeyRef, `${at}.secretKeyRef`));
  const sources = Object.keys(from).length;
  if (sources === 0) out.push(invalid(at, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'));
  if (variable.value) {
    if (sources > 0) out.push(invalid(at, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) out.push(invalid(at, '', 'may not have more than one field specified at a time'));
  return out;
}

export function validateEnv(env: Loose[] | undefined, at: string): FieldErrors {
  return each(env, at, (variable, path) => [
    ...(variable.name ? all(`${path}.name`, variable.name, variableProblems(variable.name)) : [required(`${path}.name`)]),
    ...validateValueFrom(variable, `${path}.valueFrom`),
  ]);
}

export function validateEnvFrom(env: Loose[] | undefined, at: string): FieldErrors {
  return each(env, at, (source, path) => {
    const out = source.prefix ? all(`${path}.prefix`, source.prefix, variableProblems(source.prefix)) : [];
    for (const kind of ['configMapRef', 'secretRef']) if (source[kind]) out.push(...needed(source[kind], `${path}.${kind}`, ['name']));
    if (!source.configMapRef && !source.secretRef) out.push(invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (source.configMapRef && source.secretRef) out.push(invalid(at, '', 'may not have more than one field specified at a time'));
    return out;
  });
}
