import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskValue, redactor, redactUrls } from './secrets.js';

describe('redactUrls', () => {
  test.each([
    ['https://user:pass@git.example/a.git', 'https://git.example/a.git'],
    ['fatal: https://ghp_abc@github.com/x/y: not found', 'fatal: https://github.com/x/y: not found'],
    ['https://user:p@ss@git.example/a', 'https://git.example/a'],
    ['ssh://git@git.example/a and HTTPS://U:P@B.example', 'ssh://git.example/a and HTTPS://B.example'],
    ['git+https://u:p@h/a', 'git+https://h/a'],
    ['https://h/a?access_token=abc&x=1', 'https://h/a?access_token=…&x=1'],
    ['https://h/a?x=1&private_token=abc#f', 'https://h/a?x=1&private_token=…'],
    ['https://h/?X-Amz-Signature=abc&client_secret=d', 'https://h/?X-Amz-Signature=…&client_secret=…'],
    ['https://h/a@b/c', 'https://h/a@b/c'],
    ['https://h?mail=a@b', 'https://h?mail=a@b'],
    ['{"url":"https://h.example","mail":"a@b"}', '{"url":"https://h.example","mail":"a@b"}'],
    ['ana@example.org wrote', 'ana@example.org wrote'],
  ])('%s', (text, redacted) => {
    expect(redactUrls(text)).toBe(redacted);
  });

  test('long text costs little', () => {
    for (const text of ['a'.repeat(500_000), 'a://'.repeat(100_000), `https://${'u'.repeat(500_000)}`, '?token'.repeat(80_000)])
      expect(redactUrls(text)).toBe(text);
  });
});

describe('redactor', () => {
  const secret = fc.oneof(
    fc.string({ minLength: 4, unit: 'binary' }),
    fc.base64String({ minLength: 8 }),
    fc.constantFrom('a\ud800bcd', '....', '$&$1', 'p@ss w/rd?'),
  );

  test('no secret is left, in any text, plain or encoded', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.string(), fc.string(), (secrets, before, after) => {
        const redact = redactor(secrets);
        for (const s of secrets) {
          const forms = [s, Buffer.from(s).toString('base64'), JSON.stringify(s).slice(1, -1)];
          if (Buffer.from(s).toString() === s) forms.push(encodeURIComponent(s));
          for (const form of forms) expect(redact(`${before}${form}${after}`)).not.toContain(form);
        }
      }),
    );
  });

  test('a password within basic credentials is cut out of their base64', () => {
    const token = 'ghp_0123456789abcdefghij';
    for (const user of ['', 'x', 'xy', 'oauth2', 'ana.lia']) {
      const header = Buffer.from(`${user}:${token}`).toString('base64');
      expect(Buffer.from(redactor([token])(header).replaceAll('•••', ''), 'base64').toString()).not.toContain('0123456789');
    }
  });

  test('each line of a key is a secret of its own, whatever ends it', () => {
    const line = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU';
    const redact = redactor([`-----BEGIN KEY-----\r\n${line}\r\n-----END KEY-----\r\n`]);
    expect(redact(`load failed at ${line}.`)).toBe('load failed at •••.');
  });

  test('a secret that holds another goes whole; short and absent ones are left', () => {
    expect(redactor(['pass', 'password', undefined, 'ab', ''])('password pass ab')).toBe('••• ••• ab');
  });
});

test('equal values have equal masks, under one key, and a mask tells nothing', () => {
  const [k1, k2] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(maskValue(a, k1)).toBe(maskValue(a, k1));
      expect(maskValue(a, k1) === maskValue(b, k1)).toBe(a === b);
      expect(maskValue(a, k1)).not.toBe(maskValue(a, k2));
      expect(maskValue(a, k1)).toMatch(/^•••[0-9a-f]{8}$/);
    }),
  );
});
