import { type FieldErrors, GoText, invalid, required } from '../../strategy/field.js';
import type { Loose } from '../../strategy/types.js';
import { isTransition, ruleChecker } from '../cel/check.js';

/** A place in a schema that has rules. */
export interface RulePlace {
  at: string;
  schema: Loose;
  /** The root of a resource, which has apiVersion, kind and metadata. */
  root: boolean;
  /** The nearest place above whose old and new items cannot be told to be the same. */
  uncorrelatable: string | undefined;
}

/** All places of a schema that have rules, what is within before what is around. */
export function rulePlaces(schema: Loose, at: string): RulePlace[] {
  const out: RulePlace[] = [];
  visit({ at, schema, root: true, uncorrelatable: undefined }, out);
  return out;
}

function visit(place: RulePlace, out: RulePlace[]): void {
  const { schema, at, uncorrelatable } = place;
  const below = (child: Loose, where: string, lost = uncorrelatable) => {
    if (child !== null && typeof child === 'object' && !Array.isArray(child))
      visit({ at: `${at}.${where}`, schema: child, root: child['x-kubernetes-embedded-resource'] === true, uncorrelatable: lost }, out);
  };
  below(schema.additionalProperties, 'additionalProperties');
  for (const name of Object.keys(schema.properties ?? {}).sort()) below(schema.properties[name], `properties[${name}]`);
  below(schema.items, 'items', schema['x-kubernetes-list-type'] === 'map' ? uncorrelatable : (uncorrelatable ?? at));
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) out.push(place);
}

/** What is wrong with the rules of some places: what does not compile, and what cannot know the past. */
export function ruleProblems(_root: Loose, places: RulePlace[], _at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const { at, schema, root, uncorrelatable } of places) {
    const checker = ruleChecker(schema, root);
    if (!checker) {
      out.push(undeclarable(schema, at));
      continue;
    }
    (schema['x-kubernetes-validations'] as Loose[]).forEach((rule, i) => {
      const place = `${at}.x-kubernetes-validations[${i}].rule`;
      const problem = checker.problem(rule.rule);
      if (problem !== undefined) out.push(invalid(place, printRule(rule), problem));
      else if (uncorrelatable !== undefined && isTransition(rule.rule))
        out.push(invalid(place, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`));
    });
  }
  return out;
}

function undeclarable(schema: Loose, at: string): FieldErrors[number] {
  const place = `${at}.x-kubernetes-validations`;
  if (!schema.type) return required(`${at}.type`, 'must not be empty where rules are declared');
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    reason: 'FieldValueInvalid',
    field: place,
    message: `Internal error: rule declared on schema that does not support validation rules type: '${schema.type}' x-kubernetes-preserve-unknown-fields: '${preserves}'`,
  };
}

const printRule = (rule: Loose) =>
  new GoText(`apiextensions.ValidationRule{Rule:${JSON.stringify(rule.rule)}, Message:${JSON.stringify(rule.message ?? '')}}`);
