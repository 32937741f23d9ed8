import type { Discovery } from '../kube/index.js';
import { assignNamespaces, checkDuplicates, compareForApply, resolverWithCrds } from '../manifest/index.js';
import { gvkOf, hashJson, keyOf, type Manifest } from '../model/index.js';
import { directivesOf } from './directives.js';
import { mark } from './marks.js';
import type { Desired, Hook } from './types.js';

export interface DesiredInput {
  manifests: readonly Manifest[];
  discovery: Discovery;
  workflowId: string;
  /** For namespaced objects that name none. */
  namespace: string;
}

/** Label of what a hook made, so that the next sync can find it; it is no mark of ownership. */
const hookLabel = 'evenkeel.dev/hook';

/**
 * Puts manifests into their namespaces, tells hooks from objects that are kept, and marks the latter. The
 * result is in the order in which a sync applies it.
 * @throws EvenkeelError MANIFEST_UNKNOWN_KIND, MANIFEST_DUPLICATE, COMPARE_ANNOTATION_INVALID
 */
export function prepareDesired({ manifests, discovery, workflowId, namespace }: DesiredInput): {
  desired: Desired[];
  hooks: Hook[];
  warnings: string[];
} {
  const resolver = resolverWithCrds(manifests, discovery);
  const placed = assignNamespaces(manifests, { resolver, defaultNamespace: namespace });
  const desired: Desired[] = [];
  const hooks: Hook[] = [];
  const kept: Manifest[] = [];
  for (const manifest of placed.manifests) {
    const { wave, hook, deletePolicies } = directivesOf(manifest);
    const { object: plain, source } = manifest;
    const gvk = gvkOf(plain);
    const resource = discovery.find(gvk);
    if (hook !== undefined) {
      const object = { ...plain, metadata: { ...plain.metadata, labels: { ...plain.metadata.labels, [hookLabel]: workflowId } } };
      if (hook.length > 0) hooks.push({ gvk, resource, object, phases: hook, wave, deletePolicies, source });
      continue;
    }
    kept.push(manifest);
    const object = mark(plain, workflowId);
    desired.push({ key: keyOf(object), gvk, resource, object, hash: hashJson(object), wave, source });
  }
  checkDuplicates(kept);
  desired.sort((a, b) => a.wave - b.wave || compareForApply(a.object, b.object));
  return { desired, hooks, warnings: placed.warnings };
}
