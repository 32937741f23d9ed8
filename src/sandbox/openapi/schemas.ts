import { joinApiVersion } from '../../model/index.js';
import { builtinSchema, type TypeSchema } from '../facts.js';
import type { ResourceType } from '../registry/types.js';

type Obj = { [key: string]: unknown };

/** Collects the definitions that schemas refer to; `prefix` is `#/definitions/` or `#/components/schemas/`. */
export class Definitions {
  readonly all: { [name: string]: Obj } = {};

  constructor(readonly prefix: string) {}

  /** The schema of a kind, as a definition of its own; its name. */
  addKind(type: ResourceType): string {
    const gvk = [{ group: type.group, kind: type.kind, version: type.version }];
    if (type.custom) {
      const name = `${type.group.split('.').reverse().join('.')}.${type.version}.${type.kind}`;
      this.all[name] ??= { ...customSchema(type, this.metadata()), 'x-kubernetes-group-version-kind': gvk };
      return name;
    }
    const schema = builtinSchema(type);
    const name = schema?.name ?? `io.k8s.${joinApiVersion(type.group, type.version)}.${type.kind}`;
    if (schema) this.write(schema);
    this.all[name] = { ...(this.all[name] ?? { type: 'object' }), 'x-kubernetes-group-version-kind': gvk };
    return name;
  }

  private metadata(): Obj {
    const schema = builtinSchema({ group: '', version: 'v1', kind: 'ConfigMap' })?.properties?.get('metadata');
    return schema ? this.write(schema) : { type: 'object' };
  }

  private write(schema: TypeSchema): Obj {
    if (schema.kind === 'object' && schema.name !== undefined) {
      if (!Object.hasOwn(this.all, schema.name)) {
        this.all[schema.name] = {};
        this.all[schema.name] = this.node(schema);
      }
      return { $ref: `${this.prefix}${schema.name}` };
    }
    return this.node(schema);
  }

  private node(schema: TypeSchema): Obj {
    const out: Obj = {};
    if (schema.intOrString) out['x-kubernetes-int-or-string'] = true;
    switch (schema.kind) {
      case 'object':
        out['type'] = 'object';
        if (schema.properties && schema.properties.size > 0)
          out['properties'] = Object.fromEntries([...schema.properties].map(([key, child]) => [key, this.write(child)]));
        break;
      case 'map':
        out['type'] = 'object';
        out['additionalProperties'] = schema.additional ? this.write(schema.additional) : {};
        break;
      case 'array':
        out['type'] = 'array';
        out['items'] = schema.items ? this.write(schema.items) : {};
        break;
      case 'any':
        break;
      default:
        out['type'] = schema.kind;
    }
    if (schema.intOrString) out['format'] = 'int-or-string';
    else if (schema.format !== undefined && schema.format !== 'quantity') out['format'] = schema.format;
    if (schema.required) out['required'] = schema.required;
    if (schema.enum) out['enum'] = schema.enum;
    if (schema.default !== undefined) out['default'] = schema.default;
    if (schema.listType) out['x-kubernetes-list-type'] = schema.listType;
    if (schema.mapKeys) out['x-kubernetes-list-map-keys'] = schema.mapKeys;
    if (schema.mapType) out['x-kubernetes-map-type'] = schema.mapType;
    if (schema.patchStrategy) out['x-kubernetes-patch-strategy'] = schema.patchStrategy.join(',');
    if (schema.patchMergeKey) out['x-kubernetes-patch-merge-key'] = schema.patchMergeKey;
    if (schema.preserveUnknown) out['x-kubernetes-preserve-unknown-fields'] = true;
    return out;
  }
}

function customSchema(type: ResourceType, metadata: Obj): Obj {
  const schema = (type.custom?.openapi ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }) as Obj;
  const properties = (schema['properties'] ?? {}) as Obj;
  return { ...schema, properties: { ...properties, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata } };
}
