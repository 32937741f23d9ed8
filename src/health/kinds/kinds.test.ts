import { describe, expect, it } from 'vitest';
import { assessHealth } from '../assess.js';
import { conditions, object } from '../test-objects.js';

function status(kind: string, fields: { [field: string]: unknown }): string | null {
  return assessHealth(object(kind, fields))?.status ?? null;
}

describe('Deployment', () => {
  const rolledOut = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 };
  const at = (changes: object, spec: object = {}) =>
    status('apps/Deployment', { metadata: { generation: 2 }, spec: { replicas: 3, ...spec }, status: { ...rolledOut, ...changes } });
  it('is Healthy once every replica is updated and available', () => expect(at({})).toBe('Healthy'));
  it('waits for the controller to see the generation that was applied', () => {
    expect(at({ observedGeneration: 1 })).toBe('Progressing');
    expect(status('apps/Deployment', { metadata: { generation: 1 }, spec: { replicas: 1 } })).toBe('Progressing');
  });
  it('waits for new replicas, old replicas and availability', () => {
    expect(at({ updatedReplicas: 2 })).toBe('Progressing');
    expect(at({ replicas: 4 })).toBe('Progressing');
    expect(at({ availableReplicas: 2 })).toBe('Progressing');
  });
  it('is Degraded after its deadline, Suspended while paused', () => {
    expect(at({ updatedReplicas: 1, conditions: conditions('Progressing=False:ProgressDeadlineExceeded') })).toBe('Degraded');
    expect(at({ observedGeneration: 1 }, { paused: true })).toBe('Suspended');
  });
  it('reads numbers that came as bigint', () => expect(at({ updatedReplicas: 2n, replicas: 3n })).toBe('Progressing'));
});

describe('StatefulSet', () => {
  const at = (statusPart: object, spec: object = {}) =>
    status('apps/StatefulSet', {
      metadata: { generation: 1 },
      spec: { replicas: 3, ...spec },
      status: { observedGeneration: 1, readyReplicas: 3, ...statusPart },
    });
  it('waits for the revision', () => {
    expect(at({ updateRevision: 'b', currentRevision: 'a' })).toBe('Progressing');
    expect(at({ updateRevision: 'b', currentRevision: 'b' })).toBe('Healthy');
    expect(at({ readyReplicas: 2 })).toBe('Progressing');
    expect(at({ observedGeneration: undefined })).toBe('Progressing');
  });
  it('does not wait for pods below a partition, nor with OnDelete', () => {
    const partition = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } };
    expect(at({ updatedReplicas: 1, updateRevision: 'b', currentRevision: 'a' }, partition)).toBe('Healthy');
    expect(at({ updatedReplicas: 0, updateRevision: 'b', currentRevision: 'a' }, partition)).toBe('Progressing');
    expect(at({ updateRevision: 'b', currentRevision: 'a' }, { updateStrategy: { type: 'OnDelete' } })).toBe('Healthy');
  });
});

describe('DaemonSet, ReplicaSet, ReplicationController', () => {
  const daemon = (part: object, spec: object = {}) =>
    status('apps/DaemonSet', {
      metadata: { generation: 1 },
      spec,
      status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2, ...part },
    });
  it('counts nodes', () => {
    expect(daemon({})).toBe('Healthy');
    expect(daemon({ updatedNumberScheduled: 1 })).toBe('Progressing');
    expect(daemon({ numberAvailable: 1 })).toBe('Progressing');
    expect(daemon({ updatedNumberScheduled: 1 }, { updateStrategy: { type: 'OnDelete' } })).toBe('Healthy');
  });
  it.each(['apps/ReplicaSet', 'ReplicationController'])('%s counts replicas', (kind) => {
    const at = (part: object) =>
      status(kind, {
        metadata: { generation: 1 },
        spec: { replicas: 2 },
        status: { observedGeneration: 1, availableReplicas: 2, ...part },
      });
    expect(at({})).toBe('Healthy');
    expect(at({ availableReplicas: 1 })).toBe('Progressing');
    expect(at({ availableReplicas: 0, conditions: conditions('ReplicaFailure=True::quota') })).toBe('Degraded');
  });
});

describe('Pod', () => {
  const pod = (part: object, spec: object = { restartPolicy: 'Always' }, metadata: object = {}) =>
    status('Pod', { metadata, spec, status: part });
  const waiting = {
    phase: 'Pending',
    containerStatuses: [{ name: 'web', state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } }],
  };
  it('that stays is Healthy when ready', () => {
    expect(pod({ phase: 'Running', conditions: conditions('Ready=True') })).toBe('Healthy');
    expect(pod({ phase: 'Running', conditions: conditions('Ready=False') })).toBe('Progressing');
    expect(pod({ phase: 'Running', containerStatuses: [{ lastState: { terminated: { exitCode: 1 } } }] })).toBe('Degraded');
  });
  it('that stays is Degraded when it cannot start; one that ends may yet', () => {
    expect(pod(waiting)).toBe('Degraded');
    expect(pod(waiting, { restartPolicy: 'Never' })).toBe('Progressing');
  });
  it('that ends is judged by its end', () => {
    expect(pod({ phase: 'Succeeded' }, { restartPolicy: 'Never' })).toBe('Healthy');
    expect(pod({ phase: 'Running' }, { restartPolicy: 'OnFailure' })).toBe('Progressing');
    const failed = object('Pod', {
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Failed', containerStatuses: [{ name: 'web', state: { terminated: { exitCode: 3 } } }] },
    });
    expect(assessHealth(failed)).toEqual({ status: 'Degraded', message: 'Container web failed with exit code 3' });
  });
  it('obeys the annotation about restart policies, unless it is a hook', () => {
    const annotations = { 'argocd.argoproj.io/ignore-restart-policy': 'true' };
    const running = { phase: 'Running', conditions: conditions('Ready=True') };
    expect(pod(running, { restartPolicy: 'Never' }, { annotations })).toBe('Healthy');
    expect(pod(running, { restartPolicy: 'Never' }, { annotations: { ...annotations, 'argocd.argoproj.io/hook': 'PreSync' } })).toBe(
      'Progressing',
    );
  });
});

describe('Job and CronJob', () => {
  const job = (...texts: string[]) => status('batch/Job', { status: { conditions: conditions(...texts) } });
  it('reads how the job ended', () => {
    expect(job()).toBe('Progressing');
    expect(job('Complete=True')).toBe('Healthy');
    expect(job('FailureTarget=True', 'Failed=True::deadline')).toBe('Degraded');
    expect(job('Suspended=True')).toBe('Suspended');
    expect(job('Suspended=False')).toBe('Progressing');
  });
  it('judges a cron job by its latest run that is over', () => {
    const cron = (part: object | undefined, spec: object = {}) => status('batch/CronJob', { spec, ...(part ? { status: part } : {}) });
    const times = { lastScheduleTime: '2030-01-02T00:00:00Z', lastSuccessfulTime: '2030-01-01T00:00:05Z' };
    expect(cron(undefined)).toBe('Progressing');
    expect(cron({})).toBe('Healthy');
    expect(cron(times)).toBe('Degraded');
    expect(cron({ ...times, active: [{}] })).toBe('Healthy');
    expect(cron({ ...times, lastSuccessfulTime: '2030-01-02T00:00:05Z' })).toBe('Healthy');
    expect(cron(times, { suspend: true })).toBe('Healthy');
  });
});

describe('the rest of Kubernetes', () => {
  it.each([
    ['Bound', 'Healthy'],
    ['Pending', 'Progressing'],
    ['Lost', 'Degraded'],
    ['', 'Unknown'],
  ])('a claim that is %s is %s', (phase, expected) => expect(status('PersistentVolumeClaim', { status: { phase } })).toBe(expected));
  it('waits for addresses of load balancers and ingresses only', () => {
    const address = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    expect(status('Service', { spec: { type: 'ClusterIP' } })).toBe('Healthy');
    expect(status('Service', { spec: { type: 'LoadBalancer' }, status: { loadBalancer: {} } })).toBe('Progressing');
    expect(status('Service', { spec: { type: 'LoadBalancer' }, status: address })).toBe('Healthy');
    expect(status('networking.k8s.io/Ingress', { status: {} })).toBe('Progressing');
    expect(status('networking.k8s.io/Ingress', { status: address })).toBe('Healthy');
  });
  it('reads autoscalers of every version', () => {
    const noMetric = conditions('AbleToScale=True', 'ScalingActive=False:FailedGetResourceMetric');
    const hpa = (version: string, fields: { [field: string]: unknown }) =>
      assessHealth({ ...object('autoscaling/HorizontalPodAutoscaler', fields), apiVersion: `autoscaling/${version}` })?.status;
    for (const version of ['v2', 'v2beta2', 'v2beta1']) {
      expect(hpa(version, { status: { conditions: noMetric } })).toBe('Degraded');
      expect(hpa(version, { status: { conditions: noMetric.slice(0, 1) } })).toBe('Healthy');
      expect(hpa(version, {})).toBe('Progressing');
    }
    const noted = (text: string) => hpa('v1', { metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/conditions': text } } });
    expect(noted(JSON.stringify(noMetric))).toBe('Degraded');
    expect(noted('[')).toBe('Unknown');
    expect(hpa('v1', {})).toBe('Progressing');
  });
  it('reads definitions and API services', () => {
    const crd = (...texts: string[]) =>
      status('apiextensions.k8s.io/CustomResourceDefinition', { status: { conditions: conditions(...texts) } });
    expect(crd()).toBe('Progressing');
    expect(crd('NamesAccepted=True', 'Established=True')).toBe('Healthy');
    expect(crd('NamesAccepted=False::taken', 'Established=False')).toBe('Degraded');
    expect(crd('Established=False:Installing')).toBe('Progressing');
    expect(status('apiregistration.k8s.io/APIService', { status: { conditions: conditions('Available=False:Missing') } })).toBe(
      'Progressing',
    );
    expect(status('apiregistration.k8s.io/APIService', { status: { conditions: conditions('Available=True') } })).toBe('Healthy');
  });
  it('does not call a budget sick that holds pods back', () => {
    const pdb = (text: string) => status('policy/PodDisruptionBudget', { status: { conditions: conditions(text) } });
    expect(pdb('DisruptionAllowed=False:InsufficientPods')).toBe('Healthy');
    expect(pdb('DisruptionAllowed=False:SyncFailed')).toBe('Degraded');
  });
  it('gives no health to what has none', () => {
    expect(status('ConfigMap', { data: {} })).toBeNull();
    expect(status('Namespace', { status: { phase: 'Active' } })).toBeNull();
    expect(status('Namespace', { status: { phase: 'Terminating' } })).toBe('Progressing');
    expect(status('rbac.authorization.k8s.io/Role', {})).toBeNull();
    expect(status('argoproj.io/Application', { status: { health: { status: 'Degraded' } } })).toBeNull();
    expect(status('flowcontrol.apiserver.k8s.io/FlowSchema', { status: { conditions: conditions('Dangling=False') } })).toBeNull();
  });
});
