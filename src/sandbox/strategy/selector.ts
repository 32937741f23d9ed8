import { equalJson } from '../../model/index.js';
import { type FieldErrors, forbiddenField, goSelector, goStringMap, invalid, required } from './field.js';
import { labelErrors, labelValueProblems, qualifiedNameProblems } from './names.js';
import type { Loose } from './types.js';

/** What is wrong with a label selector. */
export function validateSelector(selector: Loose, at: string): FieldErrors {
  const out: FieldErrors = labelErrors(selector.matchLabels, `${at}.matchLabels`);
  (selector.matchExpressions ?? []).forEach((e: Loose, i: number) => {
    const path = `${at}.matchExpressions[${i}]`;
    if (e.operator === 'In' || e.operator === 'NotIn') {
      if ((e.values ?? []).length === 0) out.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (e.operator === 'Exists' || e.operator === 'DoesNotExist') {
      if ((e.values ?? []).length > 0)
        out.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else out.push(invalid(`${path}.operator`, e.operator, 'not a valid selector operator'));
    for (const problem of qualifiedNameProblems(e.key ?? '')) out.push(invalid(`${path}.key`, e.key ?? '', problem));
    (e.values ?? []).forEach((value: string, j: number) => {
      for (const problem of labelValueProblems(value)) out.push(invalid(`${path}.values[${j}]`, value, problem));
    });
  });
  return out;
}

/** Whether a selector can be read at all. */
export function isReadable(selector: Loose): boolean {
  return validateSelector(selector ?? {}, '').length === 0;
}

export function selects(selector: Loose, labels: { [key: string]: string } | undefined): boolean {
  const has = labels ?? {};
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (has[key] !== value) return false;
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const present = Object.hasOwn(has, key);
    if (operator === 'In' && !(present && values.includes(has[key]))) return false;
    if (operator === 'NotIn' && present && values.includes(has[key])) return false;
    if (operator === 'Exists' && !present) return false;
    if (operator === 'DoesNotExist' && present) return false;
  }
  return true;
}

export const isEmptySelector = (selector: Loose) =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

/** The selector that a workload has to have. */
export function validateWorkloadSelector(spec: Loose, kind: string): FieldErrors {
  if (!spec.selector) return [required('spec.selector')];
  const out = validateSelector(spec.selector, 'spec.selector');
  if (isEmptySelector(spec.selector))
    out.push(invalid('spec.selector', goSelector(spec.selector), `empty selector is invalid for ${kind}`));
  return out;
}

/** A template whose labels its workload's selector does not select. No selector selects nothing, an empty one anything. */
export function mismatch(selector: Loose, template: Loose, at: string): FieldErrors {
  const labels = template?.metadata?.labels;
  if (selector && (isEmptySelector(selector) || selects(selector, labels))) return [];
  return [invalid(`${at}.metadata.labels`, goStringMap(labels), '`selector` does not match template `labels`')];
}

export function immutableSelector(spec: Loose, old: Loose): FieldErrors {
  return equalJson(spec.selector, old.selector) ? [] : [invalid('spec.selector', goSelector(spec.selector, true), 'field is immutable')];
}
