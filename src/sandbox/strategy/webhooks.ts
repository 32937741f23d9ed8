import { each, oneOf, subdomain } from './check.js';
import { duplicate, type FieldErrors, forbiddenField, goStrings, invalid, notSupported, required } from './field.js';
import { nameProblems } from './names.js';
import { validateSelector } from './selector.js';
import type { Loose, Strategy } from './types.js';

function qualified(name: string | undefined, at: string): FieldErrors {
  if (!name) return [required(at)];
  const problems = nameProblems('subdomain', name);
  if (problems.length > 0) return [invalid(at, name, problems.join(','))];
  return name.split('.').length < 3 ? [invalid(at, name, 'should be a domain with at least three segments separated by dots')] : [];
}

function service({ name, namespace, path, port }: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (!name) out.push(required(`${at}.name`, 'service name is required'));
  if (!namespace) out.push(required(`${at}.namespace`, 'service namespace is required'));
  if (port !== undefined && (port < 1 || port > 65535))
    out.push(invalid(`${at}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'));
  if (path !== undefined && !path.startsWith('/')) out.push(invalid(`${at}.path`, path, "must start with a '/'"));
  return out;
}

function url(text: string, at: string): FieldErrors {
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    return [
      required(at, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI for request; desired format: https://host[/path]`),
    ];
  }
  const form = 'desired format: https://host[/path]';
  const out: FieldErrors = [];
  const scheme = parsed.protocol.slice(0, -1);
  if (scheme !== 'https') out.push(invalid(at, scheme, `'https' is the only allowed URL scheme; ${form}`));
  if (parsed.host === '') out.push(invalid(at, '', `host must be specified; ${form}`));
  if (parsed.username !== '') out.push(invalid(at, parsed.username, 'user information is not permitted in the URL'));
  if (parsed.hash !== '') out.push(invalid(at, parsed.hash.slice(1), 'fragments are not permitted in the URL'));
  if (parsed.search !== '') out.push(invalid(at, parsed.search.slice(1), 'query parameters are not permitted in the URL'));
  return out;
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

function rule(given: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const [field, shown] of [
    ['apiGroups', 'API groups'],
    ['apiVersions', 'API versions'],
  ] as const) {
    const list: string[] = given[field] ?? [];
    if (list.length === 0) out.push(required(`${at}.${field}`));
    if (list.length > 1 && list.includes('*'))
      out.push(invalid(`${at}.${field}`, goStrings(list), `if '*' is present, must not specify other ${shown}`));
  }
  if ((given.resources ?? []).length === 0) out.push(required(`${at}.resources`));
  if (given.scope !== undefined && !['*', 'Cluster', 'Namespaced'].includes(given.scope))
    out.push(notSupported(`${at}.scope`, given.scope, ['*', 'Cluster', 'Namespaced']));
  const asked: string[] = given.operations ?? [];
  if (asked.length === 0) out.push(required(`${at}.operations`));
  if (asked.length > 1 && asked.includes('*'))
    out.push(invalid(`${at}.operations`, goStrings(asked), "if '*' is present, must not specify other operations"));
  asked.forEach((operation, i) => {
    if (!operations.includes(operation)) out.push(notSupported(`${at}.operations[${i}]`, operation, operations));
  });
  return out;
}

function validateHook(hook: Loose, at: string, mutating: boolean): FieldErrors {
  const out = [...qualified(hook.name, `${at}.name`), ...each(hook.rules, `${at}.rules`, rule)];
  out.push(...oneOf(hook.failurePolicy, `${at}.failurePolicy`, ['Fail', 'Ignore']));
  out.push(...oneOf(hook.matchPolicy, `${at}.matchPolicy`, ['Equivalent', 'Exact']));
  const effects = ['None', 'NoneOnDryRun'];
  if (!hook.sideEffects) out.push(required(`${at}.sideEffects`, `must specify one of ${effects.join(', ')}`));
  else if (!effects.includes(hook.sideEffects)) out.push(notSupported(`${at}.sideEffects`, hook.sideEffects, effects));
  if (hook.timeoutSeconds < 1 || hook.timeoutSeconds > 30)
    out.push(invalid(`${at}.timeoutSeconds`, hook.timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'));
  for (const field of ['namespaceSelector', 'objectSelector'])
    if (hook[field]) out.push(...validateSelector(hook[field], `${at}.${field}`));
  if (mutating && hook.reinvocationPolicy !== undefined)
    out.push(...oneOf(hook.reinvocationPolicy, `${at}.reinvocationPolicy`, ['IfNeeded', 'Never']));
  const config = hook.clientConfig ?? {};
  const path = `${at}.clientConfig`;
  if ((config.url === undefined) === !config.service) out.push(required(path, 'exactly one of url or service is required'));
  else if (config.url !== undefined) out.push(...url(config.url, `${path}.url`));
  else out.push(...service(config.service, `${path}.service`));
  return out;
}

const configuration = (mutating: boolean): Strategy => ({
  generation: true,
  defaults(object) {
    for (const hook of object.webhooks ?? []) {
      hook.failurePolicy ??= 'Fail';
      hook.matchPolicy ??= 'Equivalent';
      hook.namespaceSelector ??= {};
      hook.objectSelector ??= {};
      hook.timeoutSeconds ??= 10;
      if (mutating) hook.reinvocationPolicy ??= 'Never';
      for (const given of hook.rules ?? []) given.scope ??= '*';
      if (hook.clientConfig?.service) hook.clientConfig.service.port ??= 443;
    }
  },
  validate(object) {
    const names = new Set<string>();
    return each(object.webhooks, 'webhooks', (hook, at) => {
      const out = validateHook(hook, at, mutating);
      const versions: string[] = hook.admissionReviewVersions ?? [];
      const path = `${at}.admissionReviewVersions`;
      if (versions.length === 0) out.push(required(path, 'must specify one of v1, v1beta1'));
      else if (!versions.some((v) => v === 'v1' || v === 'v1beta1'))
        out.push(invalid(path, goStrings(versions), 'must include at least one of v1, v1beta1'));
      versions.forEach((version, i) => {
        for (const problem of nameProblems('label1035', version)) out.push(invalid(`${path}[${i}]`, version, problem));
        if (versions.indexOf(version) < i) out.push(invalid(`${path}[${i}]`, version, 'duplicate version'));
      });
      if (hook.name && names.has(hook.name)) out.push(duplicate(`${at}.name`, hook.name));
      names.add(hook.name);
      return out;
    });
  },
});

const group = 'admissionregistration.k8s.io';

function matchDefaults(constraints: Loose): void {
  if (!constraints) return;
  constraints.matchPolicy ??= 'Equivalent';
  constraints.namespaceSelector ??= {};
  constraints.objectSelector ??= {};
  for (const given of constraints.resourceRules ?? []) given.scope ??= '*';
}

export const webhooks: { [resource: string]: Strategy } = {
  [`mutatingwebhookconfigurations.${group}`]: configuration(true),
  [`validatingwebhookconfigurations.${group}`]: configuration(false),
  [`validatingadmissionpolicies.${group}`]: {
    status: true,
    generation: true,
    defaults({ spec }) {
      spec.failurePolicy ??= 'Fail';
      matchDefaults(spec.matchConstraints);
    },
    validate({ spec }) {
      const out: FieldErrors = [];
      if ((spec.validations ?? []).length === 0 && (spec.auditAnnotations ?? []).length === 0)
        out.push(
          required('spec.validations', 'validations or auditAnnotations must be specified'),
          required('spec.auditAnnotations', 'validations or auditAnnotations must be specified'),
        );
      out.push(
        ...each(spec.validations, 'spec.validations', (v, at) =>
          v.expression?.trim() ? [] : [required(`${at}.expression`, 'expression is not specified')],
        ),
      );
      if (!spec.matchConstraints) out.push(required('spec.matchConstraints'));
      else if ((spec.matchConstraints.resourceRules ?? []).length === 0) out.push(required('spec.matchConstraints.resourceRules'));
      return out;
    },
  },
  [`validatingadmissionpolicybindings.${group}`]: {
    generation: true,
    defaults: ({ spec }) => matchDefaults(spec.matchResources),
    validate({ spec }) {
      const out = spec.policyName ? subdomain(spec.policyName, 'spec.policyName') : [required('spec.policyName')];
      if ((spec.validationActions ?? []).length === 0) out.push(required('spec.validationActions'));
      if (spec.paramRef?.name && spec.paramRef.selector)
        out.push(forbiddenField('spec.paramRef.name', 'name and selector are mutually exclusive'));
      return out;
    },
  },
};
