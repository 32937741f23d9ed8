/**
 * Whether a path fits a pattern: `*` and `?` within a name, `**` over folders, `[a-c]` one of some, `{a,b}`
 * alternatives. Takes time proportional to pattern and path, whatever the pattern.
 */
export function matcher(pattern: string): (path: string) => boolean {
  const alternatives = braces(pattern.slice(0, 1000)).map((one) => one.split('/').filter((part) => part !== '' && part !== '.'));
  return (path) => {
    const names = path.split('/');
    return alternatives.some((parts) => matchParts(parts, names));
  };
}

const MOST_ALTERNATIVES = 100;

/** `a{b,c}` as `ab` and `ac`; more alternatives than a person would write stay as they are. */
function braces(pattern: string): string[] {
  let open: string[] = [pattern];
  for (let turn = 0; turn < 10; turn++) {
    const next = open.flatMap((one) => {
      const found = /\{([^{}]*,[^{}]*)\}/.exec(one);
      if (found === null) return [one];
      return (found[1] as string).split(',').map((part) => one.slice(0, found.index) + part + one.slice(found.index + found[0].length));
    });
    if (next.length > MOST_ALTERNATIVES || next.length === open.length) return open;
    open = next;
  }
  return open;
}

/** By rows, one for each part of the pattern: which beginnings of the path it can have used up. */
function matchParts(parts: readonly string[], names: readonly string[]): boolean {
  let reached = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    if (part === '**') {
      const from = Math.min(...reached);
      for (let at = from; at <= names.length; at++) next.add(at);
    } else for (const at of reached) if (at < names.length && matchName(part, names[at] as string)) next.add(at + 1);
    if (next.size === 0) return false;
    reached = next;
  }
  return reached.has(names.length);
}

function matchName(part: string, name: string): boolean {
  let reached = [0];
  for (let at = 0; at < part.length; ) {
    const c = part[at] as string;
    const set = c === '[' ? /^\[(!?)([^\]]+)\]/.exec(part.slice(at)) : null;
    if (c === '*') {
      const from = reached[0] as number;
      reached = Array.from({ length: name.length - from + 1 }, (_, i) => from + i);
    } else reached = reached.filter((i) => i < name.length && fits(c, set, name[i] as string)).map((i) => i + 1);
    if (reached.length === 0) return false;
    at += set === null ? 1 : set[0].length;
  }
  return reached.includes(name.length);
}

function fits(c: string, set: RegExpExecArray | null, given: string): boolean {
  if (set === null) return c === '?' || c === given;
  let inside = false;
  for (const [, low, high] of (set[2] as string).matchAll(/(.)(?:-(.))?/g))
    inside ||= given >= (low as string) && given <= (high ?? (low as string));
  return inside !== (set[1] === '!');
}
