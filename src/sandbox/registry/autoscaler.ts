import { joinApiVersion, type KubeObject } from '../../model/index.js';
import { decodeStruct } from '../gotypes/decode.js';
import { behaviorToNewer, behaviorToOlder, metricToNewer, metricToOlder, statusToNewer, statusToOlder } from './metrics.js';
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
const isCpuTarget = (metric: Loose) => isCpu(metric) && metric.resource.target?.averageUtilization !== undefined;

function toV1(object: Loose): Loose {
  const { metrics: _, behavior, ...spec } = object.spec ?? {};
  const { currentMetrics: __, conditions, ...status } = object.status ?? {};
  const metrics: Loose[] = object.spec?.metrics ?? [];
  const current: Loose[] = object.status?.currentMetrics ?? [];
  const cpu = metrics.find(isCpuTarget);
  const others = metrics.filter((m) => !isCpuTarget(m));
  const annotations: { [key: string]: string } = { ...object.metadata.annotations };
  if (others.length > 0) annotations[`${kept}metrics`] = JSON.stringify(others.map(metricToOlder));
  if (behavior) annotations[`${kept}behavior`] = JSON.stringify(behaviorToOlder(behavior));
  if (current.length > 0) annotations[`${kept}current-metrics`] = JSON.stringify(current.map(statusToOlder));
  if (conditions?.length > 0) annotations[`${kept}conditions`] = JSON.stringify(conditions);
  const share = current.find((m) => isCpu(m) && m.resource.current?.averageUtilization !== undefined)?.resource.current.averageUtilization;
  return {
    ...object,
    metadata: { ...object.metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { ...spec, ...(cpu ? { targetCPUUtilizationPercentage: cpu.resource.target.averageUtilization } : {}) },
    status: { ...status, ...(share === undefined ? {} : { currentCPUUtilizationPercentage: share }) },
  };
}

const cpuMetric = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

function toV2(object: Loose): Loose {
  const { targetCPUUtilizationPercentage: target, ...spec } = object.spec ?? {};
  const { currentCPUUtilizationPercentage: share, ...status } = object.status ?? {};
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
  const [others, seen, behavior, conditions] = [take('metrics'), take('current-metrics'), take('behavior'), take('conditions')];
  const metrics = [...(Array.isArray(others) ? others.map(metricToNewer) : []), ...(target == null ? [] : [cpuMetric(target)])];
  const { annotations: _, ...metadata } = object.metadata;
  const resource = { name: 'cpu', current: { averageUtilization: share, averageValue: '0' } };
  const current = Array.isArray(seen) ? seen.map(statusToNewer) : share == null ? undefined : [{ type: 'Resource', resource }];
  return {
    ...object,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior ? { behavior: behaviorToNewer(behavior) } : {}) },
    status: { ...status, ...(current ? { currentMetrics: current } : {}), ...(conditions ? { conditions } : {}) },
  };
}
