import { createTwoFilesPatch } from 'diff';
import { formatYaml } from '../manifest/index.js';
import { count, type Json, type KubeObject, setOwn, stringifyJson } from '../model/index.js';
import { formatSteps, type RawChange, type Step, strip } from './field-changes.js';

const longest = 120;

/** `+ Creating Deployment/web-app with 3 replicas` */
export function createText(object: KubeObject): string {
  const details = describeNew(object);
  return `+ Creating ${object.kind}/${object.metadata.name ?? ''}${details === '' ? '' : ` with ${details}`}`;
}

function describeNew(object: KubeObject): string {
  const spec = (object['spec'] ?? {}) as { [key: string]: unknown };
  if (typeof spec['replicas'] === 'number') return count(spec['replicas'], 'replica');
  if (object.kind === 'Service' && Array.isArray(spec['ports'])) {
    const ports = (spec['ports'] as { port?: unknown }[]).map((p) => String(p?.port ?? '?'));
    return `${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
  }
  const data = { ...((object['data'] ?? {}) as object), ...((object['stringData'] ?? {}) as object) };
  if ((object.kind === 'ConfigMap' || object.kind === 'Secret') && Object.keys(data).length > 0)
    return count(Object.keys(data).length, 'key');
  return '';
}

/** `~ Updating Service/web-svc:\n  port: 80 -> 8080`: a line a field, named as shortly as stays clear. What is deleted and made anew is being replaced. */
export function updateText(object: KubeObject, changes: readonly RawChange[], verb: 'Updating' | 'Replacing' = 'Updating'): string {
  const names = shortNames(changes.map((c) => c.steps));
  const lines = changes.map((change, i) => {
    const name = names[i] as string;
    if (change.before === undefined) return `  ${name}: + ${show(change.after)}`;
    if (change.after === undefined) return `  ${name}: - ${show(change.before)}`;
    return `  ${name}: ${show(change.before)} -> ${show(change.after)}`;
  });
  return [`~ ${verb} ${object.kind}/${object.metadata.name ?? ''}:`, ...lines].join('\n');
}

export function deleteText(object: KubeObject): string {
  return `- Deleting ${object.kind}/${object.metadata.name ?? ''}`;
}

function show(value: Json | undefined): string {
  const text = typeof value === 'string' && /^[^\s"'][^\n]*$/.test(value) ? value : stringifyJson(value ?? null);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** The last member's name of each path; where two would be alike, as much more as tells them apart. */
function shortNames(paths: readonly (readonly Step[])[]): string[] {
  const tail = (steps: readonly Step[], members: number): string => {
    let from = steps.length;
    for (let seen = 0; from > 0 && seen < members; ) if (typeof steps[--from] === 'string') seen++;
    return formatSteps(steps.slice(from));
  };
  return paths.map((steps, i) => {
    for (let members = 1; members <= steps.length; members++) {
      const name = tail(steps, members);
      if (paths.every((other, j) => j === i || tail(other, members) !== name)) return name;
    }
    return formatSteps(steps);
  });
}

/** A unified diff of two states as YAML, without its file header. Empty where nothing differs. */
export function unifiedText(before: KubeObject | undefined, after: KubeObject | undefined): string {
  const yaml = (object: KubeObject | undefined) => (object === undefined ? '' : formatYaml(strip(object) as Json));
  const ordered =
    before === undefined || after === undefined
      ? after
      : (inOrderOf(after as unknown as Json, before as unknown as Json) as unknown as KubeObject);
  const patch = createTwoFilesPatch('a', 'b', yaml(before), yaml(ordered), undefined, undefined, { context: 3, timeout: 2000 });
  if (patch === undefined) return '(the texts differ too much to be compared line by line)';
  const start = patch.indexOf('@@');
  return start < 0 ? '' : patch.slice(start).trimEnd();
}

/** A value whose members stand in the order that they have in another one, so that only what differs shows. */
function inOrderOf(value: Json | undefined, model: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return Array.isArray(model) ? value.map((item, i) => inOrderOf(item, model[i]) as Json) : value;
  if (!isMap(value) || !isMap(model)) return value;
  const out: { [key: string]: Json } = {};
  for (const key of [...Object.keys(model), ...Object.keys(value)])
    if (Object.hasOwn(value, key) && !Object.hasOwn(out, key))
      setOwn(out, key, inOrderOf(value[key], Object.hasOwn(model, key) ? model[key] : undefined) as Json);
  return out;
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
