import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareKeys,
  compareText,
  describeKey,
  formatKey,
  gvkOf,
  joinApiVersion,
  keyOf,
  parseApiVersion,
  parseKey,
  type ResourceKey,
} from './object.js';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const key: fc.Arbitrary<ResourceKey> = fc.record({
  group: fc.oneof(
    fc.constant(''),
    fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
  ),
  kind: fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,12}$/),
  namespace: fc.oneof(fc.constant(''), label),
  // Names of roles hold colons, and names that only some servers allow hold slashes.
  name: fc.oneof(label, fc.constantFrom('system:node', 'a/b', 'a:b/c', 'kubeadm:get-nodes')),
});

test('a key reads back from its text', () => {
  fc.assert(
    fc.property(key, (k) => {
      expect(parseKey(formatKey(k))).toEqual(k);
    }),
  );
});

test.each(['', 'Deployment', 'apps/Deployment', 'apps/Deployment:shop', 'apps/Deployment:shop/', '/:/x', 'a/b/C:d/e'])(
  '%j is no key',
  (text) => {
    expect(parseKey(text)).toBeUndefined();
  },
);

test('keys are of the form that the tracking annotation has', () => {
  expect(formatKey({ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' })).toBe('apps/Deployment:shop/web');
  expect(formatKey({ group: '', kind: 'Namespace', namespace: '', name: 'shop' })).toBe('/Namespace:/shop');
  expect(describeKey({ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' })).toBe('Deployment/web in shop');
  expect(describeKey({ group: '', kind: 'Namespace', namespace: '', name: 'shop' })).toBe('Namespace/shop');
});

test('apiVersion splits and joins', () => {
  fc.assert(
    fc.property(fc.constantFrom('', 'apps', 'networking.k8s.io'), fc.constantFrom('v1', 'v1beta2'), (group, version) => {
      expect(parseApiVersion(joinApiVersion(group, version))).toEqual({ group, version });
    }),
  );
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
  expect(gvkOf(object)).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
  expect(keyOf(object)).toEqual({ group: 'apps', kind: 'Deployment', namespace: '', name: 'web' });
});

test('keys are totally ordered, and only equal keys are as good as each other', () => {
  const hostile = fc.record({ group: fc.string(), kind: fc.string(), namespace: fc.string(), name: fc.string({ unit: 'binary' }) });
  fc.assert(
    fc.property(fc.oneof(key, hostile), fc.oneof(key, hostile), fc.oneof(key, hostile), (a, b, c) => {
      expect(compareKeys(a, b)).toBe(-compareKeys(b, a) + 0);
      expect(compareKeys(a, a)).toBe(0);
      if (compareKeys(a, b) === 0) expect(a).toEqual(b);
      if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
    }),
  );
  expect(['é', 'z', 'a', 'B'].sort(compareText)).toEqual(['B', 'a', 'z', 'é']);
});
