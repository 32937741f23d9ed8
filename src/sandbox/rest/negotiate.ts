import { stringifyJson } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { partialObject, type TableOptions, tableText } from '../table/table.js';
import type { Listed } from './read.js';
import type { RequestInfo } from './request.js';
import { json, plainShape, type Shape } from './respond.js';
import { badRequest, notAcceptable, notAcceptableText } from './status.js';

interface Asked {
  as: string;
  version: 'v1' | 'v1beta1';
}

/**
 * The form of the answer that an Accept header asks for: the first of its entries that can be given.
 * @throws ApiError 406 where none can
 */
export function negotiate(accept: string, info: RequestInfo): Shape {
  const entries = accept
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (entries.length === 0) return plainShape;
  for (const entry of entries) {
    const [media, ...parameters] = entry.split(';').map((part) => part.trim());
    if (media !== 'application/json' && media !== '*/*' && media !== 'application/*') continue;
    const asked = askedFor(parameters);
    if (!asked) return plainShape;
    if (asked.as === 'Table') return tableShape(asked, info);
    if (asked.as === 'PartialObjectMetadata' || asked.as === 'PartialObjectMetadataList') return partialShape(asked);
  }
  // A client that takes anything but JSON only (protobuf) reads what it gets by its Content-Type.
  if (entries.some((e) => /^application\/(vnd\.kubernetes\.protobuf|yaml|cbor)/.test(e))) return plainShape;
  throw notAcceptable(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']);
}

function askedFor(parameters: readonly string[]): Asked | undefined {
  const values = new Map(parameters.map((p) => p.split('=', 2) as [string, string]));
  const as = values.get('as');
  const version = values.get('v');
  if (as === undefined || values.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  return { as, version };
}

function listMeta(listed: Listed): { [key: string]: unknown } {
  return {
    resourceVersion: listed.resourceVersion,
    ...(listed.continue === '' ? {} : { continue: listed.continue }),
    ...(listed.remaining === undefined ? {} : { remainingItemCount: listed.remaining }),
  };
}

/** A list's type as the API server calls it within itself. */
const goList = (type: ResourceType) =>
  type.custom ? '*unstructured.UnstructuredList' : `*${type.group === '' ? 'core' : type.group.split('.')[0]}.${type.listKind}`;

function tableShape({ version }: Asked, info: RequestInfo): Shape {
  const asked = info.query.get('includeObject') ?? '';
  if (!['', 'Metadata', 'None', 'Object'].includes(asked))
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
  const include = (asked === '' ? 'Metadata' : asked) as TableOptions['include'];
  const options = (now: number): TableOptions => ({ version, include, now });
  const one = (call: Parameters<Shape['object']>[0], object: Parameters<Shape['object']>[1]) =>
    tableText(call.type, [object], { resourceVersion: object.metadata.resourceVersion }, options(call.api.clock.now()));
  return {
    object: (call, object) => one(call, object),
    list: (call, listed) =>
      json(
        call,
        200,
        tableText(
          call.type,
          [...listed.versions()].map((v) => v.object),
          listMeta(listed),
          options(call.api.clock.now()),
        ),
      ),
    event(call) {
      // Columns are told once a watch, with its first event.
      let headed = false;
      return (object) => {
        const now = call.api.clock.now();
        const text = tableText(
          call.type,
          [object],
          { resourceVersion: object.metadata.resourceVersion },
          { ...options(now), headers: !headed },
        );
        headed = true;
        return text;
      };
    },
  };
}

function partialShape({ as, version }: Asked): Shape {
  const one = (object: Parameters<typeof partialObject>[0]) => stringifyJson(partialObject(object, version));
  return {
    object(call, object) {
      if (as === 'PartialObjectMetadataList')
        throw notAcceptableText(
          `you requested PartialObjectMetadataList, but the requested object is not a list (${goList(call.type).replace(/List$/, '')})`,
        );
      return one(object);
    },
    list(call, listed) {
      if (as === 'PartialObjectMetadata')
        throw notAcceptableText(`you requested PartialObjectMetadata, but the requested object is a list (${goList(call.type)})`);
      return json(
        call,
        200,
        stringifyJson({
          kind: 'PartialObjectMetadataList',
          apiVersion: `meta.k8s.io/${version}`,
          metadata: listMeta(listed),
          items: [...listed.versions()].map((v) => partialObject(v.object, version)),
        }),
      );
    },
    event: () => (object) => one(object),
  };
}
