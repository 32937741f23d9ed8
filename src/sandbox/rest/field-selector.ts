import type { KubeObject } from '../../model/index.js';
import { badRequest } from './status.js';

/** A field selector as a predicate over whole objects. */
export interface FieldSelector {
  readonly empty: boolean;
  matches(object: KubeObject): boolean;
  /** The name that the selector fixes, if it does. */
  readonly name: string | undefined;
}

/** How a field that can be selected by is read from an object: always a text, '' where it is absent. */
export type FieldReader = (object: KubeObject) => string;

/** What selects everything. */
const everyField: FieldSelector = { empty: true, matches: () => true, name: undefined };

/** Selects one name. */
export function fieldName(name: string): FieldSelector {
  return { empty: false, name, matches: (object) => object.metadata.name === name };
}

/** A field's reader and the name it goes by, or undefined where a kind cannot be selected by it. */
export type FieldLookup = (field: string) => { name: string; read: FieldReader } | undefined;

/**
 * Parses a selector as `fieldSelector` carries it: terms `a=b`, `a==b` and `a!=b` joined by commas, with
 * backslashes before literal `\`, `,` and `=` in values.
 * @throws ApiError 400 where a term or a field is not understood
 */
export function parseFieldSelector(text: string, lookup: FieldLookup, describeUnknown: (field: string) => string): FieldSelector {
  const parsed = splitTerms(text)
    .sort()
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      return { field: match[1] as string, equal: match[2] !== '!=', value: unescaped(match[3] as string) };
    });
  const terms = parsed.map(({ field, ...term }) => {
    const found = lookup(field);
    if (!found) throw badRequest(describeUnknown(field));
    return { ...term, ...found };
  });
  if (terms.length === 0) return everyField;
  return {
    empty: false,
    matches: (object) => terms.every((term) => (term.read(object) === term.value) === term.equal),
    name: terms.find((term) => term.name === 'metadata.name' && term.equal)?.value,
  };
}

function unescaped(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\') {
      const next = text[++i];
      if (next === undefined || !'\\,='.includes(next))
        throw badRequest(`invalid field selector: invalid escape sequence: \\${next ?? ''}`);
      out += next;
    } else if (c === '=') throw badRequest(`invalid field selector: unescaped character in value: ${c.charCodeAt(0)}`);
    else out += c;
  }
  return out;
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
