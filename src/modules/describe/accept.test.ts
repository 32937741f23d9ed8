import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EvenkeelError } from '../../model/index.js';
import { acceptArguments, type Names } from './accept.js';
import { giveSnake } from './give.js';
import * as t from './types.js';

const about: t.FunctionDescription = {
  summary: '',
  parameters: [
    t.parameter('name', t.text, ''),
    t.options({
      waitFor: t.optional(t.duration, ''),
      sortOrder: t.optional(t.choice('up', 'down'), ''),
      matchLabels: t.optional(t.record(t.text), ''),
      items: t.optional(t.list(t.object('Item', { fullName: t.required(t.text, '') })), ''),
      body: t.optional(t.data, ''),
      where: t.optional(t.anyOf(t.text, t.object('Where', { fileName: t.required(t.text, '') })), ''),
      count: t.optional(t.integer, ''),
    }),
  ],
  returns: { type: t.nothing },
  async: false,
};
const accept = (args: unknown[], names: Names = 'camel') => acceptArguments(about, args, { what: 'demo.call', names });
const failure = (args: unknown[], names: Names = 'camel') => {
  try {
    accept(args, names);
  } catch (error) {
    return error as EvenkeelError;
  }
  throw new Error('nothing was thrown');
};

describe('arguments', () => {
  test('are renamed from snake_case, and what belongs to others is not', () => {
    const body = { snake_key: { camelKey: [{ deep_key: 1 }] } };
    expect(
      accept(
        ['x', { wait_for: 30, match_labels: { app_name: 'a' }, items: [{ full_name: 'n' }], body, where: { file_name: 'f' } }],
        'snake',
      ),
    ).toEqual(['x', { waitFor: 30, matchLabels: { app_name: 'a' }, items: [{ fullName: 'n' }], body, where: { fileName: 'f' } }]);
  });

  test('take an empty table for what is wanted', () => {
    expect(accept(['x', []], 'snake')).toEqual(['x', {}]);
    expect(accept(['x', { items: {}, match_labels: [] }], 'snake')).toEqual(['x', { items: [], matchLabels: {} }]);
  });

  test.each<[string, unknown[], Names, object]>([
    [
      'a misspelt option',
      ['x', { waitfr: '1s' }],
      'camel',
      { code: 'OPTION_UNKNOWN', where: { field: 'waitfr' }, hint: 'Did you mean "waitFor"?' },
    ],
    ['in snake_case', ['x', { waitFor: '1s' }], 'snake', { code: 'OPTION_UNKNOWN', hint: 'Did you mean "wait_for"?' }],
    ['of another language', ['x', { wait_for: '1s' }], 'camel', { code: 'OPTION_UNKNOWN', hint: 'Did you mean "waitFor"?' }],
    ['a prototype', ['x', JSON.parse('{"__proto__": 1}')], 'camel', { code: 'OPTION_UNKNOWN' }],
    ['an inherited name', ['x', { constructor: 1 }], 'camel', { code: 'OPTION_UNKNOWN' }],
    [
      'a missing argument',
      [],
      'camel',
      { code: 'ARGUMENT_INVALID', where: { field: 'name' }, hint: 'Call it as demo.call(name, options?).' },
    ],
    ['one too many', ['x', {}, 3], 'camel', { code: 'ARGUMENT_INVALID' }],
    ['a wrong type', [3], 'camel', { code: 'ARGUMENT_INVALID', message: 'demo.call: argument "name" must be a text, and is the number 3' }],
    ['a wrong duration', ['x', { waitFor: 'soon' }], 'camel', { code: 'DURATION_INVALID', where: { field: 'waitFor' } }],
    [
      'a wrong choice',
      ['x', { sort_order: 'upp' }],
      'snake',
      { code: 'OPTION_INVALID', where: { field: 'sort_order' }, hint: 'Did you mean "up"?' },
    ],
    ['a missing field', ['x', { items: [{}] }], 'snake', { code: 'OPTION_INVALID', where: { field: 'items[0].full_name' } }],
    ['half a number', ['x', { count: 1.5 }], 'camel', { code: 'OPTION_INVALID' }],
    ['a function in data', ['x', { body: { f: () => 1 } }], 'camel', { code: 'ARGUMENT_INVALID', where: { field: 'body' } }],
  ])('refuse %s', (_, args, names, expected) => {
    expect(failure(args, names)).toMatchObject(expected);
  });

  test('refuse data that goes in circles, and data that doubles itself without end', () => {
    const circle: { [key: string]: unknown } = {};
    circle['self'] = circle;
    expect(failure(['x', { body: circle }]).message).toMatch(/refers to itself/);
    let doubled: unknown[] = [];
    for (let i = 0; i < 60; i++) doubled = [doubled, doubled];
    expect(failure(['x', { body: doubled }]).message).toMatch(/more than 5000000 values/);
  });

  test('whatever they are, end in values or in an error of ours', () => {
    fc.assert(
      fc.property(
        fc.array(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true })),
        fc.constantFrom('camel', 'snake'),
        (args, names) => {
          try {
            accept(args, names);
          } catch (error) {
            expect(error).toBeInstanceOf(EvenkeelError);
          }
        },
      ),
    );
  });
});

test('results are renamed by their description and leave out what is not described', () => {
  const type = t.object('R', {
    exitCode: t.required(t.integer, ''),
    labels: t.required(t.record(t.object('L', { setAt: t.required(t.time, '') })), ''),
    object: t.required(t.kubernetes, ''),
    either: t.required(t.anyOf(t.text, t.list(t.object('E', { aB: t.required(t.text, '') }))), ''),
  });
  const object = { apiVersion: 'v1', kind: 'Pod', spec: { restartPolicy: 'Never' } };
  expect(giveSnake(type, { exitCode: 1, labels: { camelKey: { setAt: 'x' } }, object, either: [{ aB: '1' }], secret: 1 })).toEqual({
    exit_code: 1,
    labels: { camelKey: { set_at: 'x' } },
    object,
    either: [{ a_b: '1' }],
  });
});
