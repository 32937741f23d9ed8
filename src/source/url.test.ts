import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvenkeelError } from '../model/index.js';
import { normaliseUrl } from './url.js';

const read = (text: string) => normaliseUrl(text, '/base');

describe('normaliseUrl', () => {
  it.each([
    ['company/k8s-dev', 'https://github.com/company/k8s-dev', 'http'],
    ['company/k8s.dev.git', 'https://github.com/company/k8s.dev.git', 'http'],
    ['github.com/company/k8s', 'https://github.com/company/k8s', 'http'],
    ['https://GitHub.com:443/o/r/', 'https://github.com/o/r', 'http'],
    ['http://localhost:8080/o/r.git', 'http://localhost:8080/o/r.git', 'http'],
    ['git@GitHub.com:o/r.git', 'git@github.com:o/r.git', 'ssh'],
    ['work:o/r', 'work:o/r', 'ssh'],
    ['ssh://git@host:22/o/r', 'ssh://git@host/o/r', 'ssh'],
    ['ssh://git@host:2222/o/r/', 'ssh://git@host:2222/o/r', 'ssh'],
    ['file:///srv/r', 'file:///srv/r', 'local'],
    ['/srv/a b/../r', 'file:///srv/r', 'local'],
    ['./r.bundle', 'file:///base/r.bundle', 'local'],
    ['../r', 'file:///r', 'local'],
    ['.', 'file:///base', 'local'],
  ])('%s', (text, url, kind) => {
    expect(read(text)).toMatchObject({ url, kind });
  });

  it('gives git the path of a local repository, decoded', () => {
    expect(read('file:///srv/a%20b').remote).toBe('/srv/a b');
  });

  it('takes user and password out of http URLs', () => {
    const found = read('https://al%40ice:s3cr%3At@host/o/r');
    expect(found).toEqual({ url: 'https://host/o/r', remote: 'https://host/o/r', kind: 'http', username: 'al@ice', password: 's3cr:t' });
  });

  it.each([
    '',
    '  ',
    '-uexec',
    '--upload-pack=touch x',
    'ext::sh -c touch% x',
    'ssh://-oProxyCommand=touch/x',
    'ssh://a/',
    'ssh://git:pw1234@host/x',
    '-oProxyCommand=x:y',
    'git@-host:x',
    'git@host:-x',
    'host:',
    'git://host/x',
    'ftp://host/x',
    'htps://host/x',
    'https:/host/x',
    'https://host/x?ref=main',
    'https://host/x#main',
    'https://ho st/x',
    'https://host/x\n-y',
    '/srv/x\0y',
    'file://elsewhere/x',
    'file:///x%0ay',
    '~/x',
    'repository',
    'a/b/c',
    'https://a%0a:b@host/x',
  ])('refuses %j', (text) => {
    expect(() => read(text)).toThrowError(expect.objectContaining({ code: 'SOURCE_URL_INVALID' }));
  });

  it.each([
    'https://user:hunter22@ho st/x',
    'htps://user:hunter22@host/x',
    'https:/user:hunter22@host/x',
    'user:hunter22@host:x',
    'https://u:hunter22@host/x?y=1',
  ])('shows no password of %s', (text) => {
    let message = '';
    try {
      read(text);
    } catch (error) {
      message = JSON.stringify(error);
    }
    expect(message).toContain('SOURCE_URL_INVALID');
    expect(message).not.toContain('hunter22');
  });

  it('gives any text back as something that git cannot take for an option or a helper, or refuses it', () => {
    const piece = fc.constantFrom(
      '-',
      '--',
      'ext::',
      'https://',
      'ssh://',
      'file://',
      '@',
      ':',
      '/',
      '..',
      '.',
      '\n',
      '\0',
      ' ',
      'host',
      'a/b',
      '-o',
      '%0a',
      '[',
      ']',
      '::1',
      '~',
      '\\',
      '%',
    );
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          const { remote, kind, url } = read(text);
          expect(remote).not.toMatch(/^-|^[^/]*::/);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
          expect(remote + url).not.toMatch(/[\u0000-\u001f]/);
          if (kind === 'http') expect(remote).toMatch(/^https?:\/\/[a-z0-9[]/);
          if (kind === 'ssh') expect(remote).toMatch(/^(?:ssh:\/\/)?(?:[\w.+-]+@)?[a-z0-9[]/i);
          if (kind === 'local') expect(remote).toMatch(/^\//);
        } catch (error) {
          if (!(error instanceof EvenkeelError)) throw error;
          expect(error.code).toBe('SOURCE_URL_INVALID');
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is the same when read twice', () => {
    for (const text of ['company/k8s', 'git@h:o/r', './x y', 'ssh://u@h:1/x']) expect(read(read(text).url).url).toBe(read(text).url);
  });
});
