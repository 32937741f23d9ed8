import { isIP } from 'node:net';
import { type FieldErrors, invalid, tooLong } from './field.js';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const labelPattern = new RegExp(`^${label}$`);
const subdomainPattern = new RegExp(`^${label}(\\.${label})*$`);
const label1035Pattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

const subdomainText = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`;
const labelText = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`;
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

export type NameRule = 'subdomain' | 'label' | 'label1035' | 'path' | 'any';

/** What is wrong with a name under a rule, in the API server's sentences. */
export function nameProblems(rule: NameRule, name: string): string[] {
  const out: string[] = [];
  switch (rule) {
    case 'any':
      break;
    case 'path':
      if (name === '.') out.push("may not be '.'");
      else if (name === '..') out.push("may not be '..'");
      else for (const c of ['/', '%']) if (name.includes(c)) out.push(`may not contain '${c}'`);
      break;
    case 'label':
      if (name.length > 63) out.push('must be no more than 63 characters');
      if (!labelPattern.test(name)) out.push(labelText);
      break;
    case 'label1035':
      if (name.length > 63) out.push('must be no more than 63 characters');
      if (!label1035Pattern.test(name)) out.push(label1035Text);
      break;
    default:
      if (name.length > 253) out.push('must be no more than 253 characters');
      if (!subdomainPattern.test(name)) out.push(subdomainText);
  }
  return out;
}

const wildcard = `\\*\\.${label}(\\.${label})*`;
const wildcardPattern = new RegExp(`^${wildcard}$`);

/** What is wrong with `*.` and a domain. */
export function wildcardProblems(name: string): string[] {
  const out = name.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!wildcardPattern.test(name))
    out.push(
      `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${wildcard}')`,
    );
  return out;
}

/** What is wrong with the name of a port. */
export function portNameProblems(name: string): string[] {
  const out: string[] = [];
  if (name.length > 15) out.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) out.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) out.push('must contain at least one letter (a-z)');
  if (name.includes('--')) out.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(name)) out.push('must not begin or end with a hyphen');
  return out;
}

function leadingDots(name: string): string[] {
  if (name === '.' || name === '..') return [`must not be '${name}'`];
  return name.startsWith('..') ? ["must not start with '..'"] : [];
}

const variableText =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

/** What is wrong with the name of an environment variable. */
export function variableProblems(name: string): string[] {
  return [...(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name) ? [] : [variableText]), ...leadingDots(name)];
}

const keyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** What is wrong with a key of a ConfigMap or Secret. */
export function configKeyProblems(key: string): string[] {
  const out = key.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) out.push(keyText);
  return [...out, ...leadingDots(key)];
}

/** What is wrong with an IP address. */
export const addressProblems = (text: string): string[] =>
  isIP(text) === 0 ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : [];

const isSubdomain = (text: string) => text.length <= 253 && subdomainPattern.test(text);

const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const qualifiedText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** What is wrong with `prefix/name` as label and annotation keys are written. */
export function qualifiedNameProblems(value: string): string[] {
  const out: string[] = [];
  const parts = value.split('/');
  let name = parts[0] as string;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    name = parts[1] as string;
    if (prefix === '') out.push('prefix part must be non-empty');
    else if (!isSubdomain(prefix)) out.push(`prefix part ${subdomainText}`);
  } else if (parts.length > 2) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (name === '') out.push('name part must be non-empty');
  else if (name.length > 63) out.push('name part must be no more than 63 characters');
  if (!qualifiedName.test(name)) out.push(qualifiedText);
  return out;
}

export const labelValueProblems = (value: string): string[] => [
  ...(value.length > 63 ? ['must be no more than 63 characters'] : []),
  ...(labelValue.test(value) ? [] : [labelValueText]),
];

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function labelErrors(labels: { [key: string]: string } | undefined, field: string): FieldErrors {
  const out: FieldErrors = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const problem of qualifiedNameProblems(key)) out.push(invalid(field, key, problem));
    for (const problem of labelValueProblems(value)) out.push(invalid(field, value, problem));
  }
  return out;
}

const annotationLimit = 256 * 1024;

export function annotationErrors(annotations: { [key: string]: string } | undefined, field: string): FieldErrors {
  const out: FieldErrors = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const problem of qualifiedNameProblems(key.toLowerCase())) out.push(invalid(field, key, problem));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > annotationLimit) out.push(tooLong(field, annotationLimit));
  return out;
}
