import { equalJson } from '../../../model/index.js';
import { each } from '../check.js';
import { type FieldErrors, forbiddenField, invalid, required } from '../field.js';
import type { Loose } from '../types.js';
import { validateTolerations } from './scheduling.js';

const mutable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Images of a pod that runs are not trimmed: blanks around them are refused. */
export function validateImages(containers: Loose[] | undefined, at: string): FieldErrors {
  return each(containers, at, ({ image = '' }, path) =>
    image !== image.trim() ? [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')] : [],
  );
}

function addedTolerations(next: Loose[], old: Loose[], at: string): FieldErrors {
  const kept = (toleration: Loose) =>
    next.some((t) => equalJson({ ...t, tolerationSeconds: undefined }, { ...toleration, tolerationSeconds: undefined }));
  if (!old.every(kept)) return [forbiddenField(at, 'existing toleration can not be modified except its tolerationSeconds')];
  return validateTolerations(next, at);
}

/** What of a pod's spec may change once it is there: images, deadlines, more tolerations, fewer gates. */
export function validatePodUpdate(next: Loose, old: Loose): FieldErrors {
  const out: FieldErrors = [];
  for (const list of ['containers', 'initContainers']) {
    const containers: Loose[] = next.spec[list] ?? [];
    if (containers.length !== (old.spec[list] ?? []).length)
      return [...out, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')];
    out.push(...each(containers, `spec.${list}`, ({ image }, path) => (image ? [] : [required(`${path}.image`)])));
    out.push(...validateImages(containers, `spec.${list}`));
  }
  const [deadline, before] = [next.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds];
  const at = 'spec.activeDeadlineSeconds';
  if (deadline !== undefined) {
    if (deadline < 0 || deadline > 2147483647) return [...out, invalid(at, deadline, 'must be between 0 and 2147483647, inclusive')];
    if (before !== undefined && before < deadline) return [...out, invalid(at, deadline, 'must be less than or equal to previous value')];
  } else if (before !== undefined) out.push(invalid(at, undefined, 'must not update from a positive integer to nil value'));
  out.push(...addedTolerations(next.spec.tolerations ?? [], old.spec.tolerations ?? [], 'spec.tolerations'));
  const gates = (pod: Loose): string[] => (pod.spec.schedulingGates ?? []).map((g: Loose) => g.name);
  const added = gates(next).filter((g) => !gates(old).includes(g));
  if (added.length > 0)
    out.push(
      forbiddenField('spec.schedulingGates', `only deletion is allowed, but found new scheduling gates '${added.sort().join(',')}'`),
    );
  if (!equalJson(fixedPart(next.spec, old.spec), fixedPart(old.spec, old.spec)))
    out.push(forbiddenField('spec', `pod updates may not change fields other than ${mutable}\n\u00a0\u00a0core.PodSpec{}`));
  return out;
}

/** A spec without what may change. */
function fixedPart(spec: Loose, old: Loose): Loose {
  const plain = (list: Loose[] | undefined) => (list ?? []).map((c: Loose) => ({ ...c, image: '' }));
  const grace = old.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...spec,
    containers: plain(spec.containers),
    initContainers: plain(spec.initContainers),
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    schedulingGates: undefined,
    ...(grace ? { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds } : {}),
  };
}
