import { eachPath, type FieldSet, formatPath, goQuote, type Path } from '../../manifest/index.js';
import { identityOf } from './managed.js';

/** What keeps a patch from being applied, with the status that the API server answers. */
export class ApplyError extends Error {
  constructor(
    readonly status: 400 | 500,
    message: string,
  ) {
    super(message);
    this.name = 'ApplyError';
  }
}

/** One field that is somebody else's. */
export interface Conflict {
  manager: string;
  operation: 'Apply' | 'Update';
  /** The version in which the other manager wrote; appliers have none in their name. */
  apiVersion: string;
  subresource?: string;
  /** When the other manager last changed something, if that is known. */
  time?: string;
  path: Path;
  /** `.spec.replicas` */
  field: string;
}

/** A cause of the API server's answer 409. */
export interface ConflictCause {
  reason: 'FieldManagerConflict';
  message: string;
  field: string;
}

/** The applied values differ from those of other managers, and force was not given. */
export class ApplyConflict extends Error {
  /** Causes of the Status, one a field. */
  readonly causes: readonly ConflictCause[];

  constructor(readonly conflicts: readonly Conflict[]) {
    super(conflictMessage(conflicts));
    this.name = 'ApplyConflict';
    this.causes = conflicts.map((c) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${describeManager(c)}`,
      field: c.field,
    }));
  }
}

/** `"kubectl-edit" using v1`, `"ctl" with subresource "status" using apps/v1`, `"one"`. */
function describeManager(conflict: Pick<Conflict, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const subresource = conflict.subresource === undefined ? '' : ` with subresource ${goQuote(conflict.subresource)}`;
  return `${goQuote(conflict.manager)}${subresource}${conflict.operation === 'Update' ? ` using ${conflict.apiVersion}` : ''}`;
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const only = conflicts.length === 1 ? conflicts[0] : undefined;
  if (only !== undefined) return `Apply failed with 1 conflict: conflict with ${describeManager(only)}: ${only.field}`;
  const lines: string[] = [];
  let last = '';
  for (const conflict of conflicts) {
    const manager = describeManager(conflict);
    if (manager !== last) lines.push(`conflicts with ${manager}:`);
    last = manager;
    lines.push(`- ${conflict.field}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** Conflicts by manager, managers in the order of their identifiers. */
export function conflictsOf(
  sets: ReadonlyMap<string, { set: FieldSet; apiVersion: string }>,
  times: ReadonlyMap<string, string>,
): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const id of [...sets.keys()].sort()) {
    const { set, apiVersion } = sets.get(id) as { set: FieldSet; apiVersion: string };
    const identity = identityOf(id);
    const time = times.get(id);
    eachPath(set, (path) =>
      conflicts.push({
        manager: identity.manager ?? '',
        operation: identity.operation,
        apiVersion,
        ...(identity.subresource === undefined ? {} : { subresource: identity.subresource }),
        ...(time === undefined ? {} : { time }),
        path,
        field: formatPath(path),
      }),
    );
  }
  return conflicts;
}
