import { printable } from '../model/index.js';

/**
 * The texts of Warning headers (RFC 7234, section 5.5: `299 - "text"`), in order, without repeats. The
 * API server sends one header a warning; a proxy may have joined them with commas.
 */
export function decodeWarnings(header: string | string[] | undefined): string[] {
  const texts = new Set<string>();
  for (const line of header === undefined ? [] : Array.isArray(header) ? header : [header])
    for (const match of line.matchAll(/[0-9]{3} [^\s"]+ "((?:[^"\\]|\\.)*)"/gs)) {
      const text = fromLatin1((match[1] as string).replace(/\\(.)/gs, '$1'));
      if (text !== '') texts.add(printable(text));
    }
  return [...texts];
}

/** Node reads header bytes as Latin-1; the API server writes UTF-8. Text that is neither stays as it is. */
function fromLatin1(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of a byte
  if (!/[\u0080-\u00ff]/.test(text) || /[^\u0000-\u00ff]/.test(text)) return text;
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}
