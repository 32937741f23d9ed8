import type { Transaction } from 'kysely';
import type { Engine } from '../engine.js';
import type { Tables } from '../schema.js';

export interface Migration {
  up(db: Transaction<Tables>, engine: Engine): Promise<void>;
}

/**
 * In order; the number of a layout is the number of migrations that led to it. One that was released is
 * never changed. Loaded only where one has to run.
 */
export const migrations: readonly (() => Promise<Migration>)[] = [
  () => import('./0001-initial.js'),
  () => import('./0002-documents-and-audit.js'),
  () => import('./0003-task-runs.js'),
  () => import('./0004-state-and-executions.js'),
];
