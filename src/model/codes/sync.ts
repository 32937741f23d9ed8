import type { CodeFacts } from '../errors.js';

export const syncCodes = {
  SYNC_BLOCKED: { class: 'refused', summary: 'Conflicts stand in the way of a sync; nothing was written.' },
  SYNC_EMPTY_RENDER: { class: 'refused', summary: 'Git has no objects at all where the inventory has some; nothing was deleted.' },
  SYNC_PRUNE_LIMIT: { class: 'refused', summary: 'A sync would delete more than half of the inventory; nothing was written.' },
  SYNC_APPLY_FAILED: { class: 'environment', summary: 'The API server refused some objects of a sync; the rest of the sync was stopped.' },
  SYNC_HEALTH_TIMEOUT: {
    class: 'environment',
    transient: true,
    summary: 'Objects did not become healthy within the time limit of the health check.',
  },
  SYNC_DEGRADED: { class: 'environment', transient: true, summary: 'Objects became degraded after they were applied.' },
  SYNC_HOOK_FAILED: { class: 'environment', transient: true, summary: 'A hook failed or did not end in time.' },
  SYNC_COMMAND_FAILED: {
    class: 'environment',
    transient: true,
    summary: 'A command before or after a sync failed or did not end in time.',
  },
  SYNC_LOCK_LOST: {
    class: 'environment',
    transient: true,
    summary: 'A sync stopped: its hold on the workflow ran out while its process stood still, and another may have begun.',
  },
  SYNC_TYPE_NOT_SERVED: { class: 'environment', summary: 'A type is not served although its CustomResourceDefinition was applied.' },
  SYNC_NAMESPACE_UNKNOWN: {
    class: 'input',
    summary: 'An object of a type that came to be served during the sync names no namespace, and the type has namespaces.',
  },
  SYNC_DELETE_TIMEOUT: { class: 'environment', summary: 'An object was asked to be deleted and is still there after the time limit.' },
} satisfies Record<string, CodeFacts>;
