import type { LabelSelectorSpec, SelectorTerm } from './shapes.js';

export type Labels = { [key: string]: string } | undefined;

export function matchesLabels(wanted: { [key: string]: string } | undefined, labels: Labels): boolean {
  for (const key of Object.keys(wanted ?? {})) if (!labels || !Object.hasOwn(labels, key) || labels[key] !== wanted?.[key]) return false;
  return true;
}

/** One requirement of matchExpressions; NotIn and DoesNotExist hold where the label is absent. */
export function matchesTerm(term: SelectorTerm, labels: Labels): boolean {
  const has = labels !== undefined && Object.hasOwn(labels, term.key);
  const value = has ? (labels[term.key] as string) : '';
  switch (term.operator) {
    case 'In':
      return has && (term.values ?? []).includes(value);
    case 'NotIn':
      return !has || !(term.values ?? []).includes(value);
    case 'Exists':
      return has;
    case 'DoesNotExist':
      return !has;
    case 'Gt':
      return has && Number(value) > Number(term.values?.[0]);
    case 'Lt':
      return has && Number(value) < Number(term.values?.[0]);
    default:
      return false;
  }
}

/** An absent selector selects nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelectorSpec | undefined | null, labels: Labels): boolean {
  if (!selector) return false;
  if (!matchesLabels(selector.matchLabels, labels)) return false;
  return (selector.matchExpressions ?? []).every((term) => matchesTerm(term, labels));
}

export function isEmptySelector(selector: LabelSelectorSpec | undefined | null): boolean {
  return !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);
}
