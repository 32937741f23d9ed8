import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvenkeelError } from '../model/index.js';
import { readRef } from './refs.js';
import { git, temporaryFolder } from './testing.js';
import type { Ref } from './types.js';

describe('readRef', () => {
  it('takes prefixes off and hashes in any case', () => {
    expect(readRef({ branch: 'refs/heads/feature/x' })).toEqual({ kind: 'branch', name: 'feature/x', ref: 'refs/heads/feature/x' });
    expect(readRef({ tag: 'v1' })).toEqual({ kind: 'tag', name: 'v1', ref: 'refs/tags/v1' });
    expect(readRef({ commit: 'ABCDEF0' })).toEqual({ kind: 'commit', hash: 'abcdef0', full: false });
    expect(readRef({ head: true })).toEqual({ kind: 'head' });
  });

  it.each([
    { branch: '' },
    { branch: '-x' },
    { branch: '--upload-pack=x' },
    { branch: 'a b' },
    { branch: 'a..b' },
    { branch: 'a:b' },
    { branch: 'a\nb' },
    { branch: 'a\0b' },
    { branch: '*' },
    { branch: '/a' },
    { branch: 'a.lock' },
    { tag: 'v1^{}' },
    { commit: 'HEAD' },
    { commit: 'abc' },
    { commit: '--all' },
    { commit: 'a'.repeat(41) },
    { branch: 'a', tag: 'b' },
    {},
  ])('refuses %j', (ref) => {
    expect(() => readRef(ref as Ref)).toThrowError(expect.objectContaining({ code: 'SOURCE_REF_INVALID' }));
  });

  it('accepts no name that git would refuse or take for an option', () => {
    const folder = temporaryFolder();
    const piece = fc.constantFrom(
      '-',
      '--',
      'refs/heads/',
      '..',
      '.',
      '@{',
      '@',
      '.lock',
      '/',
      '*',
      '^',
      '~',
      '\\',
      ' ',
      'a',
      'é',
      '\ud800',
      '\t',
    );
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.array(piece, { maxLength: 5 }).map((parts) => parts.join('')),
    );
    const accepted = new Set<string>();
    fc.assert(
      fc.property(name, fc.constantFrom('branch', 'tag', 'commit'), (text, kind) => {
        try {
          const wanted = readRef({ [kind]: text } as Ref);
          if (wanted.kind === 'commit') expect(wanted.hash).toMatch(/^[0-9a-f]+$/);
          else if (wanted.kind !== 'head') {
            expect(wanted.ref).toMatch(/^refs\/(?:heads|tags)\/[^-]/);
            accepted.add(wanted.ref);
          }
        } catch (error) {
          if (!(error instanceof EvenkeelError)) throw error;
          expect(error.code).toBe('SOURCE_REF_INVALID');
        }
      }),
      { numRuns: 2000 },
    );
    for (const ref of [...accepted].slice(0, 40))
      expect(() => git(folder.path, 'check-ref-format', ref), JSON.stringify(ref)).not.toThrow();
    folder.remove();
  });
});
