import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/index.js';
import { fieldChanges } from './field-changes.js';
import { impactOf } from './impact.js';
import { usersIndex } from './references.js';

const object = (kind: string, spec: object = {}, apiVersion = 'v1', rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'n' },
  spec,
  ...rest,
});
const none = () => [];
const create = (o: KubeObject) => impactOf({ type: 'create', object: o, changes: [], usersOf: none });
const remove = (o: KubeObject, others: KubeObject[] = []) =>
  impactOf({ type: 'delete', object: o, changes: [], usersOf: usersIndex(others) });
const update = (a: KubeObject, b: KubeObject, others: KubeObject[] = []) =>
  impactOf({ type: 'update', object: b, live: a, changes: fieldChanges(a, b), usersOf: usersIndex(others) });

describe('impactOf', () => {
  it('holds the reference levels of the design', () => {
    expect(create(object('Deployment', { replicas: 3 }, 'apps/v1'))).toEqual({ impact: 'medium', reasons: ['starts 3 pods'] });
    expect(update(object('Service', { ports: [{ port: 80 }] }), object('Service', { ports: [{ port: 8080 }] })).impact).toBe('low');
    for (const kind of ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'CustomResourceDefinition'])
      expect(remove(object(kind)).impact).toBe('critical');
  });

  it('sees scaling to zero, changed selectors and widened permissions', () => {
    expect(update(object('Deployment', { replicas: 3 }, 'apps/v1'), object('Deployment', { replicas: 0 }, 'apps/v1')).impact).toBe('high');
    expect(update(object('Service', { selector: { a: '1' } }), object('Service', { selector: { a: '2' } })).impact).toBe('high');
    const role = (verbs: string[], resources: string[]) =>
      object('ClusterRole', {}, 'rbac.authorization.k8s.io/v1', { rules: [{ verbs, resources }] });
    expect(update(role(['get'], ['pods']), role(['*'], ['*'])).impact).toBe('critical');
  });

  it('names who depends on what changes', () => {
    const user = {
      ...object(
        'Deployment',
        { template: { spec: { containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'x' } }] }] } } },
        'apps/v1',
      ),
      metadata: { name: 'web', namespace: 'n' },
    };
    const changed = update(object('ConfigMap', {}, 'v1', { data: { a: '1' } }), object('ConfigMap', {}, 'v1', { data: { a: '2' } }), [
      user,
    ]);
    expect(changed).toEqual({ impact: 'medium', reasons: ['Deployment/web reads its environment from it'] });
    expect(remove(object('ConfigMap'), [user]).impact).toBe('high');
    expect(remove({ ...object('ConfigMap'), metadata: { name: 'x', namespace: 'other' } }, [user]).impact).toBe('low');
  });
});
