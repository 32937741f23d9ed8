import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeRule, type PolicyRule, ruleAllows, uncovered } from './rules.js';

const rule = (verbs: string, groups: string, resources: string, names?: string): PolicyRule => ({
  verbs: verbs.split(','),
  apiGroups: groups.split(','),
  resources: resources.split(','),
  ...(names === undefined ? {} : { resourceNames: names.split(',') }),
});

describe('rules', () => {
  it.each<[string, PolicyRule, object, boolean]>([
    ['a verb of a resource', rule('get', 'apps', 'deployments'), { verb: 'get', group: 'apps', resource: 'deployments' }, true],
    ['another verb', rule('get', 'apps', 'deployments'), { verb: 'list', group: 'apps', resource: 'deployments' }, false],
    ['another group', rule('get', 'apps', 'deployments'), { verb: 'get', group: '', resource: 'deployments' }, false],
    ['everything', rule('*', '*', '*'), { verb: 'x', group: 'y', resource: 'z', subresource: 's' }, true],
    ['no subresource', rule('get', '', 'pods'), { verb: 'get', group: '', resource: 'pods', subresource: 'log' }, false],
    ['one subresource', rule('get', '', 'pods/log'), { verb: 'get', group: '', resource: 'pods', subresource: 'log' }, true],
    ['a subresource of all', rule('get', '', '*/scale'), { verb: 'get', group: '', resource: 'pods', subresource: 'scale' }, true],
    ['a name', rule('get', '', 'pods', 'a'), { verb: 'get', group: '', resource: 'pods', name: 'a' }, true],
    ['another name', rule('get', '', 'pods', 'a'), { verb: 'get', group: '', resource: 'pods', name: 'b' }, false],
    ['no name', rule('list', '', 'pods', 'a'), { verb: 'list', group: '', resource: 'pods' }, false],
    ['a path below', { verbs: ['get'], nonResourceURLs: ['/a/*'] }, { verb: 'get', path: '/a/b' }, true],
    ['the path itself', { verbs: ['get'], nonResourceURLs: ['/a/*'] }, { verb: 'get', path: '/a' }, false],
    ['no path by resources', rule('*', '*', '*'), { verb: 'get', path: '/a' }, false],
  ])('allow or refuse %s', (_, given, access, allowed) => expect(ruleAllows(given, access as never)).toBe(allowed));

  it('tell what is missing, thing by thing', () => {
    const missing = uncovered(
      [rule('get', '', 'pods'), rule('*', 'apps', '*')],
      [rule('get,list,watch', '', 'pods,secrets'), rule('get', 'apps', 'x')],
    );
    expect(missing.map(describeRule)).toEqual([
      '{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}',
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list" "watch"]}',
    ]);
  });

  const some = (values: string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
  const anyRule = fc.record({
    verbs: some(['get', 'list', '*']),
    apiGroups: some(['', 'apps', '*']),
    resources: some(['pods', 'pods/log', '*/log', '*']),
  });

  it('miss nothing of themselves, and what they do not miss they allow', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 3 }), anyRule, (held, wanted) => {
        expect(uncovered([wanted], [wanted])).toEqual([]);
        if (uncovered(held, [wanted]).length > 0) return;
        for (const verb of wanted.verbs)
          for (const group of wanted.apiGroups)
            for (const resource of wanted.resources.filter((r) => !r.includes('*'))) {
              const [name, subresource] = resource.split('/') as [string, string?];
              const access = { verb, group, resource: name, ...(subresource === undefined ? {} : { subresource }) };
              expect(held.some((rule) => ruleAllows(rule, access))).toBe(true);
            }
      }),
    );
  });
});
