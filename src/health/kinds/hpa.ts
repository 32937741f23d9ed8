import type { Health } from '../../model/index.js';
import { at, type Condition, conditionsAt, text } from '../read.js';
import { degraded, healthy, progressing, unknown } from './answers.js';

const failures = new Map([
  ['AbleToScale', /^Failed(GetScale|UpdateScale)$/],
  ['ScalingActive', /^Failed(Get(Resource|ContainerResource|Object|Pods|External)Metric|ComputeMetricsReplicas)$|^InvalidSelector$/],
]);

/** autoscaling/v1 keeps the conditions as JSON in an annotation, every later version in the status. */
export function hpaHealth(object: unknown): Health {
  let conditions = conditionsAt(object);
  if (at(object, 'apiVersion') === 'autoscaling/v1') {
    const noted = text(object, ['metadata', 'annotations', 'autoscaling.alpha.kubernetes.io/conditions']);
    const read = noted === '' ? [] : readAnnotation(noted);
    if (read === undefined) return unknown('The annotation autoscaling.alpha.kubernetes.io/conditions is not JSON');
    conditions = read;
  }
  const failed = conditions.find((c) => failures.get(c.type)?.test(c.reason));
  if (failed) return degraded(failed.message || failed.reason);
  const able = conditions.find((c) => (c.type === 'AbleToScale' || c.type === 'ScalingLimited') && c.status === 'True');
  return able ? healthy(able.message) : progressing('Waiting to autoscale');
}

function readAnnotation(noted: string): Condition[] | undefined {
  try {
    return conditionsAt({ items: JSON.parse(noted) as unknown }, 'items');
  } catch {
    return undefined;
  }
}
