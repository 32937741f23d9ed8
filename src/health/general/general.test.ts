import { describe, expect, it } from 'vitest';
import { assessHealth } from '../assess.js';
import { conditions, object } from '../test-objects.js';
import { statusOfWord } from './vocabulary.js';

function status(fields: { [field: string]: unknown }, kind = 'example.org/Widget'): string | null {
  return assessHealth(object(kind, fields))?.status ?? null;
}
const from = (...texts: string[]) => status({ status: { conditions: conditions(...texts) } });

describe('a kind that nobody has heard of', () => {
  it('has no health where its status says nothing that is commonly understood', () => {
    expect(status({})).toBeNull();
    expect(status({ status: {} })).toBeNull();
    expect(status({ status: 'Ready' })).toBeNull();
    expect(status({ status: { url: 'x', conditions: conditions('Colour=True') } })).toBeNull();
    expect(status({ status: { phase: 'Lilac' } })).toBeNull();
  });
  it.each([
    [['Ready=True'], 'Healthy'],
    [['Ready=Unknown'], 'Progressing'],
    [['Ready=False:Broken'], 'Degraded'],
    [['Ready=False:Provisioning'], 'Progressing'],
    [['Ready=False:WaitingForVolume'], 'Progressing'],
    [['Ready=True', 'Reconciling=True'], 'Progressing'],
    [['Ready=True', 'Stalled=True'], 'Degraded'],
    [['Ready=False:Creating', 'Synced=False:ReconcileError'], 'Degraded'],
    [['Ready=True', 'Available=False'], 'Healthy'],
    [['Available=True', 'Progressing=True:NewReplicaSetAvailable'], 'Healthy'],
    [['Available=True', 'Progressing=True:ReplicaSetUpdated'], 'Progressing'],
    [['Available=True', 'Progressing=False', 'Degraded=False'], 'Healthy'],
    [['Available=True', 'Degraded=True'], 'Degraded'],
    [['Accepted=True', 'Programmed=False:Invalid'], 'Degraded'],
    [['Accepted=True', 'Programmed=Unknown'], 'Progressing'],
    [['Established=True', 'NamesAccepted=True'], 'Healthy'],
    [['Paused=True', 'Ready=False'], 'Suspended'],
    [['Synced=False:ReconcilePaused', 'Ready=True'], 'Suspended'],
    [['RemoteSynced=False:Denied'], 'Degraded'],
    [['RenewalFailed=True'], 'Degraded'],
    [['Failed=False'], 'Healthy'],
  ])('with %j is %s', (texts, expected) => expect(from(...texts)).toBe(expected));
  it('waits for each condition to be about the spec that stands', () => {
    const at = (observedGeneration: number) =>
      status({ metadata: { generation: 3 }, status: { conditions: [{ type: 'Ready', status: 'True', observedGeneration }] } });
    expect(at(2)).toBe('Progressing');
    expect(at(3)).toBe('Healthy');
  });
  it('reads one word, and the worse of two', () => {
    expect(status({ status: { phase: 'Running' } })).toBe('Healthy');
    expect(status({ status: { phase: 'Running' } }, 'example.org/NightlyBackup')).toBe('Progressing');
    expect(status({ status: { state: 'scaling-up' } })).toBe('Progressing');
    expect(status({ status: { phase: 'Ready', health: 'red' } })).toBe('Degraded');
    expect(status({ status: { phase: 'Failed', conditions: conditions('Ready=True') } })).toBe('Degraded');
  });
  it('counts replicas where nothing else is said', () => {
    expect(status({ spec: { replicas: 3 }, status: { replicas: 3, readyReplicas: 2 } })).toBe('Progressing');
    expect(status({ spec: { replicas: 3 }, status: { replicas: 3, readyReplicas: 3 } })).toBe('Healthy');
  });
  it('is Suspended by its spec', () => expect(status({ spec: { paused: true }, status: { phase: 'Running' } })).toBe('Suspended'));
  it('reads what gateways write for each parent', () => {
    const parents = [{ conditions: conditions('Accepted=True') }, { conditions: conditions('Accepted=False:NoMatchingParent') }];
    expect(status({ status: { parents } })).toBe('Degraded');
  });
});

it('knows a word however it is written, and no word of the prototype', () => {
  expect(statusOfWord('SCALING_UP')).toBe('Progressing');
  expect(statusOfWord('Not Ready')).toBe('Degraded');
  expect(statusOfWord('constructor')).toBeUndefined();
  expect(statusOfWord('')).toBeUndefined();
});

it('lets a condition that does not hold be old, and believes a status that is up to date as a whole', () => {
  const at = (type: string, state: string, status: object = {}) =>
    assessHealth(
      object('example.org/Widget', {
        metadata: { generation: 3 },
        status: {
          ...status,
          conditions: [
            { type: 'Ready', status: 'True' },
            { type, status: state, observedGeneration: 1 },
          ],
        },
      }),
    )?.status;
  expect(at('Stalled', 'False')).toBe('Healthy');
  expect(at('Stalled', 'True')).toBe('Progressing');
  expect(at('Stalled', 'True', { observedGeneration: 3 })).toBe('Degraded');
});
