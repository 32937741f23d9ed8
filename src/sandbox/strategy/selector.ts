import { type FieldErrors, forbiddenField, goSelector, goStringMap, invalid, required } from './field.js';
import { labelErrors, qualifiedNameProblems } from './names.js';
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
  });
  return out;
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

/** The selector of a workload and its template's labels, which it has to select. */
export function validateWorkloadSelector(spec: Loose, kind: string): FieldErrors {
  const out: FieldErrors = [];
  if (!spec.selector) out.push(required('spec.selector'));
  else {
    out.push(...validateSelector(spec.selector, 'spec.selector'));
    if (isEmptySelector(spec.selector))
      out.push(invalid('spec.selector', goSelector(spec.selector), `empty selector is invalid for ${kind}`));
  }
  return out;
}

export function validateTemplateLabels(spec: Loose): FieldErrors {
  const labels = spec.template?.metadata?.labels;
  if (spec.selector && !isEmptySelector(spec.selector) && selects(spec.selector, labels)) return [];
  if (spec.selector && isEmptySelector(spec.selector)) return [];
  return [invalid('spec.template.metadata.labels', goStringMap(labels), '`selector` does not match template `labels`')];
}

export function immutableSelector(spec: Loose, old: Loose, equal: (a: unknown, b: unknown) => boolean): FieldErrors {
  return equal(spec.selector, old.selector) ? [] : [invalid('spec.selector', goSelector(spec.selector), 'field is immutable')];
}
