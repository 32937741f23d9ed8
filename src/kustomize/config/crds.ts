import type { Json } from '../../model/index.js';
import type { FieldSpec } from './field-spec.js';
import { emptyConfig, mergeConfig, type TransformerConfig } from './transformer-config.js';

type JsonMap = { [key: string]: Json };
const asMap = (value: Json | undefined): JsonMap => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {});

/** How deep references among the definitions are followed: they may be circular. */
const maxDepth = 20;
const mostSpecs = 10_000;

/**
 * The fields that definitions of the `crds` field mark as names, labels, annotations or references
 * (`x-kubernetes-object-ref-kind` and the like).
 */
export function configFromCrds(document: Json): TransformerConfig {
  const definitions = asMap(document);
  let config = emptyConfig;
  for (const name of Object.keys(definitions)) {
    const properties = propertiesOf(definitions, name);
    if (!['kind', 'apiVersion', 'metadata'].every((field) => Object.hasOwn(properties, field))) continue;
    const found: TransformerConfig = { ...emptyConfig, commonAnnotations: [], commonLabels: [], namePrefix: [], nameReference: [] };
    collect(definitions, name, { kind: name.split('.').pop() as string, path: [], found, left: { specs: mostSpecs } });
    config = mergeConfig(config, found);
  }
  return config;
}

function propertiesOf(definitions: JsonMap, name: string): JsonMap {
  const definition = asMap(Object.hasOwn(definitions, name) ? definitions[name] : undefined);
  // Go reads the field whatever its case is.
  const schema = Object.keys(definition).find((key) => key.toLowerCase() === 'schema');
  return asMap(asMap(schema === undefined ? undefined : definition[schema])['properties']);
}

interface Walk {
  kind: string;
  path: string[];
  found: TransformerConfig;
  left: { specs: number };
}

function collect(definitions: JsonMap, name: string, { kind, path, found, left }: Walk): void {
  if (path.length > maxDepth) return;
  const properties = propertiesOf(definitions, name);
  for (const key of Object.keys(properties)) {
    const property = asMap(properties[key]);
    if (left.specs-- <= 0) return;
    const here = [...path, key];
    const spec = (...more: string[]): FieldSpec => ({ kind, path: [...here, ...more].join('/') });
    const text = (extension: string) => (typeof property[extension] === 'string' ? (property[extension] as string) : undefined);
    if (text('x-kubernetes-annotation') !== undefined) found.commonAnnotations.push(spec());
    if (text('x-kubernetes-label-selector') !== undefined) found.commonLabels.push(spec());
    if (text('x-kubernetes-identity') !== undefined) found.namePrefix.push(spec());
    const version = text('x-kubernetes-object-ref-api-version');
    const target = text('x-kubernetes-object-ref-kind');
    if (version !== undefined && target !== undefined)
      found.nameReference.push({ kind: target, version, fieldSpecs: [spec(text('x-kubernetes-object-ref-name-key') ?? 'name')] });
    const ref = text('$ref');
    if (ref !== undefined) collect(definitions, ref, { kind, path: here, found, left });
  }
}
