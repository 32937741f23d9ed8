import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox } from '../index.js';
import type { Sandbox } from '../types.js';
import { type Client, clientOf, configMap, inDefault, mergeType } from './client.js';

let sandbox: Sandbox;
let call: Client;
const maps = inDefault('configmaps');

beforeEach(async () => {
  sandbox = await createSandbox({ controllers: false });
  call = clientOf(sandbox.wire);
});
afterEach(() => sandbox.close());

const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map((o) => o.metadata.name);

describe('pages', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await call('POST', maps, configMap(name, { v: '1' }));
  });

  it('show the state of the first page, whatever happens between them', async () => {
    const first = (await call('GET', `${maps}?limit=2`)).body;
    expect(first.metadata.remainingItemCount).toBe(3);
    await call('DELETE', `${maps}/c`);
    await call('PATCH', `${maps}/d`, { data: { v: '2' } }, mergeType);
    await call('POST', maps, configMap('bb'));
    const second = (await call('GET', `${maps}?limit=2&continue=${first.metadata.continue}`)).body;
    expect(names(second)).toEqual(['c', 'd']);
    expect(second.items[1].data.v).toBe('1');
    expect(second.metadata).toMatchObject({ resourceVersion: first.metadata.resourceVersion, remainingItemCount: 1 });
    const third = (await call('GET', `${maps}?limit=2&continue=${second.metadata.continue}`)).body;
    expect(names(third)).toEqual(['e']);
    expect(third.metadata).not.toHaveProperty('continue');
    expect(third.metadata).not.toHaveProperty('remainingItemCount');
  });

  it('say no number where a selector chooses, and continue while keys remain', async () => {
    const { body } = await call('GET', `${maps}?limit=1&fieldSelector=metadata.name!=a`);
    expect(names(body)).toEqual(['b']);
    expect(body.metadata).not.toHaveProperty('remainingItemCount');
    const last = await call('GET', `${maps}?limit=4&fieldSelector=metadata.name!=e`);
    expect(names(last.body)).toEqual(['a', 'b', 'c', 'd']);
    const rest = await call('GET', `${maps}?limit=4&fieldSelector=metadata.name!=e&continue=${last.body.metadata.continue}`);
    expect(names(rest.body)).toEqual([]);
  });

  it('begin anew, or go on inconsistently, where the state is forgotten', async () => {
    const { body } = await call('GET', `${maps}?limit=2`);
    for (let i = 0; i < 8200; i++) await call('PATCH', `${maps}/a`, { data: { v: String(i) } }, mergeType);
    await call('DELETE', `${maps}/d`);
    const gone = await call('GET', `${maps}?limit=2&continue=${body.metadata.continue}`);
    expect(gone.body).toMatchObject({ code: 410, reason: 'Expired' });
    const onwards = await call('GET', `${maps}?limit=9&continue=${gone.body.metadata.continue}`);
    expect(names(onwards.body)).toEqual(['c', 'e']);
    const old = await call('GET', `${maps}?resourceVersion=${body.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(old.body).toMatchObject({ code: 410, message: 'The resourceVersion for the provided list is too old.' });
  });

  it('refuse tokens that they did not write', async () => {
    const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const message = async (text: string) => {
      const { status, body } = await call('GET', `${maps}?limit=1&continue=${text}`);
      expect(status).toBe(400);
      return body.message as string;
    };
    expect(await message('%25')).toBe('invalid continue token: continue key is not valid: illegal base64 data at input byte 0');
    expect(await message(token({ v: 'x', rv: 1, start: 'a' }))).toContain('server does not recognize this encoded version x');
    expect(await message(token({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' }))).toContain('incorrect encoded start resourceVersion');
    expect(await message(token({ v: 'meta.k8s.io/v1', rv: 1, start: '../x' }))).toContain('continue key is not valid: ../x');
  });
});

describe('versions', () => {
  it('are looked up exactly, at least, or at all', async () => {
    const first = (await call('POST', maps, configMap('a', { v: '1' }))).body.metadata.resourceVersion as string;
    await call('PATCH', `${maps}/a`, { data: { v: '2' } }, mergeType);
    const value = async (query: string) => (await call('GET', `${maps}?${query}`)).body.items[0].data.v as string;
    expect(await value(`resourceVersion=${first}&resourceVersionMatch=Exact`)).toBe('1');
    expect(await value(`resourceVersion=${first}&limit=5`)).toBe('1');
    expect(await value(`resourceVersion=${first}`)).toBe('2');
    expect(await value(`resourceVersion=${first}&resourceVersionMatch=NotOlderThan&limit=5`)).toBe('2');
    expect(await value('resourceVersion=0&limit=1')).toBe('2');
  });

  it.each([
    ['resourceVersion=99999', 504, 'Timeout: Too large resource version: 99999, current: '],
    ['resourceVersion=x', 500, 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'],
    ['resourceVersion=x&limit=1', 400, 'invalid resource version: resourceVersion: Invalid value: "x"'],
    ['limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['limit=99999999999999999999', 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
    ['resourceVersionMatch=Exact&resourceVersion=0', 422, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
    ['sendInitialEvents=true', 422, 'sendInitialEvents is forbidden for list'],
    ['watch=1&resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden for watch'],
    ['watch=1&sendInitialEvents=true', 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    ['watch=1&resourceVersion=x', 500, 'strconv.ParseUint: parsing "x": invalid syntax'],
    ['fieldSelector=data.x%3D1', 400, '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ])('%s is answered %i', async (query, status, message) => {
    const answer = await call('GET', `${maps}?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(message);
  });

  it('of single objects may be to come too', async () => {
    await call('POST', maps, configMap('a'));
    expect((await call('GET', `${maps}/a?resourceVersion=99999`)).status).toBe(504);
    expect((await call('GET', `${maps}/a?resourceVersion=0`)).status).toBe(200);
  });
});

describe('watches', () => {
  const read = async (query: string) => {
    const answer = await call('GET', `${maps}?watch=1&timeoutSeconds=1&${query}`);
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { type: string; object: { code?: number; message?: string; metadata: { name?: string } } });
  };

  it('tell in an event what cannot be watched from', async () => {
    const restarted = await read('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=9999');
    expect(restarted).toMatchObject([{ type: 'ERROR', object: { code: 504 } }]);
    await call('POST', maps, configMap('a'));
    for (let i = 0; i < 8200; i++) await call('PATCH', `${maps}/a`, { data: { v: String(i) } }, mergeType);
    expect(await read('resourceVersion=2')).toMatchObject([
      { type: 'ERROR', object: { code: 410, message: expect.stringMatching(/^too old resource version: 2 \(\d+\)$/) } },
    ]);
  });

  it('begin without what is there where no initial events are asked for', async () => {
    await call('POST', maps, configMap('a'));
    expect(await read('sendInitialEvents=false&resourceVersionMatch=NotOlderThan')).toEqual([]);
    expect(await read('resourceVersion=0')).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'a' } } }]);
    expect(await read('resourceVersion=99999')).toEqual([]);
  });
});
