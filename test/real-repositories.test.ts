import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, makeLab } from './support/lab.js';

const bundle = join(import.meta.dirname, '../../shared/repos/argocd-example-apps.bundle');
if (!existsSync(bundle)) console.log(`Real repositories skipped: there is no ${bundle}.`);

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

/** Public repositories as they are: synced, healthy, nothing left to do, and nothing written by a second sync. */
describe.skipIf(!existsSync(bundle))('argocd-example-apps', () => {
  it.each([
    ['guestbook', 2],
    ['sock-shop', 29],
    ['sync-waves', 4],
  ])('%s', async (path, objects) => {
    const { workflowId } = await lab.gitops.workflow({ repo: bundle, branch: 'master', targetPath: path });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: true, metrics: { resourcesApplied: objects } });
    const resources = await lab.gitops.inspect(workflowId);
    expect(resources).toHaveLength(objects);
    expect(resources.filter((r) => r.sync !== 'synced' || (r.health !== null && r.health.status !== 'Healthy'))).toEqual([]);
    expect((await lab.gitops.generateDiff(workflowId)).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
    lab.forget();
    expect((await lab.gitops.syncWorkflow(workflowId)).metrics.resourcesApplied).toBe(0);
    expect(lab.writes()).toEqual([]);
  });
});
