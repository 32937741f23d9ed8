import { defaultConfig, emptyConfig, mergeConfig, type TransformerConfig } from '../config/index.js';
import { failure } from '../errors.js';
import { appendAll, idText, matchingAnyId, type ResId, type Resource, sameGvkName, sameId, splitApiVersion } from '../resource/index.js';
import type { Schemas } from '../schema/index.js';
import type { Var } from '../transform/index.js';

/** What a kustomization gathers: objects, how to work on them, and vars. */
export interface Accumulator {
  resources: Resource[];
  config: TransformerConfig;
  vars: Map<string, Var>;
}

export function newAccumulator(): Accumulator {
  return { resources: [], config: emptyConfig, vars: new Map() };
}

/** @throws EvenkeelError KUSTOMIZE_CONFLICT */
export function mergeAccumulator(into: Accumulator, other: Accumulator, schemas: Schemas): void {
  appendAll(into.resources, other.resources, schemas);
  into.config = addConfig(into.config, other.config);
  for (const each of other.vars.values()) addVar(into, each);
}

export function addConfig(config: TransformerConfig, added: TransformerConfig): TransformerConfig {
  // Merging even into nothing drops specs for all kinds behind those of one kind for the same field, as in Kustomize.
  return config === emptyConfig && added === defaultConfig ? added : mergeConfig(config, added);
}

function addVar(into: Accumulator, each: Var): void {
  if (into.vars.has(each.name)) throw failure('KUSTOMIZE_CONFLICT', `var '${each.name}' already encountered`, { field: 'vars' });
  into.vars.set(each.name, each);
}

/**
 * Takes the vars of a kustomization, and marks the objects that they take their values from: now, before
 * these are renamed.
 * @throws EvenkeelError KUSTOMIZE_CONFLICT where several objects could be meant
 */
export function mergeVars(into: Accumulator, vars: readonly Var[], schemas: Schemas): void {
  for (const each of vars) {
    const { objref } = each;
    const parsed = objref.apiVersion ? splitApiVersion(objref.apiVersion) : undefined;
    const id: ResId = {
      group: parsed?.group || objref.group || '',
      version: parsed?.version ?? objref.version ?? '',
      kind: objref.kind ?? '',
      name: objref.name ?? '',
      namespace: objref.namespace ?? '',
      clusterScoped: false,
    };
    const same = id.namespace === '' ? sameGvkName : sameId;
    const matched = matchingAnyId(into.resources, (other) => same(id, other), schemas);
    if (matched.length > 1)
      throw failure(
        'KUSTOMIZE_CONFLICT',
        `found ${matched.length} resId matches for var ${each.name} (unable to disambiguate): ${idText(id)}`,
        {
          field: 'vars',
          hint: 'Give objref a namespace.',
        },
      );
    matched[0]?.refVars.push(each.name);
  }
  for (const each of vars) addVar(into, each);
}
