import { joinApiVersion, type KubeObject } from '../../model/index.js';
import { decodeCustom } from '../crd/decode.js';
import { decodeStruct } from '../gotypes/decode.js';
import { convertAutoscaler } from './autoscaler.js';
import { renameEvent } from './events.js';
import type { ResourceType } from './types.js';

/** An object of another version of the same resource, in the version of a type. The input stays as it is. */
export function convert(object: KubeObject, to: ResourceType): KubeObject {
  const apiVersion = joinApiVersion(to.group, to.version);
  if (object.apiVersion === apiVersion) return object;
  if (to.storage === 'horizontalpodautoscalers.autoscaling') return convertAutoscaler(object, to);
  const source = to.storage === 'events.' ? renameEvent(object, to.group === '') : object;
  const moved: KubeObject = { ...source, apiVersion, kind: to.kind };
  if (to.custom) return decodeCustom(to, moved).value;
  return to.go ? ({ ...decodeStruct(to.go, moved, to.kind).value, apiVersion, kind: to.kind } as KubeObject) : moved;
}
