import type { WireRequest } from '../../../model/index.js';
import type { ResourceType } from '../../registry/types.js';
import { hasRules } from './rules.js';

export { loadRules } from './engine.js';

/** Whether a request may meet rules: of a kind that has some, or of a definition that brings some. */
export function needsRules(type: ResourceType, request: WireRequest): boolean {
  if (type.custom) return hasRules(type.custom.schema);
  return type.storage === 'customresourcedefinitions.apiextensions.k8s.io' && request.method !== 'GET';
}
