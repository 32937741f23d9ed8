import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtinResources } from '../facts.js';
import { type GoStruct, type GoType, kindStruct } from '../gotypes/types.js';
import { createSandbox } from '../index.js';
import type { Sandbox } from '../types.js';
import { type Client, clientOf } from './client.js';

let sandbox: Sandbox;
let call: Client;
beforeAll(async () => {
  sandbox = await createSandbox({ controllers: false });
  call = clientOf(sandbox.wire);
  await call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
afterAll(() => sandbox.close());

const texts = fc.constantFrom(
  '',
  'a',
  'Bad_',
  '1',
  '1Gi',
  '-1',
  '50%',
  'x.y/z',
  'TCP',
  'Always',
  'In',
  'None',
  '10.0.0.1',
  '2026-01-01T00:00:00Z',
  '$(A)',
  'é',
);
const numbers = fc.constantFrom(0, 1, -1, 80, 65536, 2147483647, -2147483648);

/** Values of a type as a client may send them: seldom sensible, always of the right JSON type. */
function valuesOf(type: GoType, depth: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'pointer':
      return fc.option(valuesOf(type.of, depth), { nil: null, freq: 6 });
    case 'string':
      return texts;
    case 'bool':
      return fc.boolean();
    case 'int':
    case 'float':
      return numbers;
    case 'bytes':
      return fc.constantFrom('', 'YQ==');
    case 'Quantity':
      return fc.constantFrom('1', '0', '-1', '1.5', '100m', '1Gi', '1e3', '99999999999999999999');
    case 'IntOrString':
      return fc.constantFrom<unknown>(0, 1, -1, '50%', 'http', '150%', '', 'x%');
    case 'Time':
      return fc.constantFrom('2026-01-01T00:00:00Z', null);
    case 'MicroTime':
      return fc.constantFrom('2026-01-01T00:00:00.000000Z', null);
    case 'Duration':
      return fc.constantFrom('1s', '');
    case 'list':
      return depth <= 0 ? fc.constant([]) : fc.array(valuesOf(type.of, depth - 1), { maxLength: 2 });
    case 'map':
      return depth <= 0 ? fc.constant({}) : fc.dictionary(texts, valuesOf(type.of, depth - 1), { maxKeys: 2 });
    case 'struct':
      return objectOf(type.struct, depth - 1);
    default:
      return fc.constantFrom<unknown>(null, {}, [], 'a', 1);
  }
}

function objectOf(struct: GoStruct, depth: number): fc.Arbitrary<{ [field: string]: unknown }> {
  if (depth <= 0) return fc.constant({});
  const fields: { [field: string]: fc.Arbitrary<unknown> } = {};
  for (const [name, field] of struct.fields)
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(name) || depth < 6)
      fields[name] = fc.option(valuesOf(field.type, depth), { nil: undefined, freq: 2 });
  return fc.record(fields, { requiredKeys: [] });
}

const resources = builtinResources().filter((r) => r.verbs.includes('create') && kindStruct(r.group, r.version, r.kind));

describe('objects of any content', () => {
  it.each(resources.map((r) => [`${r.group === '' ? '' : `${r.group}/`}${r.version} ${r.plural}`, r] as const))(
    '%s',
    async (_, resource) => {
      const { group, version, plural, kind, namespaced } = resource;
      const struct = kindStruct(group, version, kind) as GoStruct;
      const path = `${group === '' ? '/api' : `/apis/${group}`}/${version}${namespaced ? '/namespaces/default' : ''}/${plural}`;
      const unforeseen: string[] = [];
      const note = (body: { message?: string }, sent: unknown) => {
        if (body.message?.startsWith('Internal error occurred')) unforeseen.push(`${body.message}: ${JSON.stringify(sent)}`);
      };
      await fc.assert(
        fc.asyncProperty(objectOf(struct, 8), objectOf(struct, 8), async (first, second) => {
          const metadata = { name: 'fuzz' };
          note((await call('POST', path, { ...first, metadata })).body, first);
          for (const type of ['merge-patch+json', 'strategic-merge-patch+json'])
            note((await call('PATCH', `${path}/fuzz`, second, { 'content-type': `application/${type}` })).body, [first, second]);
          note((await call('GET', path, undefined, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' })).body, first);
          await call('DELETE', `${path}/fuzz?gracePeriodSeconds=0`);
          expect(unforeseen).toEqual([]);
        }),
        { numRuns: Number(process.env['FUZZ_RUNS'] ?? 8), endOnFailure: true, seed: Number(process.env['FUZZ_SEED'] ?? 1) },
      );
    },
  );
});
