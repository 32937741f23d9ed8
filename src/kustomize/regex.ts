import { RE2JS } from 're2js';
import { failure } from './errors.js';

const compiled = new Map<string, (text: string) => boolean>();
const mostCompiled = 1000;
const longestPattern = 10_000;

/**
 * A regular expression in Go's syntax, as a question whether it matches anywhere in a text. It takes time
 * linear in the text, whatever the pattern is.
 * @throws EvenkeelError KUSTOMIZE_REGEX_INVALID
 */
export function compileRegex(pattern: string): (text: string) => boolean {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const matches = compile(pattern);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(pattern, matches);
  return matches;
}

function compile(pattern: string): (text: string) => boolean {
  const literal = /^\^(?:\(\?:)?([A-Za-z0-9_/ -]*)\)?\$$/.exec(pattern);
  if (literal && pattern.includes('(?:') === pattern.includes(')')) return (text) => text === literal[1];
  if (pattern.length > longestPattern)
    throw failure('KUSTOMIZE_REGEX_INVALID', `a regular expression of ${pattern.length} characters is too long`);
  try {
    const expression = RE2JS.compile(pattern);
    return (text) => expression.matcher(text).find();
  } catch (error) {
    throw failure('KUSTOMIZE_REGEX_INVALID', error instanceof Error ? error.message : String(error), {
      hint: 'Regular expressions are written in the syntax of Go (RE2), without look-around and back references.',
    });
  }
}
