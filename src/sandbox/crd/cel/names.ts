const reserved = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);

const escapes: { [text: string]: string } = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** The identifier by which rules name a property; undefined for names that rules cannot reach. */
export function identifierOf(property: string): string | undefined {
  if (property === '' || /^[0-9]/.test(property) || /[^A-Za-z0-9_./-]/.test(property)) return undefined;
  if (reserved.has(property)) return `__${property}__`;
  return property.replace(/__|[-./]/g, (text) => escapes[text] as string);
}
