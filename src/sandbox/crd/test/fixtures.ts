import type { Client } from '../../test/client.js';

// biome-ignore lint/suspicious/noExplicitAny: schemas of any form
type Schema = any;

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Options {
  group?: string;
  plural?: string;
  kind?: string;
  status?: boolean;
  scope?: 'Namespaced' | 'Cluster';
  version?: object;
}

/** A definition of one version whose `spec` has a schema. */
export function definitionOf(spec: Schema, { group = 'example.com', plural = 'widgets', kind = 'Widget', ...rest }: Options = {}) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { plural, kind },
      scope: rest.scope ?? 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          },
          ...(rest.status === false ? {} : { subresources: { status: {} } }),
          ...rest.version,
        },
      ],
    },
  };
}

export const widgetsPath = '/apis/example.com/v1/namespaces/default/widgets';

export const widget = (spec: unknown, name = 'a', more: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
  ...more,
});

/** What a refusal says of each field, without the object's name around it. */
export async function refusalsOf(client: Client, path: string, body: unknown): Promise<string[]> {
  const { status, body: answer } = await client('POST', path, body);
  if (status < 400) return [];
  if (status !== 422) return [`${status} ${answer.message}`];
  return answer.details.causes.map((c: { field: string; message: string }) => `${c.field}: ${c.message}`);
}
