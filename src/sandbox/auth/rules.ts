/** One rule of a role, as RBAC has it. */
export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** What somebody wants to do. */
export interface Access {
  verb: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** Set for requests that are about no resource. */
  path?: string;
}

const has = (list: readonly string[] | undefined, value: string) => list?.some((v) => v === '*' || v === value) ?? false;

/** Whether a rule allows an access. */
export function ruleAllows(rule: PolicyRule, access: Access): boolean {
  if (!has(rule.verbs, access.verb)) return false;
  const { path } = access;
  if (path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, path));
  if (!has(rule.apiGroups, access.group ?? '')) return false;
  const { resource = '', subresource, name } = access;
  const whole = subresource ? `${resource}/${subresource}` : resource;
  const names = rule.resourceNames ?? [];
  return (
    (rule.resources ?? []).some((r) => resourceMatches(r, whole)) && (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

function resourceMatches(pattern: string, whole: string): boolean {
  const slash = whole.indexOf('/');
  return pattern === '*' || pattern === whole || (slash >= 0 && pattern === `*${whole.slice(slash)}`);
}

function pathMatches(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}

/** What rules are not covered by rules that somebody has, each broken down to one verb of one thing, then put together again. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return compact(wanted.flatMap(brokenDown).filter((rule) => !held.some((own) => covers(own, rule))));
}

function brokenDown(rule: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = [];
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs) {
        const one = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if ((rule.resourceNames ?? []).length === 0) out.push(one);
        for (const name of rule.resourceNames ?? []) out.push({ ...one, resourceNames: [name] });
      }
  for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs) out.push({ verbs: [verb], nonResourceURLs: [url] });
  return out;
}

/** Whether a rule allows all that another one, which is broken down, allows. */
function covers(own: PolicyRule, wanted: PolicyRule): boolean {
  const [verb = ''] = wanted.verbs;
  if (!has(own.verbs, verb)) return false;
  const [url] = wanted.nonResourceURLs ?? [];
  if (url !== undefined)
    return (own.nonResourceURLs ?? []).some((p) => p === url || p === '*' || (p.endsWith('*') && url.startsWith(p.slice(0, -1))));
  const [name] = wanted.resourceNames ?? [];
  const names = own.resourceNames ?? [];
  return (
    has(own.apiGroups, wanted.apiGroups?.[0] ?? '') &&
    (own.resources ?? []).some((r) => resourceMatches(r, wanted.resources?.[0] ?? '')) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

/** Rules of the same thing as one, with the verbs of all. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const out: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const before = rule.nonResourceURLs ? undefined : simple.get(key);
    if (before) before.verbs.push(...rule.verbs.filter((v) => !before.verbs.includes(v)));
    else {
      const copy = { ...rule, verbs: [...rule.verbs] };
      if (!rule.nonResourceURLs) simple.set(key, copy);
      out.push(copy);
    }
  }
  return out;
}

/** A rule on one line: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}` */
export function describeRule(rule: PolicyRule): string {
  const parts: string[] = [];
  const add = (name: string, values: readonly string[] | undefined) => {
    if (values && values.length > 0) parts.push(`${name}:${goList(values)}`);
  };
  add('APIGroups', rule.apiGroups);
  add('Resources', rule.resources);
  add('NonResourceURLs', rule.nonResourceURLs);
  add('ResourceNames', rule.resourceNames);
  add('Verbs', rule.verbs);
  return `{${parts.join(', ')}}`;
}

/** `["a" "b"]` */
export const goList = (values: readonly string[]): string => `[${values.map((v) => JSON.stringify(v)).join(' ')}]`;
