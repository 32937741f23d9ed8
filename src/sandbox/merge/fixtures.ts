import { builtinSchema, schemaFromOpenApiV3, type TypeSchema } from '../../manifest/index.js';
import type { KubeObject, ManagedFieldsEntry } from '../../model/index.js';

/** Objects and schemas that the tests of this folder use. */

export const deploymentSchema = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' }) as TypeSchema;
export const configMapSchema = builtinSchema({ group: '', version: 'v1', kind: 'ConfigMap' }) as TypeSchema;
export const serviceSchema = builtinSchema({ group: '', version: 'v1', kind: 'Service' }) as TypeSchema;

export const gadgetSchema = schemaFromOpenApiV3({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              n: { type: 'integer' },
              tags: { type: 'object', additionalProperties: { type: 'string' } },
            },
          },
        },
        labels: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        box: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: { type: 'string' }, b: { type: 'string' } } },
        options: { type: 'object', additionalProperties: { type: 'string' } },
        size: { type: 'integer' },
        plain: { type: 'array', items: { type: 'integer' } },
      },
    },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
});

export const now = Date.UTC(2026, 0, 2, 3, 4, 5);
export const nowText = '2026-01-02T03:04:05Z';

export function configMap(data: { [key: string]: unknown }, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata }, data };
}

export function gadget(spec?: object): KubeObject {
  return { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g' }, ...(spec === undefined ? {} : { spec }) };
}

/** Who owns what, short: `one/Apply {"f:data":{"f:k":{}}}`. */
export function owners(object: KubeObject): string[] {
  return (object.metadata.managedFields ?? []).map((entry: ManagedFieldsEntry) => {
    const sub = entry.subresource === undefined ? '' : `/${entry.subresource}`;
    return `${entry.manager}/${entry.operation}${sub} ${JSON.stringify(entry.fieldsV1)}`;
  });
}
