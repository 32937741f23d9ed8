import type { z } from 'zod';
import { EvenkeelError, nearest, type Where } from '../model/index.js';

export interface CheckContext {
  /** What is being checked, for messages: `workflow`, `evenkeel.yaml`. */
  what: string;
  /** `camel`: the caller writes camelCase, and errors name options so. */
  names: 'camel' | 'snake';
  /** Finds where in a file an option stands. */
  locate?: (path: readonly PropertyKey[]) => Where;
}

/**
 * Checks options against a schema with snake_case names.
 * @throws EvenkeelError OPTION_UNKNOWN with the nearest known name, OPTION_INVALID
 */
export function checkOptions<S extends z.ZodType>(schema: S, value: unknown, context: CheckContext): z.infer<S> {
  const result = schema.safeParse(context.names === 'camel' ? mapNames(value, toSnake) : value, { reportInput: true });
  if (result.success) return result.data;
  throw explain(result.error.issues[0] as z.core.$ZodIssue, schema, context);
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType, context: CheckContext): EvenkeelError {
  const name = (key: PropertyKey) => (context.names === 'camel' ? toCamel(String(key)) : String(key));
  const field = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${name(step)}`))
    .join('')
    .replace(/^\./, '');
  const where = (path: readonly PropertyKey[], at: string): Where => ({ ...context.locate?.(path), ...(at === '' ? {} : { field: at }) });
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const known = knownKeys(schema, issue.path);
    const near = nearest(key, known);
    const full = field === '' ? name(key) : `${field}.${name(key)}`;
    return new EvenkeelError('OPTION_UNKNOWN', `${context.what}: unknown option "${name(key)}"`, {
      where: where([...issue.path, key], full),
      hint: near === undefined ? `Known options: ${known.map(name).sort().join(', ')}.` : `Did you mean "${name(near)}"?`,
    });
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  const what = missing && issue.path.length > 0 ? `option "${field}" is missing` : `option "${field}": ${issue.message}`;
  return new EvenkeelError('OPTION_INVALID', `${context.what}: ${issue.path.length === 0 ? issue.message : what}`, {
    where: where(issue.path, field),
  });
}

/** The names that a schema knows at a path; those of all alternatives where there are several. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: z.ZodType[] = [schema];
  for (const step of path)
    here = here.flatMap((s) =>
      typeof step === 'number' ? elements(s) : members(s).flatMap(([key, child]) => (key === step ? [child] : [])),
    );
  return [...new Set(here.flatMap((s) => members(s).map(([key]) => key)))];
}

function unwrap(schema: z.ZodType): z.ZodType[] {
  const def = schema.def as { type: string; innerType?: z.ZodType; options?: z.ZodType[] };
  if (def.innerType !== undefined) return unwrap(def.innerType);
  return def.type === 'union' ? (def.options ?? []).flatMap(unwrap) : [schema];
}

function members(schema: z.ZodType): [string, z.ZodType][] {
  return unwrap(schema).flatMap((s) => Object.entries((s.def as { shape?: { [key: string]: z.ZodType } }).shape ?? {}));
}

function elements(schema: z.ZodType): z.ZodType[] {
  return unwrap(schema).flatMap((s) => (s.def as { element?: z.ZodType }).element ?? []);
}

export function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}

export function toCamel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}

/** Renames the members of plain options, at every depth. Never given Kubernetes objects. */
export function mapNames(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapNames(item, rename));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => [rename(k), mapNames(v, rename)]),
  );
}
