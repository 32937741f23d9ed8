import type { KubeObject } from '../../model/index.js';
import type { FieldErrors } from './field.js';
import { validateMetadata, validateMetadataUpdate } from './metadata.js';
import type { Strategy, UpdateContext, UpdateStep } from './types.js';

/** All that is wrong with a new object. */
export function createErrors(strategy: Strategy, object: KubeObject, context: UpdateContext): FieldErrors {
  const { type } = context;
  const rule = { name: strategy.name ?? ('subdomain' as const), namespaced: type.namespaced, builtin: !type.custom };
  return [...validateMetadata(object, rule), ...(strategy.validate?.(object, context) ?? [])];
}

const usual: readonly UpdateStep[] = ['change of metadata', 'object', 'change'];

/**
 * All that is wrong with a change. The API server looks at some things more than once, by kind, and lists
 * what it finds each time.
 */
export function updateErrors(strategy: Strategy, next: KubeObject, old: KubeObject, context: UpdateContext): FieldErrors {
  const { type } = context;
  const rule = { name: strategy.name ?? ('subdomain' as const), namespaced: type.namespaced, builtin: !type.custom };
  const steps: { [step in UpdateStep]: () => FieldErrors } = {
    metadata: () => validateMetadata(next, rule),
    'change of metadata': () => validateMetadataUpdate(next, old),
    object: () => strategy.validate?.(next, context) ?? [],
    change: () => strategy.validateUpdate?.(next, old, context) ?? [],
  };
  const done = new Map<UpdateStep, FieldErrors>();
  const run = (step: UpdateStep) => {
    const errors = done.get(step) ?? steps[step]();
    done.set(step, errors);
    return errors;
  };
  const chosen = context.subresource === '' ? (strategy.updateSteps ?? usual) : usual;
  return [...run('change of metadata'), ...chosen.flatMap(run)];
}
