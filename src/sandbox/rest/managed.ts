import { builtinSchema, type FieldSet, parseFields, type TypeSchema } from '../../manifest/index.js';
import { joinApiVersion, type KubeObject } from '../../model/index.js';
import {
  ApplyConflict,
  ApplyError,
  type ConvertVersion,
  jsonMergePatch,
  jsonPatch,
  PatchError,
  serverSideApply,
  strategicMergePatch,
  trackUpdate,
} from '../merge/index.js';
import { convert } from '../registry/convert.js';
import type { ResourceType } from '../registry/types.js';
import { strategyOf } from '../strategy/index.js';
import type { Api } from './api.js';
import { emptyObject } from './object.js';
import { ApiError, badRequest, failure, genericUnprocessable, plainError } from './status.js';

const status = parseFields({ 'f:status': {} });
const allButStatus = parseFields({ 'f:metadata': { 'f:labels': {}, 'f:ownerReferences': {} }, 'f:spec': {} });
const onlyStatus = parseFields({
  'f:metadata': { 'f:annotations': {}, 'f:labels': {}, 'f:finalizers': {}, 'f:ownerReferences': {} },
  'f:spec': {},
});

/** Fields that an endpoint does not set, whatever is sent. */
function resetFields(type: ResourceType, subresource: string): FieldSet | undefined {
  if (subresource === 'status') return type.custom ? onlyStatus : allButStatus;
  if (type.custom) return type.custom.status ? status : undefined;
  return strategyOf(type).status ? status : undefined;
}

const schemas = new WeakMap<ResourceType, { schema: TypeSchema | undefined }>();

/** What merging has to know of a type; undefined where nothing is known. */
function schemaOf(type: ResourceType): TypeSchema | undefined {
  let known = schemas.get(type);
  if (!known) {
    known = { schema: type.custom ? type.custom.merge : builtinSchema(type) };
    schemas.set(type, known);
  }
  return known.schema;
}

function converter(api: Api, type: ResourceType): ConvertVersion {
  return (object, apiVersion) => {
    const slash = apiVersion.indexOf('/');
    const [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
    const other = api.registry.find(group, version, type.plural);
    return other?.storage === type.storage ? { object: convert(object, other), schema: schemaOf(other) } : undefined;
  };
}

export interface Noted {
  /** Undefined for a new object. */
  live: KubeObject | undefined;
  next: KubeObject;
  manager: string;
  /** Milliseconds since the epoch. */
  time: number;
  subresource?: string;
}

/** Notes in `next.metadata.managedFields` which fields the manager of an ordinary write has set. */
export function noteUpdate(api: Api, type: ResourceType, { live, next, manager, time, subresource = '' }: Noted): void {
  const reset = resetFields(type, subresource);
  const { object } = trackUpdate({
    schema: schemaOf(type),
    ...(live ? { live } : {}),
    empty: emptyObject(type),
    next,
    manager,
    time,
    ...(subresource === '' ? {} : { subresource }),
    ...(reset ? { resetFields: reset } : {}),
    convert: converter(api, type),
  });
  const entries = object.metadata.managedFields;
  if (entries) next.metadata.managedFields = entries;
  else delete next.metadata.managedFields;
}

export interface Applying {
  live: KubeObject | undefined;
  applied: KubeObject;
  manager: string;
  force: boolean;
  time: number;
  subresource: string;
}

/**
 * Server-side apply; the result is still to be decoded. The live object itself comes back where nothing changes.
 * @throws ApiError 409, 400, 500
 */
export function applyConfiguration(api: Api, type: ResourceType, { live, subresource, ...rest }: Applying): KubeObject {
  const reset = resetFields(type, subresource);
  try {
    return serverSideApply({
      ...rest,
      schema: schemaOf(type),
      ...(live ? { live } : {}),
      empty: emptyObject(type),
      apiVersion: joinApiVersion(type.group, type.version),
      ...(subresource === '' ? {} : { subresource }),
      ...(reset ? { resetFields: reset } : {}),
      convert: converter(api, type),
    }).object;
  } catch (error) {
    throw asApiError(error);
  }
}

function asApiError(error: unknown): unknown {
  if (error instanceof ApplyConflict) return failure(409, 'Conflict', error.message, { causes: [...error.causes] });
  if (error instanceof ApplyError) return error.status === 400 ? badRequest(error.message) : plainError(error.message);
  return error instanceof ApiError ? error : plainError(error instanceof Error ? error.message : String(error));
}

/** What a patch of one of the three old types makes of an object. @throws ApiError */
export function applyPatch(type: ResourceType, kind: 'json' | 'merge' | 'strategic', live: unknown, patch: unknown): unknown {
  try {
    if (kind === 'json') return jsonPatch(live, patch);
    if (kind === 'merge') return jsonMergePatch(live, patch);
    return strategicMergePatch(schemaOf(type) as TypeSchema, live, patch);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (error.status === 422) throw genericUnprocessable();
    throw error.status === 400 ? badRequest(`error decoding patch: ${error.message}`) : plainError(error.message);
  }
}
