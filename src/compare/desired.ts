import type { Discovery } from '../kube/index.js';
import { assignNamespaces, checkDuplicates, compareForApply, resolverWithCrds } from '../manifest/index.js';
import { gvkOf, hashJson, type Json, type KubeObject, keyOf, type Manifest } from '../model/index.js';
import { nameOf } from './annotations.js';
import { directivesOf } from './directives.js';
import { mark } from './marks.js';
import { isSecret } from './mask.js';
import { autoscalerRules, noRules, type Rules, rulesFor } from './rules.js';
import { treatmentOf } from './treatment.js';
import type { Desired, Hook, Treatment } from './types.js';

export interface DesiredInput {
  manifests: readonly Manifest[];
  discovery: Discovery;
  workflowId: string;
  /** For namespaced objects that name none. */
  namespace: string;
  /** Of the workflow. */
  rules?: Rules;
}

/** Label of what a hook made, so that the next sync can find it; it is no mark of ownership. */
export const hookLabel = 'evenkeel.dev/hook';

/**
 * Puts manifests into their namespaces, tells hooks from objects that are kept, and marks the latter. The
 * result is in the order in which a sync applies it.
 * @throws EvenkeelError MANIFEST_UNKNOWN_KIND, MANIFEST_DUPLICATE, COMPARE_ANNOTATION_INVALID
 */
export function prepareDesired({ manifests, discovery, workflowId, namespace, rules = noRules }: DesiredInput): {
  desired: Desired[];
  hooks: Hook[];
  warnings: string[];
} {
  const resolver = resolverWithCrds(manifests, discovery);
  const warnings: string[] = [];
  const known: { manifest: Manifest; treatment?: Treatment }[] = [];
  const unserved: typeof known = [];
  for (const manifest of manifests) {
    const { treatment, warnings: told } = treatmentOf(manifest);
    warnings.push(...told);
    // Where nobody knows the type yet, the namespace that the manifest names is all that there is to go by.
    const waits = treatment?.skipMissingType === true && resolver.find(gvkOf(manifest.object)) === undefined;
    (waits ? unserved : known).push({ manifest, ...(treatment === undefined ? {} : { treatment }) });
  }
  const placed = assignNamespaces(
    known.map((one) => one.manifest),
    { resolver, defaultNamespace: namespace },
  );
  const all = [...known.map((one, i) => ({ ...one, manifest: placed.manifests[i] as Manifest })), ...unserved];
  const allRules: Rules = { ...rules, ignore: [...rules.ignore, ...autoscalerRules(all.map(({ manifest }) => manifest.object))] };
  const desired: Desired[] = [];
  const hooks: Hook[] = [];
  const kept: Manifest[] = [];
  for (const { manifest, treatment } of all) {
    const { wave, hook, deletePolicies } = directivesOf(manifest);
    const { object: plain, source } = manifest;
    const gvk = gvkOf(plain);
    const resource = discovery.find(gvk);
    if (hook !== undefined) {
      const object = { ...plain, metadata: { ...plain.metadata, labels: { ...plain.metadata.labels, [hookLabel]: workflowId } } };
      if (treatment?.leave !== undefined) warnings.push(`hook ${nameOf(plain)} is not run: ${treatment.leave}`);
      else if (hook.length > 0) hooks.push({ gvk, resource, object, phases: hook, wave, deletePolicies, source });
      continue;
    }
    kept.push(manifest);
    const object = mark(withoutStringData(plain), workflowId);
    const key = keyOf(object);
    const own = rulesFor(allRules, key);
    const ruled = own.conflicts.length > 0 || own.ignore.length > 0;
    desired.push({
      key,
      gvk,
      resource,
      object,
      hash: hashJson(ruled ? [object, own] : object),
      wave,
      source,
      rules: own,
      ...(treatment === undefined ? {} : { treatment }),
    });
  }
  checkDuplicates(kept);
  desired.sort((a, b) => a.wave - b.wave || compareForApply(a.object, b.object));
  return { desired, hooks, warnings: [...placed.warnings, ...warnings] };
}

/**
 * A Secret as the API server stores it. Sent as `stringData`, its values would be nobody's fields: the server
 * moves them to `data` after it has noted who applied what, so that neither drift nor a rollback would see them.
 */
function withoutStringData(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object as KubeObject & { stringData?: unknown };
  const data = object['data'] ?? {};
  if (!isSecret(object) || !isPlain(stringData) || !isPlain(data)) return object;
  // What is no text is refused by the server, which says so better.
  if (Object.values(stringData).some((value) => typeof value !== 'string')) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value as string, 'utf8').toString('base64')]);
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } } as KubeObject;
}

function isPlain(value: unknown): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
