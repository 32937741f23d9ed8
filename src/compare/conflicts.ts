import { type EvenkeelError, type Json, type KubeObject, type ManagedFieldsEntry, stringifyJson } from '../model/index.js';
import type { Step } from './field-changes.js';
import type { Resolution } from './types.js';

/** One cause of a 409 answer to an apply: a field, and who else owns it. */
export interface FieldConflict {
  /** As the server writes it: `.spec.template.spec.containers[name="web"].image` */
  field: string;
  manager: string;
  subresource: string;
}

/** Reads the causes of a refused apply. Empty where the error is not about field managers. */
export function fieldConflicts(error: EvenkeelError): FieldConflict[] {
  const causes = error.details['causes'];
  if (!Array.isArray(causes)) return [];
  const conflicts: FieldConflict[] = [];
  for (const cause of causes as { field?: unknown; message?: unknown; reason?: unknown }[]) {
    if (cause.reason !== 'FieldManagerConflict' || typeof cause.field !== 'string') continue;
    const match = /^conflict with "((?:[^"\\]|\\.)*)"(?: with subresource "([^"]*)")?/.exec(String(cause.message ?? ''));
    conflicts.push({ field: cause.field, manager: match?.[1] ?? 'unknown', subresource: match?.[2] ?? '' });
  }
  return conflicts;
}

const peoplesTools =
  /^(kubectl|k9s|rancher|kubernetes-dashboard|dashboard|lens|openlens|freelens|headlamp|octant|oc|helm|node-fetch|mozilla|before-first-apply)/i;
const autoscalers = /^(horizontal-pod-autoscaler|keda|hpa|vpa|cluster-proportional-autoscaler)/i;

export function isPeoplesTool(manager: string): boolean {
  return peoplesTools.test(manager);
}

/**
 * The default rules: replicas that an autoscaler set are left to it; what people's tools set is taken back
 * where the caller says so; any other controller's field stops the sync.
 */
export function resolve(conflict: FieldConflict, takeBack: boolean): Resolution {
  const person = isPeoplesTool(conflict.manager);
  if (conflict.field === '.spec.replicas' && !person && (conflict.subresource === 'scale' || autoscalers.test(conflict.manager)))
    return 'yielded';
  return person && takeBack ? 'taken' : 'blocked';
}

/**
 * Finds a server's field path in an object. Names are not quoted in such paths, so that a name with dots
 * in it (an annotation) is found by looking at what the object has.
 * @returns the steps as indices and names, and the value; undefined where the object has no such field
 */
export function resolveField(object: KubeObject | Json, field: string): { steps: (string | number)[]; value: Json } | undefined {
  return walk(object as Json, field, []);
}

function walk(value: Json, rest: string, steps: (string | number)[]): { steps: (string | number)[]; value: Json } | undefined {
  if (rest === '') return { steps, value };
  if (rest.startsWith('.')) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    const names = Object.keys(value)
      .filter((name) => rest.startsWith(name, 1) && isEnd(rest, 1 + name.length))
      .sort((a, b) => b.length - a.length);
    for (const name of names) {
      const found = walk(value[name] as Json, rest.slice(1 + name.length), [...steps, name]);
      if (found) return found;
    }
    return undefined;
  }
  const bracket = /^\[((?:[^\]"]|"(?:[^"\\]|\\.)*")*)\]/.exec(rest);
  if (!bracket || !Array.isArray(value)) return undefined;
  const inner = bracket[1] as string;
  const index = value.findIndex((item, i) => matches(item, inner, i));
  return index < 0 ? undefined : walk(value[index] as Json, rest.slice(bracket[0].length), [...steps, index]);
}

function isEnd(text: string, at: number): boolean {
  return at === text.length || text[at] === '.' || text[at] === '[';
}

/** `name="web",port=80`, `="value"` or `3`. */
function matches(item: Json, selector: string, index: number): boolean {
  if (/^[0-9]+$/.test(selector)) return Number(selector) === index;
  if (selector.startsWith('=')) return stringifyJson(item) === selector.slice(1);
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return false;
  for (const [, key, raw] of selector.matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    const wanted = raw as string;
    const actual = item[key as string];
    // A key that the manifest leaves out has the schema's default on the server (a port's protocol).
    if (actual !== undefined && stringifyJson(actual) !== wanted) return false;
  }
  return true;
}

/** A copy of an object without one field. */
export function without(object: KubeObject, steps: readonly (string | number)[]): KubeObject {
  const drop = (value: Json, at: number): Json => {
    const step = steps[at] as string | number;
    if (Array.isArray(value)) {
      return at === steps.length - 1
        ? value.filter((_, i) => i !== step)
        : value.map((item, i) => (i === step ? drop(item, at + 1) : item));
    }
    const out = { ...(value as { [key: string]: Json }) };
    if (at === steps.length - 1) delete out[step as string];
    else out[step as string] = drop(out[step as string] as Json, at + 1);
    return out;
  };
  return steps.length === 0 ? object : (drop(object as unknown as Json, 0) as unknown as KubeObject);
}

/** Who owns a field, by the entries of managedFields: the managers whose set has exactly this path. */
export function ownersOfSteps(entries: readonly ManagedFieldsEntry[] | undefined, object: KubeObject, steps: readonly Step[]): string[] {
  const owners: string[] = [];
  for (const entry of entries ?? []) {
    if (entry.fieldsV1 !== undefined && owns(entry.fieldsV1, object as unknown as Json, steps)) owners.push(entry.manager ?? 'unknown');
  }
  return [...new Set(owners)].sort();
}

function owns(fields: { [key: string]: Json }, value: Json | undefined, steps: readonly Step[]): boolean {
  if (steps.length === 0) return true;
  const [step, ...rest] = steps as [Step, ...Step[]];
  // An atomic value is owned as a whole, by an entry that names nothing inside.
  if (Object.keys(fields).every((key) => key === '.') && value !== undefined) return true;
  if (typeof step === 'string') {
    const next = fields[`f:${step}`] as { [key: string]: Json } | undefined;
    const member = value !== null && typeof value === 'object' && !Array.isArray(value) ? value[step] : undefined;
    return next !== undefined && owns(next, member, rest);
  }
  const item = elementAt(value, step);
  for (const [key, next] of Object.entries(fields)) {
    if (key.startsWith('k:') && elementMatches(item, JSON.parse(key.slice(2)) as { [key: string]: Json })) {
      if (owns(next as { [key: string]: Json }, item, rest)) return true;
    }
  }
  return false;
}

function elementAt(list: Json | undefined, step: number | { [key: string]: Json }): Json | undefined {
  if (!Array.isArray(list)) return undefined;
  return typeof step === 'number' ? list[step] : list.find((item) => elementMatches(item, step));
}

function elementMatches(item: Json | undefined, keys: { [key: string]: Json }): boolean {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return false;
  return Object.entries(keys).every(([k, v]) => stringifyJson(item[k]) === stringifyJson(v));
}
