import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/index.js';
import { maskSecret, secretRedactor } from './mask.js';

const key = new Uint8Array(32).fill(7);
const secret = (fields: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...fields });

describe('maskSecret', () => {
  it('masks equal values alike, in data and in stringData', () => {
    const masked = maskSecret(
      secret({ data: { a: Buffer.from('value').toString('base64') }, stringData: { b: 'value', c: 'other' } }),
      key,
    ) as unknown as { data: { a: string }; stringData: { b: string; c: string } };
    expect(masked.data.a).toBe(masked.stringData.b);
    expect(masked.data.a).not.toBe(masked.stringData.c);
  });

  it('leaves no value, whatever the shape', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), fc.constantFrom('data', 'stringData'), (text, field) => {
        const value = `zq${text}`;
        const hidden = JSON.stringify(value).slice(1, -1);
        for (const shape of [{ k: value }, [value], value, { k: { nested: value } }]) {
          expect(JSON.stringify(maskSecret(secret({ [field]: shape }), key))).not.toContain(hidden);
        }
      }),
    );
  });

  it('cuts values out of error texts', () => {
    const redact = secretRedactor([secret({ data: { a: Buffer.from('swordfish').toString('base64') }, stringData: { b: 'open sesame' } })]);
    expect(redact(`Invalid value: "swordfish" or ${Buffer.from('swordfish').toString('base64')} or open sesame`)).not.toMatch(
      /swordfish|sesame/,
    );
  });
});
