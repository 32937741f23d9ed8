import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';
import type { InventoryEntry, RepositoryRecord, RunRecord, RunResource, WorkflowRecord } from '../../src/store/index.js';

const root = resolve(fileURLToPath(import.meta.url), '../../..');

/** Folders that are gone when the file's tests are over. */
export function temporaryFolders(): () => string {
  const made: string[] = [];
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-store-'));
    made.push(folder);
    return folder;
  };
}

/** Bundles a script over `src/` so that a real child process can run it. @returns the script's path */
export async function bundleScript(folder: string, source: string): Promise<string> {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await build({
    stdin: { contents: source, resolveDir: join(root, 'src'), loader: 'ts', sourcefile: 'script.ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    external: ['better-sqlite3'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    entryNames: 'script',
    logLevel: 'error',
  });
  return join(folder, 'script.mjs');
}

export const repository = (id: string, more: Partial<RepositoryRecord> = {}): RepositoryRecord => ({
  id,
  url: `https://git.example/${id}`,
  branch: 'main',
  pollIntervalMs: 30_000,
  createdAt: 1_000,
  ...more,
});

export const workflow = (id: string, repositoryId: string, more: Partial<WorkflowRecord> = {}): WorkflowRecord => ({
  id,
  name: id,
  repositoryId,
  targetPath: '.',
  settings: {},
  createdAt: 1_000,
  updatedAt: 1_000,
  ...more,
});

export const run = (id: string, workflowId: string, more: Partial<RunRecord> = {}): RunRecord => ({
  id,
  workflowId,
  status: 'running',
  revision: '0123456789abcdef0123456789abcdef01234567',
  startedAt: 1_000,
  requestedBy: 'ana@desk',
  message: '',
  metrics: { processed: 0, applied: 0, skipped: 0, pruned: 0, conflictsResolved: 0 },
  ...more,
});

export const entry = (i: number, more: Partial<InventoryEntry> = {}): InventoryEntry => ({
  key: { group: 'apps', kind: 'Deployment', namespace: `ns-${i % 17}`, name: `web-${i}` },
  version: 'v1',
  uid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  desiredHash: `desired-${i}`.padEnd(64, '0'),
  managedHash: `managed-${i}`.padEnd(64, '0'),
  ...more,
});

export const resource = (runId: string, i: number): RunResource => ({
  runId,
  key: entry(i).key,
  action: 'updated',
  health: 'Healthy',
  message: `applied in ${i} ms`,
  at: 1_000 + i,
});
