import type { CodeFacts } from '../errors.js';

export const historyCodes = {
  ROLLBACK_NOTHING: { class: 'refused', summary: 'A rollback has nothing to undo.' },
  ROLLBACK_TARGET_UNKNOWN: { class: 'input', summary: 'A rollback names a run, a revision or a time that the history does not have.' },
  ROLLBACK_SNAPSHOT_GONE: { class: 'refused', summary: 'The snapshot that a rollback needs is not kept any more.' },
  ROLLBACK_FAILED: { class: 'environment', summary: 'Some objects could not be put back.' },
  ROLLBACK_DIFFERS: { class: 'environment', summary: 'Objects were put back and differ from the snapshot nevertheless.' },
  WORKFLOW_HELD: { class: 'refused', summary: 'A workflow is held after a rollback: this revision does not come back by itself.' },
  RUN_INTERRUPTED: { class: 'environment', summary: 'The process of a run ended in the middle of it; the next one goes on from there.' },
} satisfies Record<string, CodeFacts>;
