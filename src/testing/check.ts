import { z } from 'zod';
import { EvenkeelError, nearest, parseDuration } from '../model/index.js';

const text = z.string();
const one = z.union([z.string(), z.instanceof(RegExp)]);
const pattern = z.union([one, z.array(one).min(1)]);

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'read', 'write'] as const;

const verb = z.string().superRefine((value, context) => {
  if ((verbs as readonly string[]).includes(value)) return;
  const near = nearest(value, verbs);
  context.addIssue(`"${value}" is no verb${near === undefined ? '' : `; did you mean "${near}"?`}`);
});

const duration = z.union([
  z.number().nonnegative(),
  text.refine((value) => isDuration(value), 'write a number and a unit, for example 30s or 1h30m'),
]);

export const matchSchema = z.strictObject({
  verb: z.union([verb, z.array(verb).min(1)]).optional(),
  resource: pattern.optional(),
  namespace: pattern.optional(),
  name: pattern.optional(),
  dryRun: z.boolean().optional(),
  path: pattern.optional(),
  user: pattern.optional(),
});

const kinds = ['status', 'delay', 'drop', 'admission', 'watch', 'discovery'] as const;
const companions: { [field: string]: string } = { message: 'status', reason: 'status', retryAfter: 'status', group: 'discovery' };

const actionSchema = z
  .strictObject({
    status: z.number().int().min(400).max(599).optional(),
    message: text.optional(),
    reason: text.optional(),
    retryAfter: z.number().int().nonnegative().optional(),
    delay: duration.optional(),
    drop: z.enum(['before', 'after', 'middle']).optional(),
    admission: text.optional(),
    watch: z.enum(['break', 'gone', 'stall']).optional(),
    discovery: z.literal('incomplete').optional(),
    group: text.min(1).optional(),
  })
  .superRefine((action, context) => {
    const named = kinds.filter((kind) => action[kind] !== undefined);
    if (named.length !== 1)
      context.addIssue(`name exactly one of ${kinds.join(', ')}${named.length > 1 ? `, not ${named.join(' and ')}` : ''}`);
    for (const [field, kind] of Object.entries(companions))
      if (action[field as 'message'] !== undefined && action[kind as 'status'] === undefined)
        context.addIssue({ code: 'custom', path: [field], message: `goes only with "${kind}"` });
    if (action.discovery !== undefined && action.group === undefined)
      context.addIssue({ code: 'custom', path: ['group'], message: 'name the API group that cannot be asked, for example metrics.k8s.io' });
  });

export const faultSchema = z.strictObject({
  match: matchSchema.optional(),
  times: z.number().int().positive().optional(),
  after: z.number().int().nonnegative().optional(),
  probability: z.number().min(0).max(1).optional(),
  then: actionSchema,
});

const object = z.looseObject({ apiVersion: text, kind: text, metadata: z.looseObject({}) });

const behaviour = z.enum(['crash', 'slow', 'missing', 'oom', 'fail', 'never-ready']);
export const imageSchema = z.strictObject({ pattern: text.min(1), behaviour: behaviour.optional() });

export const optionsSchema = z.strictObject({
  clock: z.enum(['real', 'fast', 'stepped']).optional(),
  now: z.union([text.refine((value) => !Number.isNaN(Date.parse(value)), 'is no time'), z.number(), z.date()]).optional(),
  controllers: z.boolean().optional(),
  file: text.optional(),
  seed: z.union([text, object, z.array(object)]).optional(),
  faults: z.array(faultSchema).optional(),
  images: z.record(text, behaviour).optional(),
  randomSeed: z.number().int().optional(),
});

export const waitSchema = z.strictObject({
  apiVersion: text,
  kind: text,
  name: text.min(1),
  namespace: text.optional(),
  condition: text.min(1).optional(),
  where: z.custom<(value: never) => boolean>((value) => typeof value === 'function', 'is no function').optional(),
  gone: z.boolean().optional(),
});

export const applySchema = z.strictObject({ fieldManager: text.min(1).optional(), force: z.boolean().optional() });
export const listSchema = z.strictObject({
  namespace: text.optional(),
  labelSelector: text.optional(),
  fieldSelector: text.optional(),
});
export const serveSchema = z.strictObject({
  port: z.number().int().min(0).max(65_535).optional(),
  host: text.optional(),
  tokens: text.optional(),
});

function isDuration(value: string): boolean {
  try {
    parseDuration(value);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds of `30s` or of a number of them. */
export function durationOf(time: string | number, field: string): number {
  if (typeof time === 'string') return parseDuration(time, field);
  if (Number.isFinite(time) && time >= 0) return time;
  throw new EvenkeelError('OPTION_INVALID', `${field}: ${time} is no number of milliseconds`, { where: { field } });
}

/**
 * Refuses options that nobody knows or that are of the wrong form.
 * @throws EvenkeelError OPTION_UNKNOWN with the nearest known name, OPTION_INVALID
 */
export function check(schema: z.ZodType, value: unknown, what: string): void {
  const result = schema.safeParse(value);
  if (result.success) return;
  const issue = telling(result.error.issues[0] as z.core.$ZodIssue);
  const path = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const known = keysAt(schema, issue.path);
    const near = nearest(key, known);
    throw new EvenkeelError('OPTION_UNKNOWN', `${what}: unknown option "${key}"`, {
      where: { field: path === '' ? key : `${path}.${key}` },
      hint: near === undefined ? `Known options: ${known.sort().join(', ')}.` : `Did you mean "${near}"?`,
    });
  }
  const where = path === '' ? {} : { where: { field: path } };
  throw new EvenkeelError('OPTION_INVALID', `${what}: ${path === '' ? '' : `option "${path}": `}${issue.message}`, where);
}

/** Of several forms, none of which fits, what is wrong with the one that was meant. */
function telling(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat().map(telling);
  const meant = inner.find((one) => one.code !== 'invalid_type');
  if (!meant) return { ...issue, message: inner.map((one) => one.message).join(', or ') };
  return { ...meant, path: [...issue.path, ...meant.path] };
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here = schema;
  for (const step of path) {
    const plain = unwrap(here);
    here = (typeof step === 'number' ? (plain as z.ZodArray).element : (plain as z.ZodObject).shape[String(step)]) as z.ZodType;
  }
  return Object.keys((unwrap(here) as z.ZodObject).shape);
}

function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType ? unwrap(innerType) : schema;
}
