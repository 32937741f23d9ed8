import { type FieldErrors, forbiddenField, GoText, invalid, invalidObject, notSupported, required } from '../strategy/field.js';
import { isTrue, readInteger } from './flags.js';
import type { RequestInfo } from './request.js';
import { plainError } from './status.js';

/** What a write asks for beside its object. */
export interface WriteOptions {
  dryRun: boolean;
  manager: string;
  force: boolean | undefined;
  validation: 'Strict' | 'Warn' | 'Ignore';
}

export interface DeleteOptions {
  dryRun: boolean;
  propagationPolicy: 'Foreground' | 'Background' | 'Orphan' | undefined;
  gracePeriodSeconds: number | undefined;
  uid: string | undefined;
  resourceVersion: string | undefined;
  /** Whether a delete that has only begun is answered as accepted (orphanDependents: false). */
  accepted?: boolean;
}

const kinds = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions', apply: 'PatchOptions' };

/** Reads and checks the query of a write; `userAgent` names the manager where the query does not. */
export function writeOptions(info: RequestInfo, operation: keyof typeof kinds, userAgent: string): WriteOptions {
  const { query } = info;
  const errors: FieldErrors = [];
  const dryRun = checkDryRun(query.getAll('dryRun'), errors);
  const manager = query.get('fieldManager') ?? '';
  const forceText = query.get('force');
  if (operation === 'apply') {
    if (manager === '') errors.push(required('fieldManager', 'is required for apply patch'));
  } else if (operation === 'patch' && forceText !== null) errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  errors.push(...managerProblems(manager, 'fieldManager'));
  const validation = query.get('fieldValidation') ?? '';
  if (!['', 'Strict', 'Warn', 'Ignore'].includes(validation))
    errors.push(notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  if (errors.length > 0) throw invalidObject('meta.k8s.io', kinds[operation], '', errors);
  return {
    dryRun,
    manager: manager !== '' ? manager : managerOf(userAgent),
    force: forceText === null ? undefined : isTrue(forceText),
    validation: validation === '' ? 'Warn' : (validation as 'Warn'),
  };
}

const unprintable = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** What is wrong with the name of a field manager. */
function managerProblems(manager: string, field: string): FieldErrors {
  const out: FieldErrors = [];
  if (Buffer.byteLength(manager) > 128) out.push({ reason: 'FieldValueTooLong', field, message: 'Too long: must have at most 128 bytes' });
  let at = 0;
  for (const c of manager) {
    if (unprintable.test(c)) {
      const code = (c.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
      out.push(invalid(field, manager, `invalid character U+${code} (at position ${at})`));
    }
    at += Buffer.byteLength(c);
  }
  return out;
}

function checkDryRun(values: string[], errors: FieldErrors): boolean {
  if (values.some((v) => v !== 'All')) {
    errors.push(notSupported('dryRun', new GoText(`[]string{${values.map((v) => JSON.stringify(v)).join(', ')}}`), ['All']));
    return false;
  }
  return values.length > 0;
}

/** The part of a User-Agent before its first `/`, as managedFields name clients that don't name themselves. */
function managerOf(userAgent: string): string {
  const prefix = userAgent.split('/')[0] as string;
  let out = '';
  for (const c of prefix) if (!unprintable.test(c) && Buffer.byteLength(out + c) <= 128) out += c;
  return out === '' ? 'unknown' : out;
}

const policies = ['Foreground', 'Background', 'Orphan'];

/** The options of a delete: its body where there is one, otherwise its query. @throws ApiError 400, 422 */
export function deleteOptions(info: RequestInfo, body: { [key: string]: unknown } | undefined): DeleteOptions {
  const given = body ? readOptions(body) : queryOptions(info.query);
  const errors: FieldErrors = [];
  const { propagationPolicy: policy, orphanDependents: orphan } = given;
  if (orphan !== undefined && policy !== undefined)
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  if (policy !== undefined && !policies.includes(policy)) errors.push(notSupported('propagationPolicy', policy, [...policies, 'nil']));
  const dryRun = checkDryRun(given.dryRun ?? [], errors);
  if (errors.length > 0) throw invalidObject('meta.k8s.io', 'DeleteOptions', '', errors);
  const grace = given.gracePeriodSeconds;
  const chosen = orphan === undefined ? policy : orphan ? 'Orphan' : 'Background';
  return {
    dryRun,
    propagationPolicy: chosen as DeleteOptions['propagationPolicy'],
    gracePeriodSeconds: grace !== undefined && grace < 0 ? 1 : grace,
    uid: given.preconditions?.uid,
    resourceVersion: given.preconditions?.resourceVersion,
    accepted: orphan === false,
  };
}

interface GivenOptions {
  dryRun?: string[];
  propagationPolicy?: string;
  gracePeriodSeconds?: number;
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
}

function queryOptions(query: URLSearchParams): GivenOptions {
  const policy = query.get('propagationPolicy');
  const grace = readInteger(query.get('gracePeriodSeconds'));
  const orphan = query.get('orphanDependents');
  return {
    dryRun: query.getAll('dryRun'),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
  };
}

/** The fields of a DeleteOptions body, each of the type that it has to have. @throws ApiError 500, as upstream answers */
function readOptions(body: { [key: string]: unknown }): GivenOptions {
  const { kind, apiVersion } = body;
  if ((kind ?? 'DeleteOptions') !== 'DeleteOptions')
    throw plainError(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? 'meta.k8s.io/v1')} in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`,
    );
  const field = <T>(
    from: { [key: string]: unknown },
    name: string,
    type: { is: (value: unknown) => value is T; go: string },
  ): T | undefined => {
    const value = Object.hasOwn(from, name) ? from[name] : undefined;
    if (value === undefined || value === null) return undefined;
    if (type.is(value)) return value;
    throw plainError(
      `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${name === 'uid' || name === 'resourceVersion' ? 'Preconditions' : 'DeleteOptions'}.${name} of type ${type.go}`,
    );
  };
  const text = (go: string) => ({ is: (v: unknown): v is string => typeof v === 'string', go });
  const grace = field(body, 'gracePeriodSeconds', { is: (v): v is number => Number.isInteger(v), go: 'int64' });
  const orphan = field(body, 'orphanDependents', { is: (v): v is boolean => typeof v === 'boolean', go: 'bool' });
  const policy = field(body, 'propagationPolicy', text('v1.DeletionPropagation'));
  const dryRun = field(body, 'dryRun', {
    is: (v): v is string[] => Array.isArray(v) && v.every((item) => typeof item === 'string'),
    go: '[]string',
  });
  const before = field(body, 'preconditions', {
    is: (v): v is { [key: string]: unknown } => typeof v === 'object' && !Array.isArray(v),
    go: 'v1.Preconditions',
  });
  const uid = before && field(before, 'uid', text('types.UID'));
  const resourceVersion = before && field(before, 'resourceVersion', text('string'));
  return {
    ...(dryRun ? { dryRun } : {}),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    preconditions: { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  };
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' || typeof value === 'bigint') return Number.isInteger(value) ? 'number' : `number ${String(value)}`;
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
