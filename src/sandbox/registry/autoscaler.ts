import { joinApiVersion, type KubeObject } from '../../model/index.js';
import { decodeStruct } from '../gotypes/decode.js';
import type { ResourceType } from './types.js';

// biome-ignore lint/suspicious/noExplicitAny: both versions of one kind
type Loose = any;

const kept = 'autoscaling.alpha.kubernetes.io/';

/** HorizontalPodAutoscalers between v1, which knows one CPU target, and v2; what v1 cannot say goes into annotations. */
export function convertAutoscaler(object: KubeObject, to: ResourceType): KubeObject {
  const converted = to.version === 'v1' ? toV1(object) : toV2(object);
  const typed: Loose = { ...converted, apiVersion: joinApiVersion(to.group, to.version), kind: to.kind };
  return to.go ? ({ ...decodeStruct(to.go, typed, to.kind).value, apiVersion: typed.apiVersion, kind: typed.kind } as KubeObject) : typed;
}

const isCpu = (metric: Loose) => metric.type === 'Resource' && metric.resource?.name === 'cpu';

function toV1(object: Loose): Loose {
  const { metrics = [], behavior, ...spec } = object.spec ?? {};
  const { currentMetrics, conditions, ...status } = object.status ?? {};
  const cpu = metrics.find((m: Loose) => isCpu(m) && m.resource.target?.averageUtilization !== undefined);
  const others = metrics.filter((m: Loose) => m !== cpu);
  const annotations: { [key: string]: string } = { ...object.metadata.annotations };
  if (others.length > 0) annotations[`${kept}metrics`] = JSON.stringify(others);
  if (behavior) annotations[`${kept}behavior`] = JSON.stringify(behavior);
  if (conditions) annotations[`${kept}conditions`] = JSON.stringify(conditions);
  const current = (currentMetrics ?? []).find((m: Loose) => isCpu(m));
  return {
    ...object,
    metadata: { ...object.metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { ...spec, ...(cpu ? { targetCPUUtilizationPercentage: cpu.resource.target.averageUtilization } : {}) },
    status: {
      ...status,
      ...(current?.resource?.current?.averageUtilization === undefined
        ? {}
        : { currentCPUUtilizationPercentage: current.resource.current.averageUtilization }),
    },
  };
}

function toV2(object: Loose): Loose {
  const { targetCPUUtilizationPercentage: target, ...spec } = object.spec ?? {};
  const { currentCPUUtilizationPercentage: current, ...status } = object.status ?? {};
  const annotations = { ...object.metadata.annotations };
  const take = (name: string): Loose => {
    const text = annotations[`${kept}${name}`];
    delete annotations[`${kept}${name}`];
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  };
  const cpu =
    target == null ? [] : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }];
  const others = take('metrics');
  const behavior = take('behavior');
  const conditions = take('conditions');
  const metrics = [...(Array.isArray(others) ? others : []), ...cpu];
  const { annotations: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior ? { behavior } : {}) },
    status: {
      ...status,
      ...(current == null
        ? {}
        : {
            currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current, averageValue: '0' } } }],
          }),
      ...(conditions ? { conditions } : {}),
    },
  };
}
