import { type Json, joinApiVersion, type KubeObject, type WireRequest } from '../../model/index.js';
import { decodeCustom } from '../crd/decode.js';
import { DecodeError, decodeStruct } from '../gotypes/decode.js';
import type { ResourceType } from '../registry/types.js';
import { strategyOf } from '../strategy/index.js';
import { bodyText, mediaType, protobufType, readBody } from './body.js';
import { duplicateFields } from './duplicates.js';
import { ApiError, badRequest } from './status.js';

export interface DecodeOptions {
  validation: 'Strict' | 'Warn' | 'Ignore';
  /** Takes what the client is told beside the answer. */
  warn: (message: string) => void;
  /** Fields that the body named twice. */
  duplicates?: readonly string[];
}

/** How the body of a request is to be decoded: as its options ask, with the fields that it names twice. */
export function decodingOf(request: WireRequest, validation: DecodeOptions['validation'], warn: DecodeOptions['warn']): DecodeOptions {
  if (validation === 'Ignore' || typeof request.body === 'undefined' || mediaType(request) === protobufType) return { validation, warn };
  const text = bodyText(request);
  if (!/^\s*\{/.test(text)) return { validation, warn };
  return { validation, warn, duplicates: duplicateFields(text).map((f) => f.path) };
}

/** Thrown where data does not fit its kind; callers word it for their request. */
export class ShapeError extends Error {
  constructor(
    message: string,
    readonly strict: boolean,
  ) {
    super(message);
  }
}

/**
 * JSON data as an object of its kind: decoded as the kind's own type does, unknown fields dropped and told,
 * defaults filled in.
 * @throws ShapeError where it cannot be read as that kind
 */
export function decodeObject(type: ResourceType, raw: unknown, options: DecodeOptions): KubeObject {
  let object: KubeObject;
  let unknown: string[];
  try {
    if (type.go) {
      const decoded = decodeStruct(type.go, raw, `${type.version}.${type.kind}`);
      unknown = decoded.unknown;
      object = decoded.value as KubeObject;
    } else {
      const decoded = decodeCustom(type, raw);
      unknown = decoded.unknown;
      object = decoded.value;
    }
  } catch (error) {
    if (error instanceof DecodeError) throw new ShapeError(error.message, false);
    throw error;
  }
  const problems = [
    ...(options.duplicates ?? []).map((f) => `duplicate field ${JSON.stringify(f)}`),
    ...unknown.map((f) => `unknown field ${JSON.stringify(f)}`),
  ];
  if (problems.length > 0) {
    if (options.validation === 'Strict') throw new ShapeError(`strict decoding error: ${problems.join(', ')}`, true);
    if (options.validation === 'Warn') for (const problem of problems) options.warn(problem);
  }
  object.apiVersion = joinApiVersion(type.group, type.version);
  object.kind = type.kind;
  strategyOf(type).defaults?.(object, type);
  return object;
}

/** decodeObject for the body of a create or update, with the sentences of those requests. */
export function decodeBody(type: ResourceType, raw: unknown, options: DecodeOptions): KubeObject {
  const given = raw as { apiVersion?: unknown; kind?: unknown } | null;
  if (given !== null && typeof given === 'object' && !Array.isArray(given)) {
    const version = given.apiVersion ?? '';
    const kind = given.kind ?? '';
    if (typeof version === 'string' && typeof kind === 'string') {
      const wanted = joinApiVersion(type.group, type.version);
      if ((version !== '' && version !== wanted) || (kind !== '' && kind !== type.kind))
        throw badRequest(
          version === '' || kind === '' || kind === type.kind || version === wanted
            ? `${kind || type.kind} in version ${JSON.stringify(versionOf(version) || type.version)} cannot be handled as a ${type.kind}: converting (${type.version}.${kind || type.kind}) to (${internalPackage(type.group)}.${type.kind}): unknown conversion`
            : `the API version in the data (${version}) does not match the expected API version (${wanted})`,
        );
    }
  }
  try {
    return decodeObject(type, raw, options);
  } catch (error) {
    if (error instanceof ShapeError)
      throw badRequest(`${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${error.message}`);
    throw error;
  }
}

const versionOf = (apiVersion: string) => apiVersion.slice(apiVersion.indexOf('/') + 1);

/** The package of a group's types within the API server, as its messages name them. */
const internalPackage = (group: string) => (group === '' ? 'core' : (group.split('.')[0] as string));

/** How an unreadable body is shown in the answer: its beginning, as text where it looks like JSON. */
function summary(text: string): string {
  const most = 30;
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, most);
  const shown = text.startsWith('{') ? start.toString('utf8') : start.toString('hex');
  return bytes.length > most ? `${shown} ...` : shown;
}

/** The body of a create or update as JSON data. @throws ApiError 400 that shows what could not be read */
export function readObjectBody(type: ResourceType, request: WireRequest): Json {
  try {
    return readBody(request);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error;
    const why = error.message.startsWith('error decoding YAML')
      ? error.message.replace('error decoding YAML: ', '')
      : `couldn't get version/kind; json parse error: ${error.message}`;
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${why} (${summary(bodyText(request))})`);
  }
}
