import { describe, expect, it } from 'vitest';
import { gvkOf } from '../model/index.js';
import { isFixed } from './advice.js';
import { deprecation } from './deprecated.js';
import { labelsSelected, mapSelects } from './selector.js';

describe('isFixed', () => {
  it.each([
    ['nginx', false],
    ['nginx:latest', false],
    ['nginx:1.25', true],
    ['registry.test:5000/nginx', false],
    ['registry.test:5000/nginx:v1', true],
    ['registry.test/nginx:latest@sha256:abc', true],
  ])('%s: %s', (image, fixed) => {
    expect(isFixed(image)).toBe(fixed);
  });
});

describe('deprecation', () => {
  it.each([
    ['apps/v1', 'Deployment', undefined],
    ['autoscaling/v1', 'HorizontalPodAutoscaler', undefined],
    ['example.com/v1beta1', 'Boat', undefined],
    ['toString/v1beta1', 'Boat', undefined],
    [
      'extensions/v1beta1',
      'Ingress',
      'extensions/v1beta1 is deprecated for Ingress and not served since Kubernetes 1.22: write networking.k8s.io/v1',
    ],
    [
      'extensions/v1beta1',
      'Deployment',
      'extensions/v1beta1 is deprecated for Deployment and not served since Kubernetes 1.16: write apps/v1',
    ],
    [
      'policy/v1beta1',
      'PodDisruptionBudget',
      'policy/v1beta1 is deprecated for PodDisruptionBudget and not served since Kubernetes 1.25: write policy/v1',
    ],
    [
      'policy/v1beta1',
      'PodSecurityPolicy',
      'policy/v1beta1 is deprecated for PodSecurityPolicy and not served since Kubernetes 1.25: it has no successor',
    ],
    [
      'autoscaling/v2beta2',
      'HorizontalPodAutoscaler',
      'autoscaling/v2beta2 is deprecated for HorizontalPodAutoscaler and not served since Kubernetes 1.26: write autoscaling/v2',
    ],
    ['networking.k8s.io/v1beta1', 'IPAddress', 'networking.k8s.io/v1beta1 is deprecated for IPAddress: write networking.k8s.io/v1'],
  ])('%s %s', (apiVersion, kind, told) => {
    expect(deprecation(gvkOf({ apiVersion, kind }))).toBe(told);
  });
});

describe('selectors', () => {
  const labels = { app: 'web', tier: 'front' };

  it.each([
    [{}, false],
    [{ app: 'web' }, true],
    [{ app: 'web', tier: 'back' }, false],
    [{ constructor: 'x' }, false],
    [undefined, false],
    ['app=web', false],
  ])('a Service with %j selects: %s', (selector, selects) => {
    expect(mapSelects(selector, labels)).toBe(selects);
  });

  it.each([
    [undefined, false],
    [{}, true],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'db' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'db'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'Like', values: ['front'] }] }, false],
  ])('%j selects: %s', (selector, selects) => {
    expect(labelsSelected(selector, labels)).toBe(selects);
  });
});
