import { type FieldErrors, forbiddenField, GoText, invalid, invalidObject, notSupported, required, tooLong } from '../strategy/field.js';
import type { RequestInfo } from './request.js';
import { badRequest } from './status.js';

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
  if (Buffer.byteLength(manager) > 128) errors.push(tooLong('fieldManager', 128));
  else if (/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(manager))
    errors.push(invalid('fieldManager', manager, 'should only contain printable characters'));
  const validation = query.get('fieldValidation') ?? '';
  if (!['', 'Strict', 'Warn', 'Ignore'].includes(validation))
    errors.push(notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  if (errors.length > 0) throw invalidObject('meta.k8s.io', kinds[operation], '', errors);
  return {
    dryRun,
    manager: manager !== '' ? manager : managerOf(userAgent),
    force: forceText === null ? undefined : forceText === 'true' || forceText === '1' || forceText === '',
    validation: validation === '' ? 'Warn' : (validation as 'Warn'),
  };
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
  for (const c of prefix) if (!/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(c) && Buffer.byteLength(out + c) <= 128) out += c;
  return out === '' ? 'unknown' : out;
}

const policies = ['Foreground', 'Background', 'Orphan'];

/** The options of a delete: its body where there is one, otherwise its query. */
export function deleteOptions(info: RequestInfo, body: { [key: string]: unknown } | undefined): DeleteOptions {
  const { query } = info;
  const errors: FieldErrors = [];
  let dryRunValues = query.getAll('dryRun');
  let policy = query.get('propagationPolicy') ?? undefined;
  const graceText = query.get('gracePeriodSeconds');
  let grace: number | undefined = graceText === null ? undefined : Number(graceText);
  let orphan: unknown = query.get('orphanDependents') ?? undefined;
  const preconditions: { uid?: unknown; resourceVersion?: unknown } = {};
  if (body) {
    if (Array.isArray(body['dryRun'])) dryRunValues = (body['dryRun'] as unknown[]).map(String);
    if (body['propagationPolicy'] != null) policy = String(body['propagationPolicy']);
    if (body['gracePeriodSeconds'] != null) grace = Number(body['gracePeriodSeconds']);
    if (body['orphanDependents'] != null) orphan = body['orphanDependents'];
    Object.assign(preconditions, body['preconditions'] ?? {});
  }
  if (grace !== undefined && !Number.isInteger(grace)) throw badRequest('gracePeriodSeconds must be an integer');
  if (policy === '') policy = undefined;
  if (orphan !== undefined && policy !== undefined)
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  if (policy !== undefined && !policies.includes(policy)) errors.push(notSupported('propagationPolicy', policy, [...policies, 'nil']));
  const dryRun = checkDryRun(dryRunValues, errors);
  if (errors.length > 0) throw invalidObject('meta.k8s.io', 'DeleteOptions', '', errors);
  if (orphan !== undefined) policy = String(orphan) === 'true' ? 'Orphan' : 'Background';
  return {
    dryRun,
    propagationPolicy: policy as DeleteOptions['propagationPolicy'],
    gracePeriodSeconds: grace !== undefined && grace < 0 ? 1 : grace,
    uid: preconditions.uid == null ? undefined : String(preconditions.uid),
    resourceVersion: preconditions.resourceVersion == null ? undefined : String(preconditions.resourceVersion),
  };
}
