import { qualifiedNameProblems } from '../strategy/names.js';
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

interface Token {
  kind: 'identifier' | 'end' | string;
  text: string;
}

const special = ',()!=<>';
const blank = ' \t\r\n';
const end: Token = { kind: 'end', text: '' };

/** A NUL ends the selector, as in the API server's reader. */
function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  while (i < text.length && text[i] !== '\0') {
    const c = text[i] as string;
    if (blank.includes(c)) i++;
    else if (special.includes(c)) {
      const two = text.slice(i, i + 2);
      const symbol = two === '==' || two === '!=' ? two : c;
      tokens.push({ kind: symbol, text: symbol });
      i += symbol.length;
    } else {
      const from = i;
      while (i < text.length && text[i] !== '\0' && !special.includes(text[i] as string) && !blank.includes(text[i] as string)) i++;
      tokens.push({ kind: 'identifier', text: text.slice(from, i) });
      if (text[i] === '\0') i++;
    }
  }
  return [...tokens, end];
}

const unexpected = (token: Token, expected: string) => badRequest(`found '${token.text}', expected: ${expected}`);
const within = (message: string) => badRequest(`unable to parse requirement: ${message}`);
const found = (token: Token, expected: string) => within(`found '${token.text}', expected: ${expected}`);

/**
 * Parses a selector as `labelSelector` carries it (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/).
 * @throws ApiError 400 with the API server's sentence
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokenize(text);
  const requirements: Requirement[] = [];
  let at = 0;
  const reader: Reader = { peek: () => tokens[at] ?? end, next: () => tokens[at++] ?? end };
  while (reader.peek().kind !== 'end') {
    const first = reader.peek();
    if (first.kind !== 'identifier' && first.kind !== '!') throw unexpected(first, "!, identifier, or 'end of string'");
    requirements.push(readRequirement(reader));
    const separator = reader.next();
    if (separator.kind === 'end') break;
    if (separator.kind !== ',') throw unexpected(separator, "',' or 'end of string'");
    const after = reader.peek();
    if (after.kind !== 'identifier' && after.kind !== '!') throw unexpected(after, "identifier after ','");
  }
  return {
    empty: requirements.length === 0,
    matches: (labels) => requirements.every((requirement) => satisfies(requirement, labels)),
  };
}

interface Reader {
  peek(): Token;
  next(): Token;
}

function readRequirement(reader: Reader): Requirement {
  const absent = reader.peek().kind === '!';
  if (absent) reader.next();
  const token = reader.next();
  if (token.kind !== 'identifier') throw found(token, 'identifier');
  const key = token.text;
  const problems = qualifiedNameProblems(key);
  if (problems.length > 0) throw within(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`);
  if (absent) return { key, operator: '!', values: [] };
  if (reader.peek().kind === ',' || reader.peek().kind === 'end') return { key, operator: 'exists', values: [] };
  const operator = reader.next();
  const word = operator.kind === 'identifier' ? operator.text : operator.kind;
  switch (word) {
    case 'in':
    case 'notin':
      return checked({ key, operator: word, values: readSet(reader) });
    case '=':
    case '==':
      return checked({ key, operator: '=', values: [readValue(reader)] });
    case '!=':
    case '>':
    case '<':
      return checked({ key, operator: word, values: [readValue(reader)] });
    default:
      throw found(operator, 'in, notin, =, ==, !=, gt, lt');
  }
}

function readValue(reader: Reader): string {
  const value = reader.peek();
  if (value.kind === ',' || value.kind === 'end') return '';
  reader.next();
  if (value.kind !== 'identifier') throw found(value, 'identifier');
  return value.text;
}

/** The values of `(a,b)` in order; empty places are empty values. */
function readSet(reader: Reader): string[] {
  const open = reader.next();
  if (open.kind !== '(') throw within(`found '${open.text}' expected: '('`);
  const values = new Set<string>();
  const first = reader.peek();
  if (first.kind === ')') {
    reader.next();
    return [''];
  }
  if (first.kind !== 'identifier' && first.kind !== ',') throw found(first, "',', ')' or identifier");
  for (;;) {
    const token = reader.next();
    if (token.kind === 'identifier') {
      values.add(token.text);
      const after = reader.peek();
      if (after.kind === ')') break;
      if (after.kind !== ',') throw found(after, "',' or ')'");
    } else if (token.kind === ',') {
      if (values.size === 0) values.add('');
      const after = reader.peek().kind;
      if (after === ')' || after === ',') values.add('');
      if (after === ')') break;
    } else throw found(token, "',', or identifier");
  }
  reader.next();
  return [...values].sort();
}

const valuePattern = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const valueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const problems: string[] = [];
  const isNumber = (text: string) => /^[-+]?\d{1,19}$/.test(text);
  if (operator === '>' || operator === '<')
    values.forEach((value, i) => {
      if (!isNumber(value))
        problems.push(`values[${i}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    });
  values.forEach((value, i) => {
    const why = [...(value.length > 63 ? ['must be no more than 63 characters'] : []), ...(valuePattern.test(value) ? [] : [valueText])];
    if (why.length > 0) problems.push(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${why.join('; ')}`);
  });
  if (problems.length > 0) throw within(problems.length === 1 ? (problems[0] as string) : `[${problems.join(', ')}]`);
  return requirement;
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
