import type { KubeObject } from '../../model/index.js';
import { badRequest } from './status.js';

type Labels = { [key: string]: string } | undefined;

interface Requirement {
  key: string;
  operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';
  values: string[];
}

/** A label selector as a predicate; '' selects everything. */
export interface LabelSelector {
  readonly empty: boolean;
  matches(labels: Labels): boolean;
}

const special = new Set([',', '(', ')', '!', '=', '<', '>']);

interface Token {
  kind: 'identifier' | 'end' | string;
  text: string;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  while (i < text.length) {
    const c = text[i] as string;
    if (/\s/.test(c)) i++;
    else if (special.has(c)) {
      const two = text.slice(i, i + 2);
      const symbol = two === '==' || two === '!=' ? two : c;
      tokens.push({ kind: symbol, text: symbol });
      i += symbol.length;
    } else {
      let end = i;
      while (end < text.length && !special.has(text[end] as string) && !/\s/.test(text[end] as string)) end++;
      tokens.push({ kind: 'identifier', text: text.slice(i, end) });
      i = end;
    }
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

const unexpected = (token: Token, expected: string) =>
  badRequest(`unable to parse requirement: found '${token.text}', expected: ${expected}`);

/**
 * Parses a selector as `labelSelector` carries it (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/).
 * @throws ApiError 400 with the API server's sentence
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements: Requirement[] = [];
  const tokens = tokenize(text);
  let at = 0;
  const peek = () => tokens[at] as Token;
  const next = () => tokens[at < tokens.length - 1 ? at++ : at] as Token;
  while (peek().kind !== 'end') {
    requirements.push(readRequirement(peek, next));
    const separator = next();
    if (separator.kind === 'end') break;
    if (separator.kind !== ',') throw unexpected(separator, "',' or 'end of string'");
    const after = peek();
    if (after.kind !== 'identifier' && after.kind !== '!') throw unexpected(after, "identifier after ','");
  }
  return {
    empty: requirements.length === 0,
    matches: (labels) => requirements.every((requirement) => satisfies(requirement, labels)),
  };
}

function readRequirement(peek: () => Token, next: () => Token): Requirement {
  const first = next();
  if (first.kind === '!') {
    const key = next();
    if (key.kind !== 'identifier') throw unexpected(key, 'identifier');
    checkKey(key.text);
    return { key: key.text, operator: '!', values: [] };
  }
  if (first.kind !== 'identifier') throw unexpected(first, "!, identifier, or 'end of string'");
  checkKey(first.text);
  const key = first.text;
  if (peek().kind === ',' || peek().kind === 'end') return { key, operator: 'exists', values: [] };
  const operator = next();
  const word = operator.kind === 'identifier' ? operator.text : operator.kind;
  if (word === 'in' || word === 'notin') return { key, operator: word, values: readSet(peek, next) };
  if (word === '=' || word === '==' || word === '!=' || word === '>' || word === '<') {
    const value = peek();
    if (value.kind === ',' || value.kind === 'end') return { key, operator: word === '==' ? '=' : word, values: [''] };
    if (value.kind !== 'identifier') throw unexpected(value, 'identifier');
    next();
    if (word === '>' || word === '<') {
      if (!/^-?\d+$/.test(value.text))
        throw badRequest(
          `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(value.text)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
    } else checkValue(key, value.text);
    return { key, operator: word === '==' ? '=' : word, values: [value.text] };
  }
  throw unexpected(operator, 'in, notin, =, ==, !=, gt, lt');
}

function readSet(peek: () => Token, next: () => Token): string[] {
  const open = next();
  if (open.kind !== '(') throw unexpected(open, "'('");
  const values = new Set<string>();
  for (;;) {
    const token = next();
    if (token.kind === ')') break;
    if (token.kind === 'identifier') {
      values.add(token.text);
      const after = next();
      if (after.kind === ')') break;
      if (after.kind !== ',') throw unexpected(after, "',' or ')'");
      if (peek().kind === ')') values.add('');
    } else if (token.kind === ',') values.add('');
    else throw unexpected(token, "',', ')' or identifier");
  }
  return [...values];
}

const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

function checkKey(key: string): void {
  const slash = key.lastIndexOf('/');
  const name = slash < 0 ? key : key.slice(slash + 1);
  if (!namePart.test(name) || name.length > 63)
    throw badRequest(
      `unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    );
}

function checkValue(key: string, value: string): void {
  if (value !== '' && (!namePart.test(value) || value.length > 63))
    throw badRequest(
      `unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    );
}

function satisfies({ key, operator, values }: Requirement, labels: Labels): boolean {
  const has = labels !== undefined && Object.hasOwn(labels, key);
  const value = has ? (labels[key] as string) : '';
  switch (operator) {
    case 'exists':
      return has;
    case '!':
      return !has;
    case '=':
    case 'in':
      return has && values.includes(value);
    case '!=':
    case 'notin':
      return !has || !values.includes(value);
    default:
      return (
        has &&
        /^-?\d+$/.test(value) &&
        (operator === '>' ? BigInt(value) > BigInt(values[0] as string) : BigInt(value) < BigInt(values[0] as string))
      );
  }
}

/** A field selector as a predicate over whole objects. */
export interface FieldSelector {
  readonly empty: boolean;
  matches(object: KubeObject): boolean;
  /** The name that the selector fixes, if it does. */
  readonly name: string | undefined;
}

/** How a field that can be selected by is read from an object: always a text, '' where it is absent. */
export type FieldReader = (object: KubeObject) => string;

export const metadataFields: { [field: string]: FieldReader } = {
  'metadata.name': (object) => object.metadata.name ?? '',
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

/** @throws ApiError 400 where a term or a field is not understood */
export function parseFieldSelector(
  text: string,
  fields: { [field: string]: FieldReader },
  describeUnknown: (field: string) => string,
): FieldSelector {
  const terms: { read: FieldReader; value: string; equal: boolean; field: string }[] = [];
  for (const part of splitTerms(text)) {
    if (part === '') continue;
    const match = /^(.*?[^\\])(!=|==|=)(.*)$/s.exec(part);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const field = match[1] as string;
    const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!read) throw badRequest(describeUnknown(field));
    terms.push({ read, field, value: (match[3] as string).replace(/\\([\\,=])/g, '$1'), equal: match[2] !== '!=' });
  }
  return {
    empty: terms.length === 0,
    matches: (object) => terms.every((term) => (term.read(object) === term.value) === term.equal),
    name: terms.find((term) => term.field === 'metadata.name' && term.equal)?.value,
  };
}

function splitTerms(text: string): string[] {
  const out: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      out.push(text.slice(start, i));
      start = i + 1;
    }
  }
  out.push(text.slice(start));
  return out;
}
