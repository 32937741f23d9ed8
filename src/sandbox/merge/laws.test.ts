import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasPath, parseFields, pathsOf, resolvePath } from '../../manifest/index.js';
import { equalJson, type KubeObject } from '../../model/index.js';
import { gadget, gadgetSchema, now } from './fixtures.js';
import { ApplyConflict, serverSideApply, trackUpdate } from './index.js';

const names = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('1', '2');
const part = (n: fc.Arbitrary<number>) => fc.record({ n, tags: fc.dictionary(names, value, { maxKeys: 2 }) }, { requiredKeys: [] });

/** Specs of gadgets with every kind of field: lists by key, sets, atomic and granular maps, scalars. */
const spec = fc.record(
  {
    parts: fc
      .dictionary(names, part(fc.integer({ min: 1, max: 2 })), { maxKeys: 3 })
      .map((parts) => Object.entries(parts).map(([name, rest]) => ({ name, ...rest }))),
    labels: fc.uniqueArray(names, { maxLength: 3 }),
    box: fc.record({ a: value, b: value }, { requiredKeys: [] }),
    options: fc.dictionary(names, value, { maxKeys: 3 }),
    size: fc.integer({ min: 1, max: 2 }),
    plain: fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

/** What is left empty by removing is taken out, as decoding into a type does it. */
function decoded(object: KubeObject): KubeObject {
  const clean = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(clean);
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(Object.entries(v).flatMap(([key, member]) => (member === null ? [] : [[key, clean(member)]])));
  };
  const { metadata, ...rest } = object;
  return { ...(clean(rest) as KubeObject), metadata };
}

function apply(live: KubeObject | undefined, applied: object, manager: string, force = true): KubeObject {
  const result = serverSideApply({
    schema: gadgetSchema,
    applied: gadget(applied),
    manager,
    time: now,
    force,
    ...(live === undefined ? {} : { live }),
  });
  return decoded(result.object);
}

const owned = (object: KubeObject, manager: string) =>
  parseFields(object.metadata.managedFields?.find((e) => e.manager === manager)?.fieldsV1);

describe('laws of apply', () => {
  test('applying twice changes nothing', () => {
    fc.assert(
      fc.property(spec, spec, (base, mine) => {
        const live = apply(apply(undefined, base, 'other'), mine, 'me');
        const again = serverSideApply({
          schema: gadgetSchema,
          live,
          applied: gadget(mine),
          manager: 'me',
          time: now + 60_000,
          force: true,
        });
        expect(decoded(again.object)).toEqual(live);
      }),
    );
  });

  test('force always wins: what is applied is there, and is owned', () => {
    fc.assert(
      fc.property(spec, spec, (base, mine) => {
        const live = apply(apply(undefined, base, 'other'), mine, 'me');
        const alone = apply(undefined, mine, 'me');
        for (const path of pathsOf(owned(alone, 'me'))) {
          expect(hasPath(owned(live, 'me'), path)).toBe(true);
          const wanted = resolvePath(alone, path);
          if (wanted === null || typeof wanted !== 'object') expect(resolvePath(live, path)).toEqual(wanted);
        }
      }),
    );
  });

  test('without force, an apply either conflicts or takes nothing from anybody', () => {
    fc.assert(
      fc.property(spec, spec, (base, mine) => {
        const before = apply(undefined, base, 'other');
        let after: KubeObject;
        try {
          after = apply(before, mine, 'me', false);
        } catch (error) {
          expect(error).toBeInstanceOf(ApplyConflict);
          for (const conflict of (error as ApplyConflict).conflicts) expect(hasPath(owned(before, 'other'), conflict.path)).toBe(true);
          return;
        }
        for (const path of pathsOf(owned(before, 'other'))) expect(hasPath(owned(after, 'other'), path)).toBe(true);
      }),
    );
  });

  test('who applies and then gives up leaves what others own as it was', () => {
    fc.assert(
      fc.property(spec, spec, (base, mine) => {
        const before = apply(undefined, base, 'other');
        let between: KubeObject;
        try {
          between = apply(before, mine, 'me', false);
        } catch {
          return;
        }
        const { metadata, ...content } = decoded(
          serverSideApply({ schema: gadgetSchema, live: between, applied: gadget(), manager: 'me', time: now }).object,
        );
        expect(metadata.managedFields?.some((e) => e.manager === 'me')).toBeFalsy();
        for (const path of pathsOf(owned(before, 'other'))) {
          const was = resolvePath(before, path);
          if (was === null || typeof was !== 'object') expect(equalJson(resolvePath({ metadata, ...content }, path), was)).toBe(true);
        }
        for (const path of pathsOf(owned(between, 'me'))) {
          const ends = path[path.length - 1]?.startsWith('f:') ?? false;
          const covered = path.some((_, i) => hasPath(owned(before, 'other'), path.slice(0, i + 1)));
          if (ends && !covered && typeof resolvePath(between, path) === 'string') expect(resolvePath(content, path)).toBeUndefined();
        }
      }),
    );
  });

  test('after any writes, every owned field exists and inputs are as they were', () => {
    const writes = fc.array(fc.record({ spec, manager: fc.constantFrom('one', 'two', 'three'), update: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(writes, (list) => {
        let live: KubeObject | undefined;
        for (const write of list) {
          const before = structuredClone(live);
          const next = write.update
            ? decoded(
                trackUpdate({
                  schema: gadgetSchema,
                  next: { ...gadget(write.spec), metadata: { ...live?.metadata, name: 'g' } },
                  manager: write.manager,
                  time: now,
                  ...(live ? { live } : {}),
                }).object,
              )
            : apply(live, write.spec, write.manager);
          expect(live).toEqual(before);
          live = next;
        }
        for (const entry of live?.metadata.managedFields ?? [])
          for (const path of pathsOf(parseFields(entry.fieldsV1))) {
            const atom = path[path.length - 1] as string;
            // An empty structure that somebody applied stays in his set though decoding leaves it out.
            if (atom.startsWith('k:') || atom.startsWith('v:')) expect(resolvePath(live, path)).toBeDefined();
          }
      }),
    );
  });
});
