import { describe, expect, it } from 'vitest';
import { EvenkeelError, type KubeObject, type ManagedFieldsEntry } from '../model/index.js';
import { fieldConflicts, ownersOfSteps, resolve, resolveField, without } from './conflicts.js';

const object: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', annotations: { 'example.com/a.b': 'x', example: 'y' } },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          { name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] },
          { name: 'b', image: 'b:1', args: ['x', 'y'] },
        ],
      },
    },
  },
};

describe('fieldConflicts', () => {
  it('reads the causes that the API server gives', () => {
    const error = new EvenkeelError('INTERNAL', 'Apply failed', {
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl" using apps/v1 at 2026-01-01T00:00:00Z',
            field: '.spec.replicas',
          },
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kube-controller-manager" with subresource "scale" using apps/v1',
            field: '.spec.replicas',
          },
          { reason: 'FieldValueInvalid', message: 'other', field: '.x' },
        ],
      },
    });
    expect(fieldConflicts(error)).toEqual([
      { field: '.spec.replicas', manager: 'kubectl', subresource: '' },
      { field: '.spec.replicas', manager: 'kube-controller-manager', subresource: 'scale' },
    ]);
  });
});

describe('resolve', () => {
  it('leaves replicas to autoscalers and takes back what people set, where told to', () => {
    expect(resolve({ field: '.spec.replicas', manager: 'kube-controller-manager', subresource: 'scale' }, false)).toBe('yielded');
    expect(resolve({ field: '.spec.replicas', manager: 'kubectl', subresource: 'scale' }, false)).toBe('blocked');
    expect(resolve({ field: '.spec.replicas', manager: 'kubectl', subresource: 'scale' }, true)).toBe('taken');
    expect(resolve({ field: '.spec.replicas', manager: 'kube-controller-manager', subresource: '' }, true)).toBe('blocked');
    expect(resolve({ field: '.data.a', manager: 'argocd-controller', subresource: '' }, true)).toBe('blocked');
    expect(resolve({ field: '.data.a', manager: 'kubectl-client-side-apply', subresource: '' }, true)).toBe('taken');
  });
});

describe('resolveField', () => {
  it('finds names with dots, keyed elements, values and indices', () => {
    expect(resolveField(object, '.spec.template.spec.containers[name="b"].image')).toEqual({
      steps: ['spec', 'template', 'spec', 'containers', 1, 'image'],
      value: 'b:1',
    });
    expect(resolveField(object, '.metadata.annotations.example.com/a.b')).toEqual({
      steps: ['metadata', 'annotations', 'example.com/a.b'],
      value: 'x',
    });
    expect(
      resolveField(object, '.spec.template.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].containerPort')?.value,
    ).toBe(80);
    expect(resolveField(object, '.spec.template.spec.containers[name="b"].args[="y"]')?.value).toBe('y');
    expect(resolveField(object, '.spec.template.spec.containers[name="b"].args[0]')?.value).toBe('x');
    expect(resolveField(object, '.spec.nothing')).toBeUndefined();
  });

  it('can be taken out without touching the original', () => {
    const found = resolveField(object, '.spec.replicas');
    const copy = without(object, found?.steps ?? []);
    expect(copy['spec'] as object).not.toHaveProperty('replicas');
    expect((object['spec'] as { replicas: number }).replicas).toBe(2);
  });
});

describe('ownersOfSteps', () => {
  it('names the managers whose field set has the path', () => {
    const entries: ManagedFieldsEntry[] = [
      {
        manager: 'evenkeel',
        operation: 'Apply',
        fieldsV1: {
          'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} } } } } },
        },
      },
      { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ];
    expect(ownersOfSteps(entries, object, ['spec', 'replicas'])).toEqual(['evenkeel', 'kubectl-edit']);
    expect(ownersOfSteps(entries, object, ['spec', 'template', 'spec', 'containers', { name: 'a' }, 'image'])).toEqual(['evenkeel']);
    expect(ownersOfSteps(entries, object, ['spec', 'template', 'spec', 'containers', { name: 'b' }, 'image'])).toEqual([]);
  });
});
