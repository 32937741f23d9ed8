import { celProblems, hasRules } from '../crd/cel/rules.js';
import { embeddedProblems } from '../crd/embedded.js';
import { listTypeProblems } from '../crd/listtype.js';
import { rootField } from '../crd/paths.js';
import { scaleProblems } from '../crd/scale.js';
import { validateValue } from '../crd/validate.js';
import type { ResourceType } from '../registry/types.js';
import { type FieldErrors, invalid } from './field.js';
import type { Loose, Strategy } from './types.js';

const known = new WeakMap<ResourceType, Strategy>();

/** Errors after which rules are not looked at: they may rely on what is missing. */
const blocking = new Set(['FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);

/** What the API server does with custom resources: their definition's schema decides. */
export function customStrategy(type: ResourceType): Strategy {
  let strategy = known.get(type);
  if (strategy) return strategy;
  const { schema, scale } = type.custom ?? {};
  strategy = {
    generation: true,
    status: type.custom?.status === true,
    validate: (object: Loose, { old, subresource }) => {
      const out: FieldErrors = schema ? validateValue(schema, object) : [];
      out.push(...scaleProblems(scale, object, subresource === 'status'));
      if (!schema) return out;
      out.push(...embeddedProblems(schema, object));
      // What was repeated before may stay so.
      if (!old || listTypeProblems(schema, old).length === 0) out.push(...listTypeProblems(schema, object));
      return [...out, ...ruleProblems(type, object, old, out)];
    },
  };
  known.set(type, strategy);
  return strategy;
}

function ruleProblems(type: ResourceType, object: Loose, old: Loose, found: FieldErrors): FieldErrors {
  const schema = type.custom?.schema;
  if (!schema || !hasRules(schema)) return [];
  if (!found.some((e) => blocking.has(e.reason))) return celProblems(schema, object, old);
  const message =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return [invalid(rootField, undefined, message)];
}
