import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from './glob.js';

describe('compileGlob', () => {
  it.each([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'x/y/a.yaml', true],
    ['*.yaml', 'a.yml', false],
    ['/*.yaml', 'x/a.yaml', false],
    ['/*.yaml', 'a.yaml', true],
    ['./a/*.yaml', 'a/b.yaml', true],
    ['a/*.yaml', 'a/b/c.yaml', false],
    ['a/**/*.yaml', 'a/b/c.yaml', true],
    ['a/**/*.yaml', 'a/c.yaml', true],
    ['**/c.yaml', 'c.yaml', true],
    ['**', 'a/b', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'ab/c', false],
    ['sub', 'x/sub/a.yaml', true],
    ['sub/', 'x/sub/a.yaml', true],
    ['x/sub', 'x/sub/a/b.yaml', true],
    ['?.yaml', 'a.yaml', true],
    ['?.yaml', '😀.yaml', true],
    ['?.yaml', 'ab.yaml', false],
    ['[a-c].yaml', 'b.yaml', true],
    ['[!a-c].yaml', 'b.yaml', false],
    ['[^a-c].yaml', 'd.yaml', true],
    ['[]a].yaml', '].yaml', true],
    ['[a-].yaml', '-.yaml', true],
    ['{a,b}.{yaml,yml}', 'b.yml', true],
    ['{a,b}.{yaml,yml}', 'c.yml', false],
    ['{dev,test/{x,y}}/*', 'test/y/z', true],
    ['\\*.yaml', '*.yaml', true],
    ['\\*.yaml', 'a.yaml', false],
    ['a\\{b\\}', 'a{b}', true],
    ['values*.yaml', 'values-prod.yaml', true],
    ['a.b', 'aXb', false],
  ])('%s against %s: %s', (pattern, path, expected) => expect(compileGlob(pattern)(path)).toBe(expected));

  it.each(['', '/', '[a', 'a{b', 'a}b', 'a\\', '{a,b}'.repeat(12)])('refuses %j', (pattern) =>
    expect(() => compileGlob(pattern)).toThrow(expect.objectContaining({ code: 'MANIFEST_GLOB_INVALID' })),
  );

  it('stays quick on patterns made to be slow', () => {
    const name = 'a'.repeat(2000);
    expect(compileGlob(`${'*a'.repeat(200)}b`)(name)).toBe(false);
    expect(compileGlob(`${'**/a/'.repeat(50)}b`)(Array(300).fill('a').join('/'))).toBe(false);
  });

  it('takes a text without special characters as itself', () => {
    const plain = fc.stringMatching(/^[a-z0-9_.-]{1,8}$/).filter((name) => name !== '.');
    fc.assert(
      fc.property(plain, plain, (pattern, name) => {
        expect(compileGlob(`/${pattern}`)(name)).toBe(pattern === name);
      }),
    );
  });
});
