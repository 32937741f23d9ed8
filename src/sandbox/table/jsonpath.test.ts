import { describe, expect, it } from 'vitest';
import { evaluatePath, isPath } from './jsonpath.js';

const object = {
  spec: { a: 1, 'x/y': 2, 'd.o.t': 3, list: [{ n: 'a', v: 1 }, { n: 'b', v: 5 }, { n: 'c' }], map: { p: { n: 'x' }, q: { n: 'y' } } },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Synced', status: 'False' },
    ],
  },
};

describe('paths of columns', () => {
  it.each<[string, unknown[]]>([
    ['.spec.a', [1]],
    ['.spec.none.deeper', []],
    ["spec['a']", []],
    [".spec['x/y']", [2]],
    ['.spec.d\\.o\\.t', [3]],
    ['.spec.list[0].n', ['a']],
    ['.spec.list[-1].n', ['c']],
    ['.spec.list[9].n', []],
    ['.spec.list[0,2].n', ['a', 'c']],
    ['.spec.list[1:].n', ['b', 'c']],
    ['.spec.list[-1:].n', ['c']],
    ['.spec.list[:2].n', ['a', 'b']],
    ['.spec.list[*].n', ['a', 'b', 'c']],
    ['.spec.map.*.n', ['x', 'y']],
    ['.spec..n', ['a', 'b', 'c', 'x', 'y']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type != 'Ready')].status", ['False']],
    ['.spec.list[?(@.v>1)].n', ['b']],
    ['.spec.list[?(@.v)].n', ['a', 'b']],
    ['.spec.a[0]', []],
    ['.', [object]],
  ])('%s finds %j', (path, found) => expect(evaluatePath(path, object)).toEqual(found));

  it.each(['.a[', '.a[?(x)]', '.a[b]', '.a]'])('%s cannot be read', (path) =>
    expect([isPath(path), evaluatePath(path, { a: 1 })]).toEqual([false, []]),
  );
});
