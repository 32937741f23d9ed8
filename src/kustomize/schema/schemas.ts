import type { Json } from '../../model/index.js';
import { failure } from '../errors.js';
import { builtinSchema, isBuiltinClusterScoped } from './builtin.js';
import { openApiSchemas } from './openapi.js';
import type { SchemaSource } from './types.js';

/** Versions of Kubernetes whose document Kustomize 5 carries. */
const builtinVersions = ['v1.21.2'];

export interface OpenApiField {
  version?: string;
  /** The document that `path` names. */
  document?: Json;
}

/** The schemas of one build: those built in until a kustomization brings its own. */
export interface Schemas extends SchemaSource {
  /**
   * Takes a kustomization's `openapi` field. The first one that says anything counts, the root's before others.
   * @throws EvenkeelError KUSTOMIZE_INVALID
   */
  use(openapi: OpenApiField, root: boolean): void;
}

export function openSchemas(): Schemas {
  let chosen = false;
  let builtin = true;
  let custom: SchemaSource | undefined;
  // Kustomize reads its own document beside the custom one where it had to ask for a kind, or to merge, before.
  let asked = false;
  return {
    use({ version, document }, root) {
      if (chosen && !root) return;
      if (document !== undefined) {
        if (version !== undefined)
          throw failure('KUSTOMIZE_INVALID', 'builtin version and custom schema provided, cannot use both', { field: 'openapi' });
        custom = openApiSchemas(document);
        builtin = asked;
        chosen = true;
        return;
      }
      if (version === undefined || version === '') return;
      if (!builtinVersions.includes(version))
        throw failure('KUSTOMIZE_INVALID', `the specified OpenAPI version ${version} is not built in`, {
          field: 'openapi.version',
          hint: `Built in is ${builtinVersions.join(', ')}; give any other as a file with openapi.path.`,
        });
      chosen = true;
    },
    schemaOf(apiVersion, kind) {
      if (custom === undefined) asked = true;
      return custom?.schemaOf(apiVersion, kind) ?? (builtin ? builtinSchema(apiVersion, kind) : undefined);
    },
    isClusterScoped(apiVersion, kind) {
      const builtin = isBuiltinClusterScoped(apiVersion, kind);
      if (builtin !== undefined) return builtin;
      if (custom === undefined) asked = true;
      return custom?.isClusterScoped(apiVersion, kind) ?? false;
    },
  };
}
