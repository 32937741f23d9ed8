import { type Json, joinApiVersion, type KubeObject, type WireRequest } from '../../model/index.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/types.js';
import { invalid, invalidObject } from '../strategy/field.js';
import { bodyText, isYaml, mediaType, protobufType, readBody } from './body.js';
import { type DecodeOptions, decodeObject, ShapeError } from './decode.js';
import { duplicateFields, duplicateKeys } from './duplicates.js';
import { ApiError, badRequest } from './status.js';

/** How the body of a request is to be decoded: as its options ask, with the fields that it names twice. */
export function decodingOf(request: WireRequest, validation: DecodeOptions['validation'], warn: DecodeOptions['warn']): DecodeOptions {
  if (validation === 'Ignore' || request.body === undefined || mediaType(request) === protobufType) return { validation, warn };
  const text = bodyText(request);
  if (isYaml(request)) {
    const twice = duplicateKeys(text);
    return twice === undefined ? { validation, warn } : { validation, warn, duplicates: [twice] };
  }
  if (!/^\s*\{/.test(text)) return { validation, warn };
  return { validation, warn, duplicates: duplicateFields(text).map((f) => `duplicate field ${JSON.stringify(f.path)}`) };
}

/** How an unreadable body is shown in the answer: its beginning, as text where it looks like JSON. */
function summary(text: string): string {
  const most = 30;
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, most);
  const shown = text.startsWith('{') ? start.toString('utf8') : start.toString('hex');
  return bytes.length > most ? `${shown} ...` : shown;
}

const unrecognized = (type: ResourceType, request: WireRequest, why: string) =>
  badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${why} (${summary(bodyText(request))})`);

/** The body of a request that writes an object as JSON data. @throws ApiError 400 that shows what could not be read */
export function readObjectBody(type: ResourceType, request: WireRequest): Json {
  let value: Json;
  try {
    value = readBody(request);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error;
    const why = error.message.startsWith('error decoding YAML')
      ? error.message.replace('error decoding YAML: ', '')
      : `couldn't get version/kind; json parse error: ${error.message}`;
    throw unrecognized(type, request, why);
  }
  const why = kindProblem(value);
  if (why !== undefined) throw unrecognized(type, request, why);
  if (type.custom && !(value as { kind?: string } | null)?.kind)
    throw unrecognized(type, request, `Object 'Kind' is missing in '${bodyText(request)}'`);
  return value;
}

const typeMeta = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function jsonKind(value: Json): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value;
}

/** Why no version and kind can be read from data; null is an empty object. */
export function kindProblem(value: Json): string | undefined {
  if (value === null) return undefined;
  const prefix = "couldn't get version/kind; json parse error: json: cannot unmarshal";
  if (typeof value !== 'object' || Array.isArray(value)) return `${prefix} ${jsonKind(value)} into Go value of type ${typeMeta}`;
  for (const field of ['apiVersion', 'kind']) {
    const given = Object.hasOwn(value, field) ? (value[field] as Json) : null;
    if (given !== null && typeof given !== 'string') return `${prefix} ${jsonKind(given)} into Go struct field .${field} of type string`;
  }
  const version = (value['apiVersion'] ?? '') as string;
  return version.split('/').length > 2 ? `unexpected GroupVersion string: ${version}` : undefined;
}

interface Named {
  group: string;
  version: string;
  kind: string;
}

/** What an object says it is; what it leaves out is as the endpoint expects it. */
function namedIn(value: Json, type: ResourceType): Named {
  const given = (value ?? {}) as { apiVersion?: string | null; kind?: string | null };
  const apiVersion = given.apiVersion ?? '';
  const slash = apiVersion.indexOf('/');
  let [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
  if (version === '' && (group === '' || group === type.group)) ({ group, version } = type);
  return { group, version, kind: given.kind || type.kind };
}

/** The set of types in which the API server looks built-in kinds up, as its messages call it. */
const scheme = 'pkg/api/legacyscheme/scheme.go:30';

const notRegistered = (kind: string, apiVersion: string) =>
  `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(scheme)}`;

/** Why an object is not one of a type's; undefined where it is one, in this or another of its versions. */
export function kindMismatch(registry: Registry, type: ResourceType, { group, version, kind }: Named): string | undefined {
  if (group === type.group && version === type.version && kind === type.kind) return undefined;
  const named = registry.findKind(group, version, kind);
  if (!named || named.custom) return notRegistered(kind, joinApiVersion(group, version));
  if (named.storage === type.storage) return undefined;
  return `converting (${version}.${kind}) to (${internalPackage(type)}.${type.kind}): unknown conversion`;
}

/** The package of a kind within the API server, as its messages name it. */
const internalPackage = (type: ResourceType) =>
  type.group === '' || type.storage === 'events.' ? 'core' : (type.group.split('.')[0] as string);

/**
 * decodeObject for the body of a create or update, with the sentences of those requests.
 * @throws ApiError 400
 */
export function decodeBody(registry: Registry, type: ResourceType, raw: Json, options: DecodeOptions): KubeObject {
  const named = namedIn(raw, type);
  const refuse = (why: string) =>
    badRequest(`${named.kind} in version ${JSON.stringify(named.version)} cannot be handled as a ${type.kind}: ${why}`);
  const wanted = joinApiVersion(type.group, type.version);
  const given = type.custom ? ((raw as { apiVersion?: string } | null)?.apiVersion ?? '') : joinApiVersion(named.group, named.version);
  if (!type.custom) {
    const why = kindMismatch(registry, type, named);
    if (why !== undefined) throw refuse(why);
  }
  if (given !== wanted) throw badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`);
  let object: KubeObject;
  try {
    object = decodeObject(type, raw ?? {}, options);
  } catch (error) {
    if (error instanceof ShapeError) throw refuse(error.message);
    throw error;
  }
  if (type.custom && named.kind !== type.kind)
    throw invalidObject(type.group, named.kind, object.metadata.name ?? '', [invalid('kind', named.kind, `must be ${type.kind}`)]);
  return object;
}
