/** How Go writes and orders what stands in paths: the bytes of managedFields depend on it. */

/** Order of two texts by their UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return left >= 0xd800 && right >= 0xd800 ? byCodePoint(left) - byCodePoint(right) : left - right;
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others of 16 bits. */
function byCodePoint(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** JSON text as Go's encoder writes it: no spaces, keys sorted, `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  if (typeof value === 'string') return goString(value);
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (typeof value !== 'object') return String(value);
  const object = value as { [key: string]: unknown };
  return `{${Object.keys(object)
    .sort(compareBytes)
    .map((key) => `${goString(key)}:${goJson(object[key])}`)
    .join(',')}}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const plain = /^[^\u0000-\u001f"\\<>&\u2028\u2029\ud800-\udfff]*$/;

function goString(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  return JSON.stringify(text)
    .replace(/\\(b|f|.)/g, (whole, letter: string) => (letter === 'b' ? '\\u0008' : letter === 'f' ? '\\u000c' : whole))
    .replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const shortEscapes: { [c: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A text as Go's %q writes it. */
export function goQuote(text: string): string {
  let out = '"';
  for (const c of text) {
    const short = shortEscapes[c];
    const code = c.codePointAt(0) as number;
    if (short !== undefined) out += short;
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code < 0x7f || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(c)) out += c;
    else out += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return `${out}"`;
}

/** A number as Go's %v writes a float64, which every number in a path is: an exponent from 1e+06 on. */
export function goNumber(value: number | bigint): string {
  const [digits, exponent] = Number(value).toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
