import { describe, expect, it } from 'vitest';
import { convert } from './convert.js';
import { createRegistry } from './registry.js';
import type { ResourceType } from './types.js';

const registry = createRegistry();
const type = (group: string, version: string, plural: string) => registry.find(group, version, plural) as ResourceType;
const v1 = type('autoscaling', 'v1', 'horizontalpodautoscalers');
const v2 = type('autoscaling', 'v2', 'horizontalpodautoscalers');
const managedFields = [
  {
    manager: 'm',
    operation: 'Apply',
    apiVersion: 'autoscaling/v2',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': {} },
  },
];

const newer = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h', creationTimestamp: null, annotations: { mine: 'x' }, managedFields },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'd' },
    maxReplicas: 5,
    metrics: [
      { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } },
      {
        type: 'External',
        external: { metric: { name: 'queue', selector: { matchLabels: { q: 'a' } } }, target: { type: 'Value', value: '30' } },
      },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
    ],
    behavior: { scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
  },
  status: {
    desiredReplicas: 2,
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '100m' } } }],
    conditions: [{ type: 'AbleToScale', status: 'True', lastTransitionTime: null }],
  },
};

describe('an autoscaler', () => {
  it('says in annotations what its first version has no field for', () => {
    const older = convert(newer as never, v1);
    expect(older['spec']).toEqual({
      scaleTargetRef: { kind: 'Deployment', name: 'd' },
      maxReplicas: 5,
      targetCPUUtilizationPercentage: 60,
    });
    expect(older['status']).toMatchObject({ desiredReplicas: 2, currentCPUUtilizationPercentage: 50 });
    const at = 'autoscaling.alpha.kubernetes.io/';
    expect(older.metadata.annotations).toEqual({
      mine: 'x',
      [`${at}metrics`]:
        '[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"10"}},{"type":"External","external":{"metricName":"queue","metricSelector":{"matchLabels":{"q":"a"}},"targetValue":"30"}}]',
      [`${at}behavior`]:
        '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Min","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}]}}',
      [`${at}current-metrics`]:
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":50,"currentAverageValue":"100m"}}]',
      [`${at}conditions`]: '[{"type":"AbleToScale","status":"True","lastTransitionTime":null}]',
    });
  });

  it('comes back from its first version as it was, with who owns what', () => {
    expect(convert(convert(newer as never, v1), v2)).toEqual(newer);
  });
});

describe('an event', () => {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'n', creationTimestamp: null },
    involvedObject: { kind: 'Pod', name: 'p' },
    reason: 'Started',
    message: 'it runs',
    source: { component: 'kubelet' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-02T00:00:00Z',
    count: 3,
    type: 'Normal',
    eventTime: null,
    reportingComponent: 'kubelet',
    reportingInstance: 'node',
  };

  it('is the same in both groups, under other names', () => {
    const newerEvent = convert(event as never, type('events.k8s.io', 'v1', 'events'));
    expect(newerEvent).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      regarding: { kind: 'Pod', name: 'p' },
      note: 'it runs',
      deprecatedSource: { component: 'kubelet' },
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
      deprecatedLastTimestamp: '2026-01-02T00:00:00Z',
      deprecatedCount: 3,
      reportingController: 'kubelet',
      reportingInstance: 'node',
    });
    expect(newerEvent['message']).toBeUndefined();
    expect(convert(newerEvent, type('', 'v1', 'events'))).toEqual(event);
  });
});
