import { describe, expect, it } from 'vitest';
import { metadataFields, parseFieldSelector, parseLabelSelector } from './selectors.js';

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
    ['a in b', "unable to parse requirement: found 'b', expected: '('"],
    [',', "unable to parse requirement: found ',', expected: !, identifier, or 'end of string'"],
  ])('refuses %s', (text, message) => expect(() => parseLabelSelector(text)).toThrow(message));

  it('does not see what a prototype has', () => expect(parseLabelSelector('constructor').matches({})).toBe(false));
});

describe('field selectors', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'x' } };
  const parse = (text: string) => parseFieldSelector(text, metadataFields, (f) => `unknown ${f}`);
  it('matches names and namespaces', () => {
    expect(parse('metadata.name=a,metadata.namespace!=y').matches(object)).toBe(true);
    expect(parse('metadata.name!=a').matches(object)).toBe(false);
    expect(parse('metadata.name=a').name).toBe('a');
  });
  it('refuses fields that it does not know', () => expect(() => parse('spec.x=1')).toThrow('unknown spec.x'));
});
