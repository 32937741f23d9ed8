import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  difference,
  equalSets,
  type FieldSet,
  fieldElement,
  fieldSetFrom,
  hasPath,
  indexElement,
  intersection,
  isSubset,
  keyElement,
  leaves,
  parseElement,
  parseFields,
  pathsOf,
  recursiveDifference,
  setSize,
  union,
  valueElement,
  writeFields,
} from './index.js';

const scalar = fc.oneof(fc.string({ maxLength: 3 }), fc.integer(), fc.boolean());
const element = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '__proto__', 'é').map(fieldElement),
  fc.string({ maxLength: 4 }).map(fieldElement),
  fc
    .array(fc.tuple(fc.constantFrom('name', 'port'), scalar), { minLength: 1, maxLength: 2 })
    .map((pairs) => keyElement([...new Map(pairs)])),
  scalar.map(valueElement),
  fc.nat(20).map(indexElement),
);
const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 12 });
const set = paths.map((p) => fieldSetFrom(p));

/** A set as the texts of its paths. */
const texts = (s: FieldSet) => new Set(pathsOf(s).map((path) => JSON.stringify(path)));
const same = (s: FieldSet, wanted: Iterable<string>) => expect([...texts(s)].sort()).toEqual([...wanted].sort());

describe('laws of field sets', () => {
  test('parsing what was written gives the same set', () => {
    fc.assert(
      fc.property(set, (s) => {
        const written = JSON.parse(JSON.stringify(writeFields(s)));
        expect(equalSets(parseFields(written), s)).toBe(true);
        expect(JSON.stringify(writeFields(parseFields(written)))).toBe(JSON.stringify(written));
      }),
    );
  });

  test('elements are canonical', () => {
    fc.assert(
      fc.property(element, (e) => {
        expect(parseElement(e)).toBe(e);
      }),
    );
  });

  test('a set has what it was made of, and as much', () => {
    fc.assert(
      fc.property(paths, (p) => {
        const s = fieldSetFrom(p);
        for (const path of p) expect(hasPath(s, path)).toBe(true);
        expect(setSize(s)).toBe(new Set(p.map((path) => JSON.stringify(path))).size);
      }),
    );
  });

  test('union, intersection and difference are those of sets of paths', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const left = texts(a);
        const right = texts(b);
        same(union(a, b), new Set([...left, ...right]));
        same(
          intersection(a, b),
          [...left].filter((path) => right.has(path)),
        );
        same(
          difference(a, b),
          [...left].filter((path) => !right.has(path)),
        );
        expect(isSubset(a, b)).toBe([...left].every((path) => right.has(path)));
        expect(equalSets(union(a, b), union(b, a))).toBe(true);
        expect(equalSets(union(difference(a, b), intersection(a, b)), a)).toBe(true);
      }),
    );
  });

  test('recursive difference takes whole branches', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const kept = pathsOf(a).filter((path) => !path.some((_, i) => hasPath(b, path.slice(0, i + 1))));
        same(
          recursiveDifference(a, b),
          kept.map((path) => JSON.stringify(path)),
        );
      }),
    );
  });

  test('leaves have nothing below them', () => {
    fc.assert(
      fc.property(set, (s) => {
        const all = pathsOf(s);
        const below = (path: readonly string[]) => all.some((other) => other.length > path.length && path.every((e, i) => e === other[i]));
        same(
          leaves(s),
          all.filter((path) => !below(path)).map((path) => JSON.stringify(path)),
        );
      }),
    );
  });
});
