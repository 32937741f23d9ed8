import type { ApiResource, ApplyResult, Cluster } from '../kube/index.js';
import { builtinSchema, validateShape } from '../manifest/index.js';
import { describeKey, EvenkeelError, type Json, type KubeObject, maskValue, stringifyJson } from '../model/index.js';
import { type FieldConflict, fieldConflicts, isPeoplesTool, resolve, resolveField, without } from './conflicts.js';
import { dryRun } from './dry-run.js';
import { fieldChanges, formatSteps } from './field-changes.js';
import { managedHash } from './managed.js';
import { ownerOf } from './marks.js';
import { isSecret, maskSecret, secretRedactor } from './mask.js';
import { immutableFields, immutableText, mayRecreate, recreated, waysToReplace } from './recreate.js';
import { leaveIgnored, ruled } from './rules.js';
import { neverRecreated } from './treatment.js';
import type { AppliedRecord, Compared, Conflict, Desired, Resolution } from './types.js';

export interface DecideOptions {
  cluster: Cluster;
  workflowId: string;
  /** Ask the server about objects that do not exist yet, too. */
  dryRunCreates: boolean;
  /** The object's namespace comes with this very sync, so the server cannot be asked about it before. */
  namespaceComes?: boolean;
  /** Set fields that people changed by hand back to what Git says. */
  takeBack: boolean;
  /** Set every field that is ours back, whoever changed it; an autoscaler's replicas are left to it all the same. For rollbacks. */
  takeAll?: boolean;
  /** Delete and make anew what cannot be put back in place, unless that loses data. For rollbacks. */
  restoring?: boolean;
  /** Take over objects that exist and carry nobody's mark. */
  adopt: boolean;
  /** For masks. */
  secretKey: Uint8Array;
  /** What was desired when the object was last applied, by its hash, where it is still known. */
  baseOf?: (hash: string) => Promise<KubeObject | undefined>;
  signal?: AbortSignal;
}

/** How often yielding a field may uncover the next conflict before the object counts as blocked. */
const maxRounds = 5;

/** True where neither Git nor the cluster has moved since the last apply: nothing needs to be asked. */
function isUnchanged(desired: Desired, live: KubeObject | undefined, record: AppliedRecord | undefined): boolean {
  return (
    live !== undefined &&
    record !== undefined &&
    record.desiredHash === desired.hash &&
    record.uid === live.metadata.uid &&
    record.managedHash !== '' &&
    live.metadata.deletionTimestamp === undefined &&
    record.managedHash === managedHash(live)
  );
}

/** Decides what a sync would do with one object, asking the server where only it can know. */
export async function decide(
  desired: Desired,
  live: KubeObject | undefined,
  record: AppliedRecord | undefined,
  options: DecideOptions,
): Promise<Compared> {
  const base: Compared = {
    desired,
    action: live === undefined ? 'create' : 'update',
    ...(live === undefined ? {} : { live }),
    send: desired.object,
    force: false,
    afterDeletion: live?.metadata.deletionTimestamp !== undefined,
    conflicts: [],
    warnings: [],
  };
  if (isUnchanged(desired, live, record)) return { ...base, action: 'unchanged', predicted: live as KubeObject };
  if (desired.resource === undefined) return base;
  if (base.afterDeletion) {
    return { ...base, action: 'create', warnings: [`${describeKey(desired.key)} is being deleted; it is made anew once it is gone`] };
  }
  if (live === undefined) return decideCreate(base, desired.resource, options);
  const owner = ownerOf(live);
  if (owner !== options.workflowId && (owner !== undefined || !options.adopt))
    return { ...base, action: 'blocked', conflicts: [existing(base, owner, options)] };
  const updated = await decideUpdate(leaving(base, live, options), desired.resource, record, {
    ...options,
    takeBack: options.takeBack || owner === undefined,
  });
  return desired.treatment?.recreate === 'changed' && isPossible(updated)
    ? anew(updated, desired.resource, { because: 'Force=true,Replace=true asks for it at every change', options })
    : updated;
}

/** True for a change that is wanted and not yet a deletion and a creation. */
function isPossible({ action, recreate, conflicts, desired }: Compared): boolean {
  if (recreate === true || neverRecreated(desired.key)) return false;
  return action === 'update' || (action === 'blocked' && conflicts.every((conflict) => conflict.type === 'out_of_sync'));
}

/** Leaves ignored fields as they are; each one is a row of the diff. */
function leaving(base: Compared, live: KubeObject, options: DecideOptions): Compared {
  const { desired } = base;
  const { send, ignored } = leaveIgnored(desired, live, desired.rules);
  if (ignored.length === 0) return base;
  const masked = isSecret(desired.object);
  const conflicts = ignored.map(({ steps, ours, theirs, owner, rule }): Conflict => {
    const path = formatSteps(steps);
    const value = (one: Json | undefined) => (one === undefined ? {} : { value: masked ? maskedValue(one, options.secretKey) : one });
    return {
      ...describe(desired, live, options),
      type: 'out_of_sync',
      description:
        rule.leftTo === undefined
          ? `${path} differs from Git, and ignore_differences says to leave it`
          : `${path} differs from Git; it is left to ${rule.leftTo}`,
      suggestions: [],
      resolution: rule.leftTo === undefined ? 'ignored' : 'yielded',
      path,
      ...(owner === '' ? {} : { owner }),
      ours: value(ours).value,
      theirs: value(theirs).value,
    };
  });
  return { ...base, send, conflicts };
}

function maskedValue(value: Json, key: Uint8Array): Json {
  return maskValue(typeof value === 'string' ? value : stringifyJson(value), key);
}

async function decideCreate(base: Compared, resource: ApiResource, options: DecideOptions): Promise<Compared> {
  const { desired } = base;
  const schema = builtinSchema(desired.gvk);
  const surelyFine = schema !== undefined && validateShape(schema, desired.object).length === 0;
  if (options.namespaceComes || (!options.dryRunCreates && surelyFine)) return base;
  const asked = await dryRun(base, resource, options);
  return 'error' in asked ? refused(asked.item, asked.error, options) : withAnswer(asked.item, asked.answer);
}

async function decideUpdate(
  base: Compared,
  resource: ApiResource,
  record: AppliedRecord | undefined,
  options: DecideOptions,
): Promise<Compared> {
  let current = base;
  for (let round = 0; round < maxRounds; round++) {
    const asked = await dryRun(current, resource, options);
    if (!('error' in asked)) return settle(withAnswer(asked.item, asked.answer));
    const { item, error } = asked;
    const causes = error.code === 'KUBE_CONFLICT' ? fieldConflicts(error) : [];
    if (causes.length === 0) {
      const fields = immutableFields(error);
      if (fields === undefined || !mayRecreate(item, options)) return refused(item, error, options);
      return anew(item, resource, { because: immutableText(fields), options });
    }
    current = await resolveAll(item, causes, record, options);
    if (current.action === 'blocked') return current;
  }
  return { ...current, action: 'blocked' };
}

async function anew(item: Compared, resource: ApiResource, how: { because: string; options: DecideOptions }): Promise<Compared> {
  const made = await recreated(item, resource, how);
  if (!(made instanceof EvenkeelError)) return made;
  const { message, hint, where } = made;
  const told = `it has to be replaced (${how.because}), and the new one would be refused: ${message}`;
  return refused(item, new EvenkeelError(made.code, told, { hint, where }), how.options);
}

function withAnswer(item: Compared, answer: ApplyResult): Compared {
  return {
    ...item,
    predicted: answer.object,
    warnings: [...item.warnings, ...answer.warnings.map((w) => `${describeKey(item.desired.key)}: ${w}`)],
  };
}

/** An update that would change neither a field nor what we own is none. */
function settle(item: Compared): Compared {
  const { live, predicted } = item;
  if (live === undefined || predicted === undefined) return item;
  const same = fieldChanges(live, predicted).length === 0 && managedHash(live) === managedHash(predicted);
  return same ? { ...item, action: 'unchanged' } : item;
}

async function resolveAll(
  item: Compared,
  causes: readonly FieldConflict[],
  record: AppliedRecord | undefined,
  options: DecideOptions,
): Promise<Compared> {
  const { desired, live } = item;
  const lastApplied = record === undefined ? undefined : await options.baseOf?.(record.desiredHash);
  let { send, force } = item;
  const conflicts = [...item.conflicts];
  let blocked = false;
  for (const cause of causes) {
    const rule = ruled(desired.rules, cause.field.replace(/^\./, ''), cause.manager);
    let resolution: Resolution = rule ?? resolve(cause, options.takeBack);
    if (resolution === 'blocked' && options.takeAll === true) resolution = 'taken';
    if (resolution === 'yielded' || resolution === 'ignored') {
      const found = resolveField(send, cause.field);
      if (found) send = without(send, found.steps);
      else resolution = 'blocked';
    }
    force ||= resolution === 'taken';
    blocked ||= resolution === 'blocked';
    conflicts.push(fieldConflict({ desired, live, lastApplied, cause, resolution, byRule: rule === resolution, options }));
  }
  if (force && live?.metadata.resourceVersion !== undefined) {
    // A forced apply is bound to what was looked at, so that it takes no field that changed since.
    send = { ...send, metadata: { ...send.metadata, resourceVersion: live.metadata.resourceVersion } };
  }
  return { ...item, send, force, conflicts, action: blocked ? 'blocked' : item.action };
}

interface FieldConflictInput {
  desired: Desired;
  live: KubeObject | undefined;
  lastApplied: KubeObject | undefined;
  cause: FieldConflict;
  resolution: Resolution;
  /** Whether a rule of the workflow decided. */
  byRule: boolean;
  options: DecideOptions;
}

function fieldConflict({ desired, live, lastApplied, cause, resolution, byRule, options }: FieldConflictInput): Conflict {
  const mask = (object: KubeObject) => maskSecret(object, options.secretKey);
  const at = (object: KubeObject | undefined): Json | undefined =>
    object === undefined ? undefined : resolveField(mask(object), cause.field)?.value;
  const path = cause.field.replace(/^\./, '');
  const outcome = {
    blocked: byRule ? 'a rule of the workflow says that this stops the sync' : 'this stops the sync',
    taken: byRule ? 'a rule of the workflow sets it back to what Git says' : 'it is set back to what Git says',
    yielded: byRule ? 'a rule of the workflow leaves it as it is' : 'it is left to the autoscaler',
    ignored: 'the workflow ignores it',
  }[resolution];
  return {
    ...describe(desired, live, options),
    type: 'out_of_sync',
    description: `${path} was set by "${cause.manager}"${cause.subresource === '' ? '' : ` through ${cause.subresource}`}; ${outcome}`,
    suggestions: resolution === 'blocked' ? suggestionsFor(cause, options.workflowId) : [],
    resolution,
    path,
    owner: cause.manager,
    ours: at(desired.object),
    theirs: at(live),
    base: at(lastApplied),
  };
}

function suggestionsFor(cause: FieldConflict, workflowId: string): string[] {
  const path = cause.field.replace(/^\./, '');
  if (isPeoplesTool(cause.manager)) {
    return [
      `Set the field back to what Git says: evenkeel sync ${workflowId} --take-back`,
      `Keep the change: put the live value of ${path} into Git and commit it`,
    ];
  }
  return [
    `Remove ${path} from the manifest, so that "${cause.manager}" alone decides it`,
    `Or stop "${cause.manager}" from setting it, then sync again: evenkeel sync ${workflowId}`,
  ];
}

function existing(item: Compared, owner: string | undefined, options: DecideOptions): Conflict {
  const { desired, live } = item;
  const managers = [...new Set((live?.metadata.managedFields ?? []).map((entry) => entry.manager ?? 'unknown'))].sort();
  return {
    ...describe(desired, live, options),
    type: 'resource_exists',
    description:
      owner === undefined
        ? `it exists already and belongs to no workflow${managers.length > 0 ? ` (made by ${managers.join(', ')})` : ''}`
        : `it belongs to workflow "${owner}"`,
    suggestions:
      owner === undefined
        ? [`Take it over: evenkeel sync ${options.workflowId} --adopt`, 'Or give the object in Git another name or namespace']
        : [
            `Remove it from one of the two workflows: evenkeel status ${owner}`,
            `Or, where "${owner}" is forgotten, take it up again under that id: evenkeel sync --id ${owner} --repo … --path …`,
          ],
    resolution: 'blocked',
    ...(owner === undefined ? {} : { owner }),
  };
}

function refused(item: Compared, error: EvenkeelError, options: DecideOptions): Compared {
  const { desired, live } = item;
  const redact = secretRedactor([desired.object, live]);
  const fields = live === undefined || error.message.startsWith('it has to be replaced') ? undefined : immutableFields(error);
  const suggestions =
    fields === undefined
      ? [
          ...(error.hint === undefined ? [] : [redact(error.hint)]),
          `Correct ${desired.source.file}${desired.source.line === undefined ? '' : `:${desired.source.line}`} and commit it`,
        ]
      : waysToReplace(item, options.workflowId);
  const conflict: Conflict = {
    ...describe(desired, live, options),
    type: 'validation',
    description: `${fields === undefined ? '' : `${immutableText(fields)}, so this would have to replace the ${desired.key.kind}: `}${shortened(redact(error.message))}`,
    suggestions,
    resolution: 'blocked',
  };
  return { ...item, action: 'blocked', conflicts: [...item.conflicts, conflict] };
}

/** Some refusals repeat the whole object. */
function shortened(message: string): string {
  return message.length > 600 ? `${message.slice(0, 600)}…` : message;
}

function describe(desired: Desired, live: KubeObject | undefined, { secretKey }: DecideOptions) {
  return {
    resource: `${desired.key.kind}/${desired.key.name}`,
    namespace: desired.key.namespace,
    group: desired.key.group,
    desiredState: isSecret(desired.object) ? maskSecret(desired.object, secretKey) : desired.object,
    ...(live === undefined ? {} : { currentState: maskSecret(live, secretKey) }),
    source: desired.source,
  };
}
