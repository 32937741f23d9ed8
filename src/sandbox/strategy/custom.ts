import { celProblems } from '../crd/cel.js';
import { validateValue } from '../crd/validate.js';
import type { ResourceType } from '../registry/types.js';
import { type FieldErrors, invalid } from './field.js';
import type { Loose, Strategy } from './types.js';

const known = new WeakMap<ResourceType, Strategy>();

/** What the API server does with custom resources: their definition's schema decides. */
export function customStrategy(type: ResourceType): Strategy {
  let strategy = known.get(type);
  if (strategy) return strategy;
  const facts = type.custom;
  const check = (object: Loose): FieldErrors => {
    if (!facts?.schema) return [];
    const { metadata: _, ...content } = object;
    return validateValue(facts.schema, content, '').filter((e) => !/^(apiVersion|kind|metadata)(\.|$)/.test(e.field));
  };
  const replicas = (object: Loose): FieldErrors => {
    const path = facts?.scale?.specReplicasPath.split('.').filter(Boolean) ?? [];
    const value = path.reduce((at, step) => at?.[step], object);
    return path.length > 0 && typeof value === 'number' && value < 0
      ? [invalid(path.join('.'), value, 'should be a non-negative integer')]
      : [];
  };
  strategy = {
    generation: true,
    status: facts?.status === true,
    validate: (object, { old }) => {
      const out = [...check(object), ...replicas(object)];
      return out.length > 0 || !facts?.schema ? out : celProblems(facts.schema, object, old);
    },
  };
  known.set(type, strategy);
  return strategy;
}
