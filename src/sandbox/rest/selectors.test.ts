import { describe, expect, it } from 'vitest';
import { type FieldLookup, parseFieldSelector } from './field-selector.js';
import { parseLabelSelector } from './label-selector.js';

describe('label selectors', () => {
  const labels = { env: 'prod', tier: 'web', n: '5' };
  it.each([
    ['', true],
    ['env', true],
    ['!env', false],
    ['env=prod', true],
    ['env==prod,tier=web', true],
    ['env!=prod', false],
    ['missing!=x', true],
    ['env in (dev, prod)', true],
    ['env notin (dev)', true],
    ['n>4', true],
    ['n<4', false],
    ['env in ()', false],
  ])('%s', (text, wanted) => expect(parseLabelSelector(text).matches(labels)).toBe(wanted));

  it.each([
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['n>x', `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
    ['a=-', 'unable to parse requirement: values[0][a]: Invalid value: "-": a valid label must be'],
    ['/x', 'unable to parse requirement: <nil>: Invalid value: "/x": prefix part must be non-empty'],
  ])('refuses %s', (text, message) => expect(() => parseLabelSelector(text)).toThrow(message));

  it('does not see what a prototype has', () => expect(parseLabelSelector('constructor').matches({})).toBe(false));
});

describe('field selectors', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'x' } };
  const fields: FieldLookup = (field) =>
    field === 'metadata.name' || field === 'metadata.namespace'
      ? { name: field, read: (o) => (field === 'metadata.name' ? o.metadata.name : o.metadata.namespace) ?? '' }
      : undefined;
  const parse = (text: string) => parseFieldSelector(text, fields, (f) => `unknown ${f}`);
  it('matches names and namespaces', () => {
    expect(parse('metadata.name=a,metadata.namespace!=y').matches(object)).toBe(true);
    expect(parse('metadata.name!=a').matches(object)).toBe(false);
    expect(parse('metadata.name=a').name).toBe('a');
  });
  it.each([
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['metadata.name=a=b', 'invalid field selector: unescaped character in value: 61'],
    ['metadata.name=a\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ])('refuses %s', (text, message) => expect(() => parse(text)).toThrow(message));
  it('reads escapes', () => expect(parse('metadata.name=a\\,b\\=c').name).toBe('a,b=c'));
  it('refuses fields that it does not know', () => expect(() => parse('spec.x=1')).toThrow('unknown spec.x'));
});
