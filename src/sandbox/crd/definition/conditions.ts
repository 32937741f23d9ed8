import { equalJson } from '../../../model/index.js';
import type { Loose } from '../../strategy/types.js';
import { approvalOf } from './validate.js';

export interface Condition {
  type: string;
  status: 'True' | 'False';
  reason: string;
  message: string;
}

/** Conditions with one set: a changed status is a transition at `time`. */
export function withCondition(conditions: readonly Loose[], condition: Condition, time: string): Loose[] {
  const at = conditions.findIndex((c) => c.type === condition.type);
  const { type, status, reason, message } = condition;
  const made = (lastTransitionTime: string) => ({ type, status, lastTransitionTime, reason, message });
  if (at < 0) return [...conditions, made(time)];
  const old = conditions[at];
  return conditions.map((c, i) => (i === at ? made(old.status === status ? old.lastTransitionTime : time) : c));
}

const isTrue = (definition: Loose, type: string): boolean =>
  (definition.status?.conditions ?? []).some((c: Loose) => c.type === type && c.status === 'True');

/**
 * The status that a definition's names lead to among what other definitions of its group have got
 * already: names accepted one by one, and whether the kind is served.
 */
export function settledStatus(definition: Loose, others: readonly Loose[], time: string): Loose {
  const status = definition.status ?? {};
  const { conditions = null, acceptedNames = { plural: '', kind: '' } } = status;
  let next: Loose[] = conditions ?? [];
  let names = acceptedNames;
  // Names that are accepted as they are asked for are not looked at again.
  if (!equalJson(definition.spec.names, acceptedNames)) {
    const accepted = acceptNames(definition.spec.names, acceptedNames, others);
    names = accepted.names;
    next = withCondition(next, accepted.condition, time);
    if (!isTrue(definition, 'Established')) {
      const served = accepted.condition.status === 'True';
      next = withCondition(
        next,
        served
          ? { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
          : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
        time,
      );
    }
  }
  const approval = approvalCondition(definition);
  if (approval) next = withCondition(next, approval, time);
  return { ...status, acceptedNames: names, conditions: next.length === 0 ? conditions : next };
}

interface Accepted {
  names: Loose;
  condition: Condition;
}

function acceptNames(wanted: Loose, had: Loose, others: readonly Loose[]): Accepted {
  const resources = new Set<string>(others.flatMap((n) => [n.plural, n.singular, ...(n.shortNames ?? [])]));
  const kinds = new Set<string>(others.flatMap((n) => [n.kind, n.listKind]));
  const names: Loose = { ...had };
  let conflict: { reason: string; message: string } | undefined;
  const taken = (name: string) => `${JSON.stringify(name)} is already in use`;
  const claim = (field: string, used: Set<string>, reason: string) => {
    const name = wanted[field] ?? '';
    if (name !== (had[field] ?? '') && used.has(name)) conflict = { reason, message: taken(name) };
    else if (name !== '') names[field] = name;
  };
  claim('plural', resources, 'PluralConflict');
  claim('singular', resources, 'SingularConflict');
  const own = new Set<string>(had.shortNames ?? []);
  const lost = ((wanted.shortNames ?? []) as string[]).filter((name) => !own.has(name) && resources.has(name)).map(taken);
  if (lost.length > 0)
    conflict = { reason: 'ShortNamesConflict', message: lost.length === 1 ? (lost[0] as string) : `[${[...new Set(lost)].join(', ')}]` };
  else setOrDrop(names, 'shortNames', wanted.shortNames);
  claim('kind', kinds, 'KindConflict');
  claim('listKind', kinds, 'ListKindConflict');
  setOrDrop(names, 'categories', wanted.categories);
  const condition: Condition = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  return { names: { plural: '', kind: '', ...names }, condition };
}

function setOrDrop(names: Loose, field: string, value: unknown): void {
  if (value === undefined) delete names[field];
  else names[field] = value;
}

const approvalReasons = {
  missing: 'MissingAnnotation',
  invalid: 'InvalidAnnotation',
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
};

/** Whether a definition in one of Kubernetes' own groups is approved. */
function approvalCondition(definition: Loose): Condition | undefined {
  const approval = approvalOf(definition);
  return (
    approval && {
      type: 'KubernetesAPIApprovalPolicyConformant',
      status: approval.state === 'approved' ? 'True' : 'False',
      reason: approvalReasons[approval.state],
      message: approval.reason,
    }
  );
}
