import type { KubeObject } from '../../../model/index.js';
import type { ResourceType } from '../../registry/types.js';
import { type ApiError, forbidden } from '../../rest/status.js';

/** 403 as an admission plugin words it: an object without a name yet is called by what its name will begin with. */
export function refused(type: ResourceType, object: KubeObject, why: string): ApiError {
  const { name, generateName } = object.metadata;
  return forbidden(type, name || generateName || 'Unknown', why);
}
