import { asObject, asObjects, asTexts } from './loose.js';

type Labels = { [name: string]: unknown };

/** Whether labels have all of a plain map's values, as a Service selects. An empty map selects nothing. */
export function mapSelects(selector: unknown, labels: Labels): boolean {
  const wanted = Object.entries(asObject(selector));
  return wanted.length > 0 && wanted.every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
}

/**
 * Whether a label selector (matchLabels, matchExpressions) selects labels. An empty one selects everything, an
 * absent one nothing; an operator that nobody knows selects nothing.
 */
export function labelsSelected(selector: unknown, labels: Labels): boolean {
  if (selector === undefined || selector === null) return false;
  const { matchLabels, matchExpressions } = asObject(selector);
  const equal = Object.entries(asObject(matchLabels)).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
  return equal && asObjects(matchExpressions).every((expression) => holds(expression, labels));
}

function holds(expression: { [key: string]: unknown }, labels: Labels): boolean {
  const name = String(expression['key'] ?? '');
  const has = Object.hasOwn(labels, name);
  const values = asTexts(expression['values']);
  switch (expression['operator']) {
    case 'In':
      return has && values.includes(String(labels[name]));
    case 'NotIn':
      return !has || !values.includes(String(labels[name]));
    case 'Exists':
      return has;
    case 'DoesNotExist':
      return !has;
    default:
      return false;
  }
}

/** `a=1,b=2`, as a list's labelSelector. */
export function selectorText(selector: unknown): string {
  return Object.entries(asObject(selector))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',');
}
