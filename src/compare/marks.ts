import { formatKey, type KubeObject, keyOf, type ResourceKey } from '../model/index.js';

export const workflowLabel = 'evenkeel.dev/workflow';
const trackingAnnotation = 'evenkeel.dev/tracking';
export const fieldManager = 'evenkeel';

/** Puts a workflow's mark on an object; the object passed in stays as it is. */
export function mark(object: KubeObject, workflowId: string): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [workflowLabel]: workflowId },
      annotations: { ...metadata.annotations, [trackingAnnotation]: trackingValue(workflowId, keyOf(object)) },
    },
  };
}

function trackingValue(workflowId: string, key: ResourceKey): string {
  return `${workflowId}:${formatKey(key)}`;
}

/**
 * The workflow whose mark an object carries. An annotation that does not name the object that it stands
 * on is a copy (a controller copied labels and annotations to what it made) and marks nothing.
 */
export function ownerOf(object: KubeObject): string | undefined {
  const label = object.metadata.labels?.[workflowLabel];
  if (label === undefined) return undefined;
  return object.metadata.annotations?.[trackingAnnotation] === trackingValue(label, keyOf(object)) ? label : undefined;
}
