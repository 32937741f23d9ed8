import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineSplitter } from './lines.js';

const split = (chunks: Buffer[]) => {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return lines;
};

test('lines are the same however their bytes come', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value as number;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(split(chunks)).toEqual(lines.map((text) => Buffer.from(text).toString()));
    }),
  );
});

test('a progress bar leaves its last state, and a last line needs no end', () => {
  expect(split([Buffer.from('1%\r50%\r100%\r\nnext\r\nlast')])).toEqual(['100%', 'next', 'last']);
});

test('a line without end comes in pieces that do not lose anything', () => {
  const text = 'abcdefghij'.repeat(30_000);
  const lines = split([Buffer.from(text)]);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join('')).toBe(text);
});
