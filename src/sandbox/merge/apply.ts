import { builtinSchema, difference, equalSets, type FieldSet, hasPath, type TypeSchema } from '../../manifest/index.js';
import { joinApiVersion, type KubeObject, parseApiVersion, parseJson, stringifyJson } from '../../model/index.js';
import { type Atom, atomOf } from './atom.js';
import { compareValues } from './compare.js';
import { ApplyConflict, ApplyError } from './errors.js';
import { fieldsOf } from './fields.js';
import { decodeManaged, encodeManaged, formatSeconds, identifier, type Managed, withManaged } from './managed.js';
import { describeObject, stripMetadata, updateManaged } from './tracking.js';
import { applyOwners, type UpdateContext } from './updater.js';
import { describeProblems, typeProblems } from './validate.js';
import { type ConvertVersion, converter, type Versioned } from './versions.js';

export interface ApplyOptions {
  /** Schema of the version that is applied in; undefined where nothing is known of the kind. */
  schema: TypeSchema | undefined;
  /** The object as it is, in the version that is applied in; undefined to create it. */
  live?: KubeObject;
  /** What a new object of the kind looks like before anything is set. Default: apiVersion and kind only. */
  empty?: KubeObject;
  applied: KubeObject;
  manager: string;
  force?: boolean;
  /** Milliseconds since the epoch. */
  time: number;
  /** The version of the request. Default: that of `live`, else of `applied`. */
  apiVersion?: string;
  subresource?: string;
  /** Fields that this endpoint does not set: `status` for the object itself. */
  resetFields?: FieldSet;
  convert?: ConvertVersion;
}

export interface MergeResult {
  /**
   * Shares what did not change with the inputs: do not change it in place. Maps and lists that lost their last
   * member may be null; decoding makes of it what the type says.
   */
  object: KubeObject;
  /** Whether anything, managedFields included, differs from `live`. */
  changed: boolean;
}

/**
 * Server-side apply (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
 * @throws ApplyConflict where values of others differ and force is not given; ApplyError for patches that cannot be
 */
export function serverSideApply(options: ApplyOptions): MergeResult {
  const { applied, live } = options;
  const apiVersion = options.apiVersion ?? live?.apiVersion ?? applied.apiVersion;
  const start = live ?? options.empty ?? ({ apiVersion, kind: applied.kind } as KubeObject);
  const managed = decodeOrThrow(live);
  checkPatch(options, apiVersion);
  let result = applyOnce(options, { apiVersion, start, managed, force: options.force === true });
  if (options.manager === 'kubectl' && annotation(result) !== undefined) result = withLastApplied(result, applied);
  return { object: result, changed: live === undefined || result !== live };
}

function decodeOrThrow(live: KubeObject | undefined): Managed {
  try {
    return decodeManaged(live?.metadata?.managedFields);
  } catch (error) {
    throw new ApplyError(500, `failed to decode managed fields: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function checkPatch({ applied, schema, live }: ApplyOptions, apiVersion: string): void {
  if ((applied.apiVersion ?? '') !== apiVersion)
    throw new ApplyError(
      400,
      `Incorrect version specified in apply patch. Specified patch version: ${applied.apiVersion ?? ''}, expected: ${apiVersion}`,
    );
  if (applied.metadata?.managedFields !== undefined && applied.metadata.managedFields !== null)
    throw new ApplyError(400, 'metadata.managedFields must be nil');
  if (live !== undefined && applied.kind !== live.kind) throw otherKind(applied, live);
  checkType('patch', applied, atomOf(schema));
}

function otherKind(applied: KubeObject, live: KubeObject): ApplyError {
  const schema = builtinSchema({ ...parseApiVersion(applied.apiVersion), kind: applied.kind });
  const gvk = describeObject(applied).split('; ')[1] as string;
  if (schema === undefined)
    return new ApplyError(500, `failed to create typed patch object (${describeObject(applied)}): no corresponding type for ${gvk}`);
  checkType('patch', applied, atomOf(schema));
  return new ApplyError(
    500,
    `failed to merge config: expected objects of the same type, but got {0x0 ${live.kind}} and {0x0 ${applied.kind}}`,
  );
}

const checked = new WeakMap<object, Atom>();

function checkType(what: 'patch' | 'live', object: KubeObject, atom: Atom): void {
  if (what === 'live' && checked.get(object) === atom) return;
  const problems = typeProblems(object, atom);
  if (problems.length > 0)
    throw new ApplyError(500, `failed to create typed ${what} object (${describeObject(object)}): ${describeProblems(problems)}`);
  if (what === 'live') checked.set(object, atom);
}

interface Attempt {
  apiVersion: string;
  start: KubeObject;
  managed: Managed;
  force: boolean;
}

function applyOnce(options: ApplyOptions, attempt: Attempt): KubeObject {
  const { apiVersion, start } = attempt;
  const context: UpdateContext = { convert: converter(options.convert), resetFields: options.resetFields };
  const atom = atomOf(options.schema);
  checkType('live', start, atom);
  const version = (value: unknown): Versioned => ({ value, atom, apiVersion });
  const live = version(start);
  let managed = attempt.managed;
  if (managed.owners.size === 0) {
    const empty = version(options.empty ?? { apiVersion, kind: start.kind });
    const writer = { manager: 'before-first-apply', subresource: options.subresource, time: options.time };
    managed = updateManaged(context, empty, version(withManaged(start, undefined)), managed, writer);
  }
  const manager = identifier({
    manager: options.manager === '' ? 'unknown' : options.manager,
    operation: 'Apply',
    ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
  });
  let answer: ReturnType<typeof applyOwners>;
  try {
    answer = applyOwners(context, version(withManaged(start, undefined)), version(options.applied), {
      managed,
      manager,
      force: attempt.force,
    });
  } catch (error) {
    if (options.manager !== 'kubectl' || !(error instanceof ApplyConflict) || attempt.force) throw error;
    checkAllowed(error, live);
    return applyOnce(options, { ...attempt, managed, force: true });
  }
  stripMetadata(answer.owners, manager);
  const before = managed.owners.get(manager);
  const after = answer.owners.get(manager);
  if (before && after && before.apiVersion === after.apiVersion && equalSets(before.set, after.set)) answer.owners.set(manager, before);
  const times = new Map(managed.times);
  if (answer.value !== undefined) times.set(manager, formatSeconds(options.time));
  const object = answer.value === undefined ? start : (answer.value as KubeObject);
  return withManaged(object, sameEntries(start, encodeManaged({ owners: answer.owners, times, entries: managed.entries })));
}

/** The list of entries as it was where no entry has changed, so that identity tells. */
function sameEntries(live: KubeObject, entries: ReturnType<typeof encodeManaged>): ReturnType<typeof encodeManaged> {
  const before = live.metadata?.managedFields;
  if (before === undefined || entries === undefined || before.length !== entries.length) return entries;
  return before.every((entry, i) => entry === entries[i]) ? before : entries;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function annotation(object: KubeObject): string | undefined {
  const text = object.metadata?.annotations?.[lastApplied];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/**
 * Somebody who moves from `kubectl apply` to server-side apply conflicts with himself: what his last
 * client-side apply wrote and nobody has changed since may be taken over.
 */
function checkAllowed(conflict: ApplyConflict, live: Versioned): void {
  const allowed = allowedByLastApplied(live);
  if (allowed === undefined) throw conflict;
  const rest = conflict.conflicts.filter((c) => !hasPath(allowed, c.path));
  if (rest.length > 0) throw new ApplyConflict(rest);
}

function allowedByLastApplied(live: Versioned): FieldSet | undefined {
  const text = annotation(live.value as KubeObject);
  if (text === undefined) return undefined;
  let written: KubeObject;
  try {
    written = parseJson(text) as unknown as KubeObject;
  } catch {
    return undefined;
  }
  const { group, version } = parseApiVersion(live.apiVersion);
  if (written?.apiVersion !== joinApiVersion(group, version) || typeProblems(written, live.atom).length > 0) return undefined;
  const comparison = compareValues(written, live.value, live.atom);
  return difference(difference(difference(fieldsOf(written, live.atom), comparison.modified), comparison.added), comparison.removed);
}

const maxAnnotations = 256 * 1024;

/** Keeps kubectl's annotation up to date, so that its client-side apply goes on from here. */
function withLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const { [lastApplied]: _, ...others } = applied.metadata?.annotations ?? {};
  const metadata = { ...applied.metadata, ...(applied.metadata?.annotations === undefined ? {} : { annotations: others }) };
  const { [lastApplied]: __, ...annotations } = object.metadata.annotations ?? {};
  const all: { [key: string]: string } = { ...annotations, [lastApplied]: `${stringifyJson({ ...applied, metadata })}\n` };
  const size = Object.entries(all).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return { ...object, metadata: { ...object.metadata, annotations: size > maxAnnotations ? annotations : all } };
}
