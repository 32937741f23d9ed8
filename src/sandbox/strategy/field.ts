import { ApiError, failure, type StatusCause } from '../rest/status.js';

/** One thing wrong with one field, worded as the API server words it. */
export interface FieldError {
  reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid';
  field: string;
  message: string;
}

export type FieldErrors = FieldError[];

const because = (prefix: string, detail: string) => (detail === '' ? prefix : `${prefix}: ${detail}`);

export const required = (field: string, detail = ''): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: because('Required value', detail),
});

/** `value` is shown as Go prints it: see goValue. */
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: because(`Invalid value: ${goValue(value)}`, detail),
});

export const forbiddenField = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: because('Forbidden', detail),
});

export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${goValue(value)}${supported.length === 0 ? '' : `: supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`}`,
});

export const duplicate = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${goValue(value)}`,
});

export const fieldNotFound = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueNotFound',
  field,
  message: `Not found: ${goValue(value)}`,
});

export const tooLong = (field: string, max: number): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: must have at most ${max} bytes`,
});

/** Invalid without a value that could be shown. */
export const wrong = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: because('Invalid value', detail),
});

export const tooMany = (field: string, given: number, max: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${given}: must have at most ${max} items`,
});

/** A text that stands for a value as Go prints its structures. */
export class GoText {
  constructor(readonly text: string) {}
}

/** A value as the API server prints it in messages: strings quoted, structures as Go or JSON has them. */
export function goValue(value: unknown): string {
  if (value instanceof GoText) return value.text;
  if (value === undefined || value === null) return '"null"';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** `map[string]string{"a":"b"}` */
export function goStringMap(map: { [key: string]: string } | undefined): GoText {
  if (!map) return new GoText('map[string]string(nil)');
  const keys = Object.keys(map).sort();
  return new GoText(`map[string]string{${keys.map((k) => `${JSON.stringify(k)}:${JSON.stringify(map[k])}`).join(', ')}}`);
}

/** `[]string{"a", "b"}` */
export function goStrings(list: readonly string[] | undefined): GoText {
  return new GoText(list ? `[]string{${list.map((s) => JSON.stringify(s)).join(', ')}}` : '[]string(nil)');
}

/** A count or percentage as Go prints the structure that holds either. */
export function goIntOrString(value: string | number | undefined): GoText | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string';
  return new GoText(`intstr.IntOrString{Type:${text ? 1 : 0}, IntVal:${text ? 0 : value}, StrVal:${JSON.stringify(text ? value : '')}}`);
}

/** A structure of the server's own types: `core.Toleration{…}`. Its fields are shown in short, as JSON. */
export const goStruct = (type: string, value: unknown) =>
  new GoText(value === undefined ? `${type}(nil)` : `${type}${JSON.stringify(value)}`);

interface Selector {
  matchLabels?: { [key: string]: string };
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A label selector as Go's %#v prints it. */
export function goSelector(selector: Selector | undefined, pointer = false): GoText {
  if (!selector)
    return new GoText(
      pointer ? '"null"' : 'v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}',
    );
  const expressions = selector.matchExpressions;
  const shown = expressions
    ? `{${expressions.map((e) => `v1.LabelSelectorRequirement{Key:${JSON.stringify(e.key)}, Operator:${JSON.stringify(e.operator)}, Values:[]string${e.values ? `{${e.values.map((v) => JSON.stringify(v)).join(', ')}}` : '(nil)'}}`).join(', ')}}`
    : '(nil)';
  return new GoText(
    `v1.LabelSelector{MatchLabels:${goStringMap(selector.matchLabels).text}, MatchExpressions:[]v1.LabelSelectorRequirement${shown}}`,
  );
}

/** 422 for one object: all that is wrong with it, as the API server lists it. */
export function invalidObject(group: string, kind: string, name: string, errors: FieldErrors): ApiError {
  const causes: StatusCause[] = [];
  const texts: string[] = [];
  for (const error of errors) {
    causes.push({ reason: error.reason, message: error.message, field: error.field });
    const text = error.field === '' ? error.message : `${error.field}: ${error.message}`;
    if (!texts.includes(text)) texts.push(text);
  }
  const qualified = group === '' ? kind : `${kind}.${group}`;
  return failure(
    422,
    'Invalid',
    `${qualified} ${JSON.stringify(name)} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(kind === '' ? {} : { kind }),
      causes,
    },
  );
}

export { ApiError };
