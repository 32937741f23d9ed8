/** What names may look like, so that every object has a path on the API server. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const notInPath = /[\u0000-\u0020\u007f-\u00a0/%\u200b-\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/**
 * Why a text cannot be an object's name, or undefined where it can. Kinds differ in what they allow (RBAC
 * takes colons and capitals), so only what no kind allows is refused here.
 */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return 'it would be a step in a path';
  if (name.length > 253) return 'it is longer than 253 characters';
  return notInPath.test(name) ? 'it holds a space, a control character, / or %' : undefined;
}

/** A namespace is an RFC 1123 label. */
export function namespaceProblem(name: string): string | undefined {
  if (name.length > 63) return 'it is longer than 63 characters';
  return label.test(name) ? undefined : 'only lower-case letters, digits and - are allowed, with a letter or digit at both ends';
}

/** `v1` or `group/version`. */
export function isApiVersion(text: string): boolean {
  return text.length <= 253 + 64 && /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(text);
}

export function isKind(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z](?:[-A-Za-z0-9]*[A-Za-z0-9])?$/.test(text);
}
