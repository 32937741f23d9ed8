/** A simple JSON path as printer columns have it: `.spec.a`, `.status.conditions[?(@.type=="Ready")].status`, `.a[0].b`, `.a[*]`. */
export function evaluatePath(path: string, root: unknown): unknown[] {
  let values: unknown[] = [root];
  const step = /\.(?:([\w-]+)|\['?([^'\]]+)'?\])|\[(\d+|\*|'[^']*'|"[^"]*"|\?\(@([^=!<>]*)(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^)]+))\))\]/y;
  const text = path.replace(/\\\./g, '\u0000');
  let at = 0;
  while (at < text.length) {
    step.lastIndex = at;
    const match = step.exec(text);
    if (!match) return [];
    at = step.lastIndex;
    const key = (match[1] ?? match[2])?.replaceAll('\u0000', '.');
    if (key !== undefined) values = values.flatMap((v) => member(v, key));
    else if (match[4] !== undefined) values = values.flatMap((v) => filter(v, match as unknown as string[]));
    else if (match[3] === '*')
      values = values.flatMap((v) => (Array.isArray(v) ? v : v !== null && typeof v === 'object' ? Object.values(v) : []));
    else if (/^\d+$/.test(match[3] as string))
      values = values.flatMap((v) => (Array.isArray(v) && Number(match[3]) < v.length ? [v[Number(match[3])] as unknown] : []));
    else values = values.flatMap((v) => member(v, (match[3] as string).slice(1, -1).replaceAll('\u0000', '.')));
  }
  return values;
}

function member(value: unknown, key: string): unknown[] {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, key)
    ? [(value as { [key: string]: unknown })[key]]
    : [];
}

function filter(value: unknown, match: string[]): unknown[] {
  if (!Array.isArray(value)) return [];
  const wanted = match[6] ?? match[7] ?? (match[8] as string).trim();
  return value.filter((item) => {
    const found = evaluatePath(match[4] as string, item)[0];
    return (found !== undefined && String(found) === wanted) === (match[5] === '==');
  });
}
