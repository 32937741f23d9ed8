const quoted = (c: string) => (c === "'" ? "'\\''" : c === '"' ? `'"'` : `'${JSON.stringify(c).slice(1, -1)}'`);
const kinds: { [kind: string]: string } = { string: 'string', number: 'number', boolean: 'bool' };

/** Why Go would not read a text as a JSON map, in its words; undefined where it does. */
export function goJsonProblem(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const at = Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? Number.NaN);
    const trimmed = text.trim();
    if (trimmed === '' || Number.isNaN(at) || at >= text.length) {
      const first = trimmed[0];
      if (first === undefined || /[{["\d-]/.test(first)) return 'unexpected end of JSON input';
      return `invalid character ${quoted(first)} looking for beginning of value`;
    }
    const c = text[at] as string;
    if (text.slice(0, at).trim() === '') return `invalid character ${quoted(c)} looking for beginning of value`;
    return `invalid character ${quoted(c)} ${place(text.slice(0, at).trimEnd())}`;
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  return `json: cannot unmarshal ${Array.isArray(value) ? 'array' : kinds[typeof value]} into Go value of type map[string]interface {}`;
}

function place(before: string): string {
  const last = before.at(-1);
  if (last === '{') return 'looking for beginning of object key string';
  if (last === ',' || last === ':' || last === '[') return 'looking for beginning of value';
  const opened = before.lastIndexOf('{') > before.lastIndexOf('[');
  return opened ? 'after object key:value pair' : before.includes('[') ? 'after array element' : 'after top-level value';
}
