import { describe, expect, test } from 'vitest';
import { type ManagedFieldsEntry, parseJson, stringifyJson } from '../../model/index.js';
import { builtinSchema } from '../types/index.js';
import {
  compareElements,
  difference,
  fieldElement as f,
  fieldSetFrom,
  formatPath,
  hasPath,
  indexElement,
  keyElement,
  leaves,
  ownersOf,
  parseElement,
  parseFields,
  pathsOf,
  recursiveDifference,
  resolvePath,
  setSize,
  subsetAt,
  valueElement,
  writeFields,
} from './index.js';

const read = (text: string) => parseFields(parseJson(text) as object as Parameters<typeof parseFields>[0]);
const write = (text: string) => stringifyJson(writeFields(read(text)));

describe('fieldsV1', () => {
  test('what upstream wrote comes back byte for byte', () => {
    for (const text of [
      '{}',
      '{"f:data":{"f:k":{},"f:own":{}}}',
      '{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:ports":{".":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}}}}}',
      '{"f:a":{".":{},"f:b":{}},"k:{\\"n\\":2}":{},"k:{\\"n\\":10}":{},"k:{\\"n\\":\\"1\\"}":{},"v:1":{},"v:\\"a\\"":{},"v:true":{},"i:0":{},"i:12":{}}',
    ])
      expect(write(text)).toBe(text);
  });

  test('another order, keys with spaces and redundant members become canonical', () => {
    expect(write('{"f:b":{},"f:a":{"f:x":{},".":{}},"k:{ \\"p\\": \\"TCP\\", \\"a\\": 1 }":{}}')).toBe(
      '{"f:a":{".":{},"f:x":{}},"f:b":{},"k:{\\"a\\":1,\\"p\\":\\"TCP\\"}":{}}',
    );
  });

  test('elements of unknown kinds are skipped, those of no form refused', () => {
    expect(write('{"x:new":{},"f:a":{}}')).toBe('{"f:a":{}}');
    for (const text of ['{"f":{}}', '{"name":{}}', '{"k:nonsense":{}}', '{"i:x":{}}', '{"k:1":{}}', '{"f:a":1}'])
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'FIELDS_INVALID' }));
  });

  test('names that stand on prototypes are only names', () => {
    const set = fieldSetFrom([[f('__proto__'), f('constructor')]]);
    expect(stringifyJson(writeFields(set))).toBe('{"f:__proto__":{"f:constructor":{}}}');
    expect(read('{"f:__proto__":{"f:constructor":{}}}')).toEqual(set);
    expect(resolvePath({}, [f('constructor')])).toBeUndefined();
  });

  test('strings are escaped as Go escapes them', () => {
    expect(valueElement('<a>&"\u2028\b\n')).toBe('v:"\\u003ca\\u003e\\u0026\\"\\u2028\\u0008\\n"');
    expect(parseElement('v:"<"')).toBe('v:"\\u003c"');
  });

  test('the order of fields is that of their bytes', () => {
    const names = ['\u{1F600}', '\uFFFD', 'é', 'b', 'a.', 'a'].map(f);
    expect([...names].sort(compareElements)).toEqual(['a', 'a.', 'b', 'é', '\uFFFD', '\u{1F600}'].map(f));
  });
});

describe('sets', () => {
  const set = fieldSetFrom([[f('a')], [f('a'), f('b')], [f('a'), f('b'), f('c')], [f('d'), f('e')]]);

  test('hold the paths they were made of, members of a level first', () => {
    expect(pathsOf(set).map(formatPath)).toEqual(['.a', '.a.b', '.a.b.c', '.d.e']);
    expect(setSize(set)).toBe(4);
    expect(hasPath(set, [f('d')])).toBe(false);
    expect(hasPath(set, [])).toBe(false);
    expect(pathsOf(subsetAt(set, [f('a')])).map(formatPath)).toEqual(['.b', '.b.c']);
  });

  test('difference takes paths, recursive difference what lies below too', () => {
    const a = fieldSetFrom([[f('a')]]);
    expect(pathsOf(difference(set, a)).map(formatPath)).toEqual(['.a.b', '.a.b.c', '.d.e']);
    expect(pathsOf(recursiveDifference(set, a)).map(formatPath)).toEqual(['.d.e']);
  });

  test('leaves are what has nothing below', () => {
    expect(pathsOf(leaves(set)).map(formatPath)).toEqual(['.d.e', '.a.b.c'].sort());
  });
});

describe('paths', () => {
  test('are written as in conflicts', () => {
    const path = [
      f('spec'),
      f('containers'),
      keyElement([['name', 'web']]),
      f('ports'),
      keyElement([
        ['protocol', 'TCP'],
        ['containerPort', 80],
      ]),
      f('x'),
    ];
    expect(formatPath(path)).toBe('.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].x');
    expect(formatPath([f('finalizers'), valueElement('a"b\n')])).toBe('.finalizers[="a\\"b\\n"]');
    expect(formatPath([f('l'), indexElement(3)])).toBe('.l[3]');
    expect(formatPath([valueElement(1_500_000)])).toBe('[=1.5e+06]');
  });

  test('lead to values, defaults of keys included', () => {
    const service = { spec: { ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }] }, metadata: { finalizers: ['a', 'b'] } };
    const port = (protocol: string, number: number) => [
      f('spec'),
      f('ports'),
      keyElement([
        ['port', number],
        ['protocol', protocol],
      ]),
    ];
    const schema = builtinSchema({ group: '', version: 'v1', kind: 'Service' });
    expect(resolvePath(service, port('UDP', 53))).toEqual({ port: 53, protocol: 'UDP' });
    expect(resolvePath(service, port('TCP', 80))).toBeUndefined();
    expect(resolvePath(service, port('TCP', 80), schema)).toEqual({ port: 80 });
    expect(resolvePath(service, [f('metadata'), f('finalizers'), valueElement('b')])).toBe('b');
    expect(resolvePath(service, [f('metadata'), f('finalizers'), valueElement('c')])).toBeUndefined();
  });

  test('owners are those who name a field and those who own what it lies in', () => {
    const entries: ManagedFieldsEntry[] = [
      { manager: 'one', fieldsV1: { 'f:spec': { 'f:selector': {} } } },
      { manager: 'two', fieldsV1: { 'f:spec': { 'f:selector': { 'f:app': {} } } } },
      { manager: 'three', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { manager: 'broken', fieldsV1: { nonsense: {} } },
    ];
    expect(ownersOf(entries, [f('spec'), f('selector'), f('app')]).map((e) => e.manager)).toEqual(['one', 'two']);
    expect(ownersOf(undefined, [f('spec')])).toEqual([]);
  });
});
