import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../test/kube/support/server.js';
import { explainFailure } from './failure.js';
import { expiryNote } from './http/expiry.js';
import { refusalError } from './status.js';
import { decodeWarnings } from './warnings.js';

const refused = (http: number, body: unknown, note?: string) =>
  refusalError({
    status: http,
    text: typeof body === 'string' ? body : JSON.stringify(body),
    cluster: 'prod',
    where: {},
    ...(note === undefined ? {} : { note }),
  });
const status = (reason: string, message: string, causes?: object[]) => ({ kind: 'Status', reason, message, details: { causes } });

describe('answers of refusal', () => {
  const cases: [what: string, http: number, body: unknown, code: string, hint: RegExp, transient?: boolean][] = [
    ['wrong credentials', 401, status('Unauthorized', 'Unauthorized'), 'KUBE_UNAUTHORIZED', /sign in again/],
    ['no permission', 403, status('Forbidden', 'pods is forbidden'), 'KUBE_FORBIDDEN', /permission/],
    [
      'a namespace that is going',
      403,
      status('Forbidden', 'forbidden: unable to create new content in namespace x because it is being terminated', [
        { reason: 'NamespaceTerminating' },
      ]),
      'KUBE_FORBIDDEN',
      /being deleted/,
      true,
    ],
    ['a quota', 403, status('Forbidden', 'exceeded quota: q'), 'KUBE_FORBIDDEN', /ResourceQuota/],
    [
      'a webhook that refuses',
      400,
      status('BadRequest', 'admission webhook "w.example" denied the request: no'),
      'KUBE_BAD_REQUEST',
      /w\.example/,
    ],
    [
      'an unserved type',
      404,
      status('NotFound', 'the server could not find the requested resource'),
      'KUBE_NOT_FOUND',
      /CustomResourceDefinition/,
    ],
    [
      'a field conflict',
      409,
      status('Conflict', 'Apply failed', [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }]),
      'KUBE_CONFLICT',
      /force/,
    ],
    ['a version conflict', 409, status('Conflict', 'the object has been modified'), 'KUBE_CONFLICT', /read it again/],
    ['an existing object', 409, status('AlreadyExists', 'pods "a" already exists'), 'KUBE_ALREADY_EXISTS', /^$/],
    ['an immutable field', 422, status('Invalid', 'spec.selector: field is immutable'), 'KUBE_INVALID', /created anew/],
    [
      'a webhook that is down',
      500,
      status('InternalError', 'failed calling webhook "w.example": refused'),
      'KUBE_SERVER_ERROR',
      /w\.example/,
      true,
    ],
    ['a slow server', 504, status('Timeout', 'timed out'), 'KUBE_TIMEOUT', /busy/, true],
    ['an old version', 410, status('Expired', 'too old resource version'), 'KUBE_GONE', /^$/, true],
    ['a large object', 413, 'Request entity too large', 'KUBE_TOO_LARGE', /Split/],
    ['plain text', 429, 'Too many requests', 'KUBE_TOO_MANY_REQUESTS', /busy/, true],
    ['a gateway without a server', 502, '<html><head><title>502 Bad Gateway</title>', 'KUBE_SERVER_ERROR', /./, true],
    ['a sign-in page', 404, '<!DOCTYPE html><title>Not here</title>', 'KUBE_BAD_ANSWER', /address/],
    ['a redirect', 302, '', 'KUBE_BAD_ANSWER', /address/],
  ];
  for (const [what, http, body, code, hint, transient = false] of cases)
    it(`tells ${what}`, () => {
      const error = refused(http, body);
      expect([error.code, error.transient]).toEqual([code, transient]);
      expect(error.hint ?? '').toMatch(hint);
      if (typeof body === 'object')
        expect([error.message, error.details['status']]).toEqual([(body as { message: string }).message, JSON.parse(JSON.stringify(body))]);
    });

  it('tells an apply that does not fit its type, which the server answers with 500', () => {
    const said = 'failed to create typed patch object (shop/x; apps/v1, Kind=Deployment): .spec.replicas: expected numeric, got "many"';
    const error = refused(500, { kind: 'Status', message: said, code: 500 });
    expect([error.code, error.transient, error.where.field, error.message]).toEqual(['KUBE_INVALID', false, 'spec.replicas', said]);
    const several = refused(
      500,
      status('', 'failed to create typed patch object (/a; v1, Kind=X): errors:\n  .spec.a: field not declared in schema\n  .b: no'),
    );
    expect([several.code, several.where.field]).toEqual(['KUBE_INVALID', 'spec.a']);
  });

  it('names the one field that is wrong, and escapes what could play with the terminal', () => {
    const error = refused(422, status('Invalid', 'bad \u001b[31m', [{ field: 'spec.x', message: 'm', reason: 'FieldValueInvalid' }]));
    expect([error.where.field, error.message]).toEqual(['spec.x', 'bad \\u001b[31m']);
  });
});

it('network failures are found behind whatever wraps them', () => {
  const inner = Object.assign(new Error('getaddrinfo ENOTFOUND api.example'), { code: 'ENOTFOUND' });
  for (const thrown of [inner, new TypeError('fetch failed', { cause: inner }), new AggregateError([inner])])
    expect(explainFailure(thrown, 'prod')).toMatchObject({ code: 'KUBE_UNREACHABLE', details: { sent: false, reason: 'ENOTFOUND' } });
  expect(explainFailure('odd', 'prod')).toMatchObject({ code: 'KUBE_UNREACHABLE', details: { sent: true } });
});

it('credentials that have run out are said to be so', async () => {
  const claims = Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString('base64url');
  const jwt = { authorization: `Bearer eyJh.${claims}.sig` };
  expect(expiryNote(jwt, 1_700_000_000_000)).toContain('2023-11-14T22:13:20.000Z');
  expect(expiryNote(jwt, 1_699_999_999_999)).toBeUndefined();
  const certificate = await makeCertificate();
  expect(expiryNote({ certificate }, Date.now() + 50 * 365 * 86_400_000)).toContain('client certificate expired');
  for (const other of [
    undefined,
    {},
    { authorization: 'Bearer opaque' },
    { authorization: 'Bearer a.!.c' },
    { certificate: { cert: 'x', key: 'y' } },
  ])
    expect(expiryNote(other, Date.now())).toBeUndefined();
  expect(refused(401, '{"kind":"Status"}', 'The token expired.').hint).toBe('The token expired.');
});

describe('warnings', () => {
  const cases: [header: string | string[] | undefined, texts: string[]][] = [
    [undefined, []],
    ['299 - "simple"', ['simple']],
    ['299 - "a \\"b\\" \\\\ c"', ['a "b" \\ c']],
    ['299 - "one, two", 299 - "three" "Tue, 15 Nov 1994 08:12:31 GMT"', ['one, two', 'three']],
    [['299 kube "x"', '299 - "x"', '299 - ""'], ['x']],
    [`299 - "${Buffer.from('größe €').toString('latin1')}"`, ['größe €']],
    ['nonsense', []],
  ];
  for (const [header, texts] of cases) it(`reads ${JSON.stringify(header)}`, () => expect(decodeWarnings(header)).toEqual(texts));
});
