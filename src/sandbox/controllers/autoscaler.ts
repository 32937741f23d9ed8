import { equalJson, type KubeObject, parseApiVersion } from '../../model/index.js';
import { type ConditionFacts, withCondition } from './conditions.js';
import type { Controller, World } from './framework.js';
import type { ResourceFacts } from './host.js';
import { ownKey } from './owners.js';
import { objectKey, r, splitKey } from './resources.js';
import type { Condition, Workload } from './shapes.js';
import { stamp } from './times.js';

const desiredReplicasAnnotation = 'sandbox.evenkeel.dev/desired-replicas';

interface Autoscaler extends KubeObject {
  spec: { scaleTargetRef: { apiVersion?: string; kind: string; name: string }; minReplicas?: number; maxReplicas: number };
  status?: {
    conditions?: Condition[];
    currentReplicas?: number;
    desiredReplicas?: number;
    observedGeneration?: number;
    lastScaleTime?: string;
  };
}

/**
 * Scales what an autoscaler targets, within its bounds. No metrics are simulated: an annotation says how many
 * replicas they would ask for.
 */
export function autoscalers(world: World): Controller {
  const { cache, host } = world;
  const scalable = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'];
  const targets = [r.deployments, r.statefulSets, r.replicaSets, r.replicationControllers];
  return {
    name: 'autoscaler',
    rank: 2,
    watches: [
      { resource: r.autoscalers, keys: ownKey },
      ...targets.map((resource, i) => ({
        resource,
        keys: ({ object }: { object: KubeObject }) =>
          cache
            .list<Autoscaler>(r.autoscalers, object.metadata.namespace)
            .filter(({ spec }) => spec.scaleTargetRef.kind === scalable[i] && spec.scaleTargetRef.name === object.metadata.name)
            .map(objectKey),
      })),
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const scaler = cache.get<Autoscaler>(r.autoscalers, namespace, name);
      if (!scaler || scaler.metadata.deletionTimestamp) return undefined;
      const { scaleTargetRef: ref, minReplicas = 1, maxReplicas } = scaler.spec;
      const resource = typeOf(ref);
      const target = resource && cache.get<Workload>(resource, namespace, ref.name);
      if (!resource || !target) {
        const what = resource
          ? `${resource.plural}${resource.group === '' ? '' : `.${resource.group}`} "${ref.name}" not found`
          : `no matches for kind "${ref.kind}" in version "${ref.apiVersion ?? ''}"`;
        tell(scaler, 'FailedGetScale', what, true);
        write(scaler, { current: 0, desired: 0, scaled: false }, [
          {
            type: 'AbleToScale',
            status: 'False',
            reason: 'FailedGetScale',
            message: `the HPA controller was unable to get the target's current scale: ${what}`,
          },
        ]);
        return world.cycle(15_000);
      }
      const current = target.spec.replicas ?? 1;
      if (current === 0 && minReplicas !== 0) {
        write(scaler, { current: target.status?.replicas ?? 0, desired: 0, scaled: false }, [
          ableToScale,
          {
            type: 'ScalingActive',
            status: 'False',
            reason: 'ScalingDisabled',
            message: 'scaling is disabled since the replica count of the target is zero',
          },
        ]);
        return undefined;
      }
      const text = scaler.metadata.annotations?.[desiredReplicasAnnotation];
      const asked = text !== undefined && /^\d+$/.test(text) ? Number(text) : current;
      const desired = Math.min(maxReplicas, Math.max(minReplicas, asked));
      if (desired !== current) {
        host.scale(resource, namespace, ref.name, desired);
        const why = `cpu resource utilization (percentage of request) ${desired > current ? 'above' : 'below'} target`;
        tell(scaler, 'SuccessfulRescale', `New size: ${desired}; reason: ${why}`);
      }
      write(scaler, { current: target.status?.replicas ?? 0, desired, scaled: desired !== current }, [
        desired === current
          ? ableToScale
          : {
              type: 'AbleToScale',
              status: 'True',
              reason: 'SucceededRescale',
              message: `the HPA controller was able to update the target scale to ${desired}`,
            },
        {
          type: 'ScalingActive',
          status: 'True',
          reason: 'ValidMetricFound',
          message: 'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
        },
        limited(asked, minReplicas, maxReplicas),
      ]);
      return undefined;
    },
  };

  function typeOf(ref: { apiVersion?: string; kind: string }): ResourceFacts | undefined {
    const { group } = parseApiVersion(ref.apiVersion ?? 'v1');
    return host.resources().find((type) => type.kind === ref.kind && type.group === group);
  }

  function tell(scaler: Autoscaler, reason: string, message: string, warning = false): void {
    world.events.tell(scaler, { from: 'horizontal-pod-autoscaler', reason, message, warning });
  }

  function write(scaler: Autoscaler, counts: { current: number; desired: number; scaled: boolean }, facts: ConditionFacts[]): void {
    let { conditions } = scaler.status ?? {};
    for (const fact of facts) conditions = withCondition(conditions, fact, world.now());
    const status = {
      ...scaler.status,
      currentReplicas: counts.current,
      desiredReplicas: counts.desired,
      conditions,
      ...(counts.scaled ? { lastScaleTime: stamp(world.now()) } : {}),
    };
    if (!equalJson(status, scaler.status ?? {})) host.updateStatus(r.autoscalers, { ...scaler, status });
  }
}

const ableToScale: ConditionFacts = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'ReadyForNewScale',
  message: 'recommended size matches current size',
};

function limited(asked: number, min: number, max: number): ConditionFacts {
  if (asked > max)
    return {
      type: 'ScalingLimited',
      status: 'True',
      reason: 'TooManyReplicas',
      message: 'the desired replica count is more than the maximum replica count',
    };
  if (asked < min)
    return {
      type: 'ScalingLimited',
      status: 'True',
      reason: 'TooFewReplicas',
      message: 'the desired replica count is less than the minimum replica count',
    };
  return {
    type: 'ScalingLimited',
    status: 'False',
    reason: 'DesiredWithinRange',
    message: 'the desired count is within the acceptable range',
  };
}
