/**
 * Character classes of YAML 1.1 as libyaml, and so kubectl, draws them. The text that is scanned ends in
 * NUL, which stands for the end of the stream: a NUL inside a document is refused beforehand.
 */

export const TAB = 9;
export const SPACE = 32;

export function isBreak(c: number): boolean {
  return c === 10 || c === 13 || c === 0x85 || c === 0x2028 || c === 0x2029;
}

export function isBlank(c: number): boolean {
  return c === SPACE || c === TAB;
}

export function isBreakOrEnd(c: number): boolean {
  return c === 0 || isBreak(c);
}

export function isBlankOrEnd(c: number): boolean {
  return c === SPACE || c === TAB || c === 0 || isBreak(c);
}

/** Characters of anchors and of tag handles. */
export function isWord(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 45;
}

export function isFlowIndicator(c: number): boolean {
  return c === 44 || c === 91 || c === 93 || c === 123 || c === 125;
}

export function hexValue(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Offset of the first character that no YAML stream may hold, or -1. */
export function findForbidden(text: string): number {
  return text.search(forbidden);
}
