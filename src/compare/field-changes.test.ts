import { describe, expect, it } from 'vitest';
import { builtinSchema } from '../manifest/index.js';
import type { KubeObject } from '../model/index.js';
import { fieldChanges, formatSteps } from './field-changes.js';
import { createText, deleteText, unifiedText, updateText } from './text.js';

const service = (ports: object[], extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web-svc', ...extra },
  spec: { ports },
});
const schema = builtinSchema({ group: '', version: 'v1', kind: 'Service' });
const paths = (a: KubeObject, b: KubeObject) => fieldChanges(a, b, schema).map((c) => formatSteps(c.steps));

describe('fieldChanges', () => {
  it('is empty for equal objects, whatever the server adds by itself', () => {
    const a = service([{ port: 80, protocol: 'TCP' }], { resourceVersion: '1', uid: 'x', managedFields: [] });
    const b = { ...service([{ protocol: 'TCP', port: 80 }], { resourceVersion: '2' }), status: { loadBalancer: {} } };
    expect(fieldChanges(a, b, schema)).toEqual([]);
  });

  it('tells list elements apart by their merge keys, in any order', () => {
    const a = service([
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'https', port: 443, protocol: 'TCP' },
    ]);
    const b = service([
      { name: 'https', port: 443, protocol: 'TCP' },
      { name: 'web', port: 80, protocol: 'TCP' },
    ]);
    expect(paths(a, b)).toEqual(['spec.ports[port=80,protocol=TCP].name']);
  });

  it('reads a changed key as a change of the element', () => {
    const a = service([{ port: 80, protocol: 'TCP' }]);
    const b = service([{ port: 8080, protocol: 'TCP' }]);
    expect(fieldChanges(a, b, schema)).toEqual([{ steps: ['spec', 'ports', 0, 'port'], before: 80, after: 8080 }]);
  });

  it('shows what came and what went', () => {
    const a = service([{ port: 80, protocol: 'TCP' }]);
    const b = service([
      { port: 80, protocol: 'TCP' },
      { port: 81, protocol: 'TCP' },
    ]);
    expect(fieldChanges(a, b, schema)).toEqual([
      { steps: ['spec', 'ports', { port: 81, protocol: 'TCP' }], before: undefined, after: { port: 81, protocol: 'TCP' } },
    ]);
  });

  it('quotes member names that are no plain words', () => {
    const a = service([], { annotations: { 'example.com/a.b': '1' } });
    const b = service([], { annotations: { 'example.com/a.b': '2' } });
    expect(paths(a, b)).toEqual(['metadata.annotations["example.com/a.b"]']);
  });
});

describe('texts of the contract', () => {
  it('match the documentation', () => {
    const deployment: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web-app' }, spec: { replicas: 3 } };
    expect(createText(deployment)).toBe('+ Creating Deployment/web-app with 3 replicas');
    const a = service([{ port: 80, protocol: 'TCP' }]);
    const b = service([{ port: 8080, protocol: 'TCP' }]);
    expect(updateText(b, fieldChanges(a, b, schema))).toBe('~ Updating Service/web-svc:\n  port: 80 -> 8080');
    expect(deleteText({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'old' } })).toBe('- Deleting ConfigMap/old');
  });

  it('tells fields of one name apart', () => {
    const pod = (a: string, b: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [
          { name: 'one', image: a },
          { name: 'two', image: b },
        ],
      },
    });
    const podSchema = builtinSchema({ group: '', version: 'v1', kind: 'Pod' });
    const before = pod('x:1', 'y:1');
    const after = pod('x:2', 'y:2');
    expect(
      updateText(after, fieldChanges(before, after, podSchema))
        .split('\n')
        .slice(1),
    ).toEqual(['  containers[name=one].image: x:1 -> x:2', '  containers[name=two].image: y:1 -> y:2']);
  });

  it('gives a unified diff without what the server writes', () => {
    const a = service([{ port: 80 }], { resourceVersion: '1' });
    const b = service([{ port: 8080 }], { resourceVersion: '2' });
    const text = unifiedText(a, b);
    expect(text).toMatch(/^-\s+- port: 80$/m);
    expect(text).toMatch(/^\+\s+- port: 8080$/m);
    expect(text).not.toContain('resourceVersion');
    expect(unifiedText(a, { ...a })).toBe('');
  });
});
