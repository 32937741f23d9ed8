import { equalJson, type Json, type KubeObject, type ResourceKey } from '../model/index.js';
import { ownersOfSteps } from './conflicts.js';
import { asObject } from './loose.js';
import { fieldManager } from './marks.js';
import { isSecret } from './mask.js';
import type { Desired, Resolution } from './types.js';

/** Which objects a rule is about: all that fit every field that it has. Names may hold `*`. */
export interface RuleScope {
  group?: string | undefined;
  kind?: string | undefined;
  name?: string | undefined;
  namespace?: string | undefined;
}

/** What is done about a field that Git wants to set and that somebody else owns. */
export interface ConflictRule extends RuleScope {
  /** `spec.replicas`; may hold `*`. */
  path?: string | undefined;
  /** May hold `*`. */
  manager?: string | undefined;
  action: 'take' | 'yield' | 'ignore' | 'block';
}

/** Differences that neither a diff shows nor a sync writes. */
export interface IgnoreRule extends RuleScope {
  /** RFC 6901 */
  pointers: string[];
  managers: string[];
  /** Whom the fields are left to, for rules that nobody wrote. */
  leftTo?: string | undefined;
}

export interface Rules {
  conflicts: readonly ConflictRule[];
  ignore: readonly IgnoreRule[];
}

export const noRules: Rules = { conflicts: [], ignore: [] };

/** Matches a text against a pattern in which `*` stands for any characters; takes time in proportion to both. */
export function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0] as string;
  const last = parts[parts.length - 1] as string;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function covers(rule: RuleScope, key: ResourceKey): boolean {
  return (
    (rule.group === undefined || rule.group === key.group) &&
    (rule.kind === undefined || rule.kind === key.kind) &&
    fits(rule.name, key.name) &&
    fits(rule.namespace, key.namespace)
  );
}

/** The rules that are about one object. */
export function rulesFor(rules: Rules, key: ResourceKey): Rules {
  return {
    conflicts: rules.conflicts.filter((rule) => covers(rule, key)),
    ignore: rules.ignore.filter((rule) => covers(rule, key)),
  };
}

const resolutions = { take: 'taken', yield: 'yielded', ignore: 'ignored', block: 'blocked' } as const;

/** What the rules of an object say about one conflict; undefined where the default rules decide. */
export function ruled(rules: Rules, path: string, manager: string): Resolution | undefined {
  const rule = rules.conflicts.find((one) => fits(one.path, path) && fits(one.manager, manager));
  if (rule !== undefined) return resolutions[rule.action];
  return rules.ignore.some((one) => one.managers.some((pattern) => fits(pattern, manager))) ? 'ignored' : undefined;
}

/** Replicas of what an autoscaler of the same set scales are its own: rules that nobody has to write. */
export function autoscalerRules(objects: readonly KubeObject[]): IgnoreRule[] {
  return objects.flatMap((object): IgnoreRule[] => {
    if (object.kind !== 'HorizontalPodAutoscaler' && object.kind !== 'ScaledObject') return [];
    const target = asObject(asObject(object['spec'])['scaleTargetRef']);
    if (typeof target['name'] !== 'string') return [];
    return [
      {
        kind: typeof target['kind'] === 'string' ? target['kind'] : 'Deployment',
        name: target['name'].replaceAll('*', ''),
        namespace: object.metadata.namespace ?? '',
        pointers: ['/spec/replicas'],
        managers: [],
        leftTo: `${object.kind}/${object.metadata.name ?? ''}`,
      },
    ];
  });
}

/** A difference that a rule leaves as it is. */
export interface Ignored {
  steps: (string | number)[];
  ours: Json;
  theirs: Json | undefined;
  /** Who else owns the field; '' where nobody does. */
  owner: string;
  rule: IgnoreRule;
}

/**
 * What to send so that ignored fields stay as they are in the cluster. A field that somebody else owns is
 * left out; one that only we own, or nobody, is sent with the value that it has, since leaving it out
 * would remove it.
 */
export function leaveIgnored(desired: Desired, live: KubeObject, rules: Rules): { send: KubeObject; ignored: Ignored[] } {
  let send = desired.object;
  const ignored: Ignored[] = [];
  for (const rule of rules.ignore) {
    for (const pointer of rule.pointers) {
      // Secrets are compared as they are stored.
      const steps = stepsOf(send, isSecret(send) ? pointer.replace(/^\/stringData\//, '/data/') : pointer);
      const ours = steps === undefined ? undefined : valueAt(send, steps);
      if (steps === undefined || ours === undefined) continue;
      const theirs = valueAt(live, steps);
      if (equalJson(ours, theirs)) continue;
      const others = ownersOfSteps(live.metadata.managedFields, live, steps).filter((manager) => manager !== fieldManager);
      send = put(send, steps, theirs === undefined || others.length > 0 ? undefined : theirs);
      ignored.push({ steps, ours, theirs, owner: others.join(', '), rule });
    }
  }
  return { send, ignored };
}

/** The steps of a JSON pointer: places in lists as numbers. Undefined where it leads into a scalar. */
function stepsOf(object: KubeObject, pointer: string): (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  let at: Json | undefined = object as unknown as Json;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) {
      if (!/^(0|[1-9][0-9]{0,8})$/.test(name)) return undefined;
      steps.push(Number(name));
      at = at[Number(name)];
    } else if (at !== null && typeof at === 'object') {
      steps.push(name);
      at = Object.hasOwn(at, name) ? at[name] : undefined;
    } else return undefined;
  }
  return steps;
}

function valueAt(object: KubeObject, steps: readonly (string | number)[]): Json | undefined {
  let at: Json | undefined = object as unknown as Json;
  for (const step of steps) {
    if (at === null || typeof at !== 'object') return undefined;
    at = Array.isArray(at) ? at[step as number] : Object.hasOwn(at, step) ? at[step as string] : undefined;
  }
  return at;
}

/** A copy with one value set, or with the field left out where the value is undefined. */
function put(object: KubeObject, steps: readonly (string | number)[], value: Json | undefined): KubeObject {
  const walk = (at: Json, depth: number): Json => {
    const step = steps[depth] as string | number;
    const last = depth === steps.length - 1;
    if (Array.isArray(at)) {
      if (last && value === undefined) return at.filter((_, index) => index !== step);
      return at.map((item, index) => (index === step ? (last ? (value as Json) : walk(item, depth + 1)) : item));
    }
    const out = { ...(at as { [key: string]: Json }) };
    if (!last) out[step as string] = walk(out[step as string] as Json, depth + 1);
    else if (value === undefined) delete out[step as string];
    else out[step as string] = value;
    return out;
  };
  return walk(object as unknown as Json, 0) as unknown as KubeObject;
}
