import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonProblem } from './json-problem.js';

describe('what is wrong with a JSON text', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['-', "invalid character ' ' in numeric literal"],
    ['x', "invalid character 'x' looking for beginning of value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e+', "invalid character ' ' in exponent of numeric literal"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['01', "invalid character '1' after top-level value"],
    ['trve', "invalid character 'v' in literal true (expecting 'u')"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['['.repeat(10_001), 'exceeded max depth'],
  ])('%j', (text, problem) => expect(jsonProblem(text)).toBe(problem));

  it('finds nothing wrong with what JSON is', () => fc.assert(fc.property(fc.json(), (text) => jsonProblem(` ${text}\n`) === undefined)));

  it('agrees with JSON.parse on what is none', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:.-+0123eE\\tfnul ') }), (text) => {
        let reads = true;
        try {
          JSON.parse(text);
        } catch {
          reads = false;
        }
        return (jsonProblem(text) === undefined) === reads;
      }),
      { numRuns: 2000 },
    ));
});
