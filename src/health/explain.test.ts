import { expect, it } from 'vitest';
import { assessHealth } from './assess.js';
import { explainWait } from './explain.js';
import { conditions, object } from './test-objects.js';

function why(kind: string, fields: { [field: string]: unknown }): string {
  const it_ = object(kind, fields);
  return explainWait(it_, assessHealth(it_));
}

it('says nothing of what is not waited for', () => {
  expect(why('ConfigMap', {})).toBe('');
  expect(why('Service', { spec: {} })).toBe('');
});

it('counts pods and tells what the conditions complain of', () => {
  const status = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 2, readyReplicas: 2 };
  const text = why('apps/Deployment', {
    metadata: { generation: 1 },
    spec: { replicas: 3 },
    status: {
      ...status,
      conditions: conditions('Available=False:MinimumReplicasUnavailable:Deployment does not have minimum availability.'),
    },
  });
  expect(text).toBe('2 of 3 pods ready; 2 of 3 updated replicas are available; Deployment does not have minimum availability');
});

it('says who holds a deletion up', () => {
  expect(why('ConfigMap', { metadata: { deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['example.org/keep'] } })).toBe(
    'waiting for deletion, finalizers example.org/keep',
  );
});

it('does not say the same twice, and never leaves one line', () => {
  const text = why('cert-manager.io/Certificate', {
    status: { conditions: conditions('Ready=False:DoesNotExist:first\nsecond\u001b[31m') },
  });
  expect(text).toBe('first second\\u001b[31m');
  expect(why('example.org/Widget', { status: { phase: 'Failed', message: 'x'.repeat(5000) } }).length).toBe(300);
});
