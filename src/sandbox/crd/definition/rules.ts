import { type FieldErrors, forbiddenField, GoText, invalid, required } from '../../strategy/field.js';
import type { Loose } from '../../strategy/types.js';
import { isTransition, ruleChecker } from '../cel/check.js';
import { costEstimate, times } from '../cel/cost.js';

/** A place in a schema that has rules. */
export interface RulePlace {
  at: string;
  schema: Loose;
  /** The root of a resource, which has apiVersion, kind and metadata. */
  root: boolean;
  /** The nearest place above whose old and new items cannot be told to be the same. */
  uncorrelatable: string | undefined;
  /** How often the place can be there in one object; undefined where nothing bounds it. */
  count: number | undefined;
}

/** All places of a schema that have rules, what is within before what is around. */
export function rulePlaces(schema: Loose, at: string): RulePlace[] {
  const out: RulePlace[] = [];
  visit({ at, schema, root: true, uncorrelatable: undefined, count: 1 }, out);
  return out;
}

function visit(place: RulePlace, out: RulePlace[]): void {
  const { schema, at, uncorrelatable } = place;
  const most = mostChildren(schema);
  const count = place.count === undefined || most === undefined ? undefined : times(place.count, most);
  const below = (child: Loose, where: string, lost = uncorrelatable) => {
    if (child === null || typeof child !== 'object' || Array.isArray(child)) return;
    const root = child['x-kubernetes-embedded-resource'] === true;
    visit({ at: `${at}.${where}`, schema: child, root, uncorrelatable: lost, count }, out);
  };
  below(schema.additionalProperties, 'additionalProperties');
  for (const name of Object.keys(schema.properties ?? {}).sort()) below(schema.properties[name], `properties[${name}]`);
  below(schema.items, 'items', schema['x-kubernetes-list-type'] === 'map' ? uncorrelatable : (uncorrelatable ?? at));
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) out.push(place);
}

/** How many values of what is within a schema one of its values can have; undefined where there is no limit. */
function mostChildren({ type, additionalProperties, maxProperties, maxItems }: Loose): number | undefined {
  const limit = type === 'array' ? maxItems : type === 'object' && additionalProperties ? maxProperties : 1;
  return limit === undefined ? undefined : Math.max(limit, 0);
}

const mostForRule = 10_000_000;
const mostForAll = 100_000_000;

/** What is wrong with the rules of some places: what does not compile, costs too much, or cannot know the past. */
export function ruleProblems(places: RulePlace[], whole: string): FieldErrors {
  const out: FieldErrors = [];
  const costs: { place: string; cost: number }[] = [];
  for (const { at, schema, root, uncorrelatable, count } of places) {
    const checker = ruleChecker(schema, root);
    const estimate = costEstimate(schema, root);
    if (!checker) {
      out.push(undeclarable(schema, at));
      continue;
    }
    (schema['x-kubernetes-validations'] as Loose[]).forEach((rule, i) => {
      const place = `${at}.x-kubernetes-validations[${i}].rule`;
      const problem = checker.problem(rule.rule);
      if (problem !== undefined) {
        out.push(invalid(place, printRule(rule), problem));
        return;
      }
      const cost = estimate ? times(estimate.of(rule.rule), count ?? estimate.mostTimes) : 0;
      costs.push({ place, cost });
      if (cost > mostForRule) out.push(forbiddenField(place, tooCostly('estimated rule cost', cost / mostForRule)));
      if (uncorrelatable !== undefined && isTransition(rule.rule))
        out.push(invalid(place, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`));
    });
  }
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total > mostForAll) {
    const share = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const high = costs.filter(({ cost }) => cost >= mostForAll / 100).sort((a, b) => b.cost - a.cost);
    for (const { place } of high.slice(0, 4)) out.push(forbiddenField(place, share));
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    out.push(forbiddenField(whole, tooCostly(name, total / mostForAll)));
  }
  return out;
}

function tooCostly(what: string, by: number): string {
  const factor = by > 100 ? 'more than 100x' : by < 1.5 ? `${by.toFixed(6)}x` : `${by.toFixed(1)}x`;
  const advice = 'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${what} exceeds budget by factor of ${factor} (${advice})`;
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
