import { describe, expect, it } from 'vitest';
import { openSchemas } from '../schema/index.js';
import { readDocument, toJson, type YNode } from '../yaml/index.js';
import { merge } from './index.js';

const { schemaOf } = openSchemas();
const read = (text: string) => readDocument(text) as YNode;

function merged(dest: string, patch: string): unknown {
  const result = merge(read(dest), read(patch), { schemaOf, prepend: true });
  return result === undefined ? undefined : toJson(result);
}

const deployment = (spec: string) => `{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: ${spec}}}}`;
const podSpec = (dest: string, patch: string) =>
  (merged(deployment(dest), deployment(patch)) as { spec: { template: { spec: unknown } } }).spec.template.spec;

describe('merge', () => {
  it('sets, adds and, by null, removes fields', () => {
    expect(merged('{a: 1, b: {c: 2, d: 3}}', '{b: {c: 4, e: 5}, f: 6}')).toEqual({ a: 1, b: { c: 4, d: 3, e: 5 }, f: 6 });
    expect(merged('{a: 1, b: {c: 2}}', '{a: null, b: {c: }}')).toEqual({ b: {} });
    expect(merged('a: null\nb:\nc: 1', 'c: 2')).toEqual({ a: null, c: 2 });
  });

  it('merges lists by the keys of their type, new items first, and replaces others', () => {
    expect(podSpec('{containers: [{name: a, image: x}, {name: b}]}', '{containers: [{name: c}, {name: a, image: y}]}')).toEqual({
      containers: [{ name: 'c' }, { name: 'a', image: 'y' }, { name: 'b' }],
    });
    expect(podSpec('{tolerations: [{key: a}]}', '{tolerations: [{key: b}]}')).toEqual({ tolerations: [{ key: 'b' }] });
    expect(merged('{apiVersion: x/v1, kind: X, l: [{name: a, v: 1}]}', '{l: [{name: b}]}')).toMatchObject({ l: [{ name: 'b' }] });
  });

  it('merges lists of values by value', () => {
    const pod = (finalizers: string) => `{apiVersion: v1, kind: Pod, metadata: {finalizers: ${finalizers}}}`;
    expect(merged(pod('[a, b]'), pod('[b, c]'))).toMatchObject({ metadata: { finalizers: ['b', 'c', 'a'] } });
  });

  it('tells ports apart by protocol too, and loses what a patch without one says about several', () => {
    const ports = (dest: string, patch: string) =>
      podSpec(`{containers: [{name: a, ports: ${dest}}]}`, `{containers: [{name: a, ports: ${patch}}]}`);
    expect(ports('[{containerPort: 80, protocol: TCP}]', '[{containerPort: 80, protocol: UDP, name: x}]')).toEqual({
      containers: [
        {
          name: 'a',
          ports: [
            { containerPort: 80, protocol: 'UDP', name: 'x' },
            { containerPort: 80, protocol: 'TCP' },
          ],
        },
      ],
    });
    expect(ports('[{containerPort: 80}]', '[{containerPort: 80, name: x}]')).toEqual({
      containers: [{ name: 'a', ports: [{ containerPort: 80, name: 'x' }] }],
    });
    expect(ports('[{containerPort: 80, protocol: TCP}, {containerPort: 80, protocol: UDP}]', '[{containerPort: 80, name: x}]')).toEqual({
      containers: [
        {
          name: 'a',
          ports: [
            { containerPort: 80, protocol: 'TCP' },
            { containerPort: 80, protocol: 'UDP' },
          ],
        },
      ],
    });
  });

  it('follows $patch on objects, mappings, lists and items', () => {
    expect(merged('{a: 1}', '{$patch: delete}')).toBeUndefined();
    expect(merged('{a: {b: 1, c: 2}}', '{a: {$patch: replace, d: 3}}')).toEqual({ a: { d: 3 } });
    expect(merged('{a: {b: 1}, c: 2}', '{a: {$patch: delete}}')).toEqual({ c: 2 });
    expect(podSpec('{containers: [{name: a}, {name: b}]}', '{containers: [{name: a, $patch: delete}]}')).toEqual({
      containers: [{ name: 'b' }],
    });
    expect(podSpec('{containers: [{name: a}]}', '{containers: [{name: b}, {$patch: replace}]}')).toEqual({ containers: [{ name: 'b' }] });
    expect(() => merged('{a: {b: 1}}', '{a: {$patch: remove}}')).toThrow(expect.objectContaining({ code: 'KUSTOMIZE_PATCH_INVALID' }));
    // What Kustomize does not know stays as a field.
    expect(merged('{a: {b: 1}}', '{a: {$retainKeys: [b]}}')).toEqual({ a: { b: 1, $retainKeys: ['b'] } });
  });

  it('goes by the schema in a comment, and refuses kinds of nodes that do not fit', () => {
    expect(merged('items:\n- a', 'items: # {"type":"array","x-kubernetes-patch-strategy":"merge"}\n- b')).toEqual({ items: ['b', 'a'] });
    expect(() => merged('{a: {b: 1}}', '{a: [1]}')).toThrow('wrong node kind');
  });
});
