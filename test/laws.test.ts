import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../src/model/index.js';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

/** One lab for all runs: each has a namespace and a workflow of its own. */
let lab: Lab;
let turn = 0;

beforeAll(async () => {
  lab = await makeLab();
});

afterAll(() => lab.close());

const value = fc.constantFrom('1', '2', 'yes', '', ' lines\nof text', 'ü', '0777');
const data = fc.dictionary(fc.constantFrom('a', 'b', 'c.d', 'e-f'), value, { minKeys: 1, maxKeys: 3 });
const name = fc.constantFrom('n1', 'n2', 'n3', 'n4');
const secret = (n: string, content: { [key: string]: string }) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${n}}\nstringData: ${JSON.stringify(content)}\n`;
const service = (n: string, port: number) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${n}}\nspec: {selector: {app: ${n}}, ports: [{port: ${port}}]}\n`;

/** A file of Git: its text by kind and name, so that no two declare one object. */
const file = fc.oneof(
  fc.tuple(fc.constant('ConfigMap'), name, data).map(([kind, n, d]) => ({ kind, n, text: configMap(n, d) })),
  fc.tuple(fc.constant('Secret'), name, data).map(([kind, n, d]) => ({ kind, n, text: secret(n, d) })),
  fc.tuple(fc.constant('Service'), name, fc.constantFrom(80, 8080)).map(([kind, n, p]) => ({ kind, n, text: service(n, p) })),
  fc
    .tuple(fc.constant('Deployment'), name, fc.integer({ min: 0, max: 2 }), fc.constantFrom('nginx:1', 'nginx:2'))
    .map(([kind, n, replicas, image]) => ({ kind, n, text: deployment(n, { replicas, image }) })),
);
const state = fc.uniqueArray(file, { selector: ({ kind, n }) => `${kind}/${n}`, minLength: 1, maxLength: 6 });
/** What somebody does by hand to an object of the first state. */
const edit = fc.record({ index: fc.nat(), field: fc.constantFrom('a', 'z'), to: fc.constantFrom('by hand', '1'), remove: fc.boolean() });

type State = { kind: string; n: string; text: string }[];

async function commit(folder: string, files: State): Promise<string> {
  lab.repository.git('rm', '-r', '-q', '--ignore-unmatch', folder);
  const entries = files.map(({ kind, n, text }) => [`${folder}/${kind}-${n}.yaml`, text]);
  return lab.repository.commit({ [`${folder}/README`]: String(turn++), ...Object.fromEntries(entries) });
}

const groups: { [kind: string]: string } = { Deployment: 'apps' };
const typeOf = async (kind: string) => {
  const found = (await lab.cluster.discovery()).find({ group: groups[kind] ?? '', version: 'v1', kind });
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

async function all(namespace: string): Promise<KubeObject[]> {
  const found: KubeObject[] = [];
  for (const kind of ['ConfigMap', 'Secret', 'Service', 'Deployment']) {
    const { items } = await lab.cluster.list(await typeOf(kind), { namespace });
    found.push(...items.map((item) => ({ ...item, kind, apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1' })));
  }
  return found.filter((item) => item.metadata.labels?.['evenkeel.dev/workflow'] !== undefined);
}

/** What was declared of each object: without status and what the server keeps for itself. */
function declared(objects: readonly KubeObject[]): unknown {
  const rows = objects.map(({ metadata, ...rest }) => {
    const { status: _status, ...body } = { ...rest } as { status?: unknown };
    const { labels, annotations, name: n } = metadata;
    // Addresses that the server gives out: a Service that was made anew has another one.
    if (rest.kind === 'Service') {
      const { clusterIP: _ip, clusterIPs: _ips, ...spec } = (body as { spec: { clusterIP?: string; clusterIPs?: string[] } }).spec;
      Object.assign(body, { spec });
    }
    const { 'deployment.kubernetes.io/revision': _revision, ...kept } = annotations ?? {};
    return [`${rest.kind}/${n}`, { ...body, labels, annotations: kept }];
  });
  return Object.fromEntries(rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

const byHand = async (
  namespace: string,
  { kind, n }: State[number],
  { field, to, remove }: { field: string; to: string; remove: boolean },
) => {
  const patch =
    kind === 'ConfigMap'
      ? { data: { [field]: remove ? null : to } }
      : {
          metadata: { labels: { [field]: remove ? null : to.replace(' ', '-') } },
          ...(kind === 'Deployment' ? { spec: { replicas: 1 } } : {}),
        };
  await lab.cluster.patch(await typeOf(kind), { name: n, namespace }, patch, { type: 'merge', fieldManager: 'kubectl-edit' });
};

async function workflowIn(namespace: string, folder: string): Promise<string> {
  const { workflowId } = await lab.gitops.workflow({
    repo: lab.repository.path,
    targetPath: folder,
    namespace,
    createNamespace: true,
    syncPolicy: { autoPrune: true, healthCheck: { enabled: false } },
  });
  return workflowId;
}

describe('for any objects and any edits', () => {
  it('a sync leaves no difference, writes nothing the second time, and a rollback restores what was declared', async () => {
    await fc.assert(
      fc.asyncProperty(state, state, fc.array(edit, { maxLength: 3 }), async (first, second, edits) => {
        const namespace = `law-${turn++}`;
        const id = await workflowIn(namespace, namespace);
        await commit(namespace, first);
        expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
        for (const one of edits) await byHand(namespace, first[one.index % first.length] as State[number], one);
        const before = declared(await all(namespace));

        await commit(namespace, second);
        const options = { takeBack: true, allowMassPrune: true };
        expect(await lab.gitops.syncWorkflow(id, options)).toMatchObject({ success: true });
        expect((await lab.gitops.generateDiff(id, { takeBack: true })).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
        lab.forget();
        expect(await lab.gitops.syncWorkflow(id, options)).toMatchObject({ success: true });
        expect(lab.writes()).toEqual([]);
        expect((await all(namespace)).map((o) => `${o.kind}/${o.metadata.name}`).sort()).toEqual(
          second.map((f) => `${f.kind}/${f.n}`).sort(),
        );

        const report = await lab.gitops.rollbackWorkflow(id, 'law').catch((error: { code?: string }) => error.code);
        // Two states that are one change nothing: there is nothing to go back to.
        if (report === 'ROLLBACK_TARGET_UNKNOWN') return;
        expect(report).toMatchObject({ success: true });
        expect(declared(await all(namespace))).toEqual(before);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it('nothing is deleted that does not carry the mark', async () => {
    await fc.assert(
      fc.asyncProperty(state, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), async (first, stripped) => {
        const namespace = `mark-${turn++}`;
        const id = await workflowIn(namespace, namespace);
        await commit(namespace, first);
        await lab.gitops.syncWorkflow(id);
        const foreign = configMap('foreign', { mine: 'no' });
        await lab.cluster.create(
          await typeOf('ConfigMap'),
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'foreign', namespace }, data: { mine: foreign } },
          { fieldManager: 'kubectl-create' },
        );
        const kept = first.filter((_, i) => stripped[i]);
        for (const [i, { kind, n }] of kept.entries()) {
          const metadata =
            i % 2 === 0
              ? { labels: { 'evenkeel.dev/workflow': null } }
              : { annotations: { 'evenkeel.dev/tracking': 'copy:/ConfigMap:x/y' } };
          await lab.cluster.patch(
            await typeOf(kind),
            { name: n, namespace },
            { metadata },
            { type: 'merge', fieldManager: 'kubectl-edit' },
          );
        }
        await commit(namespace, [{ kind: 'ConfigMap', n: 'left', text: configMap('left', { x: '1' }) }]);
        await lab.gitops.syncWorkflow(id, { allowMassPrune: true });
        for (const { kind, n } of [...kept, { kind: 'ConfigMap', n: 'foreign' }])
          expect(await lab.cluster.get(await typeOf(kind), { name: n, namespace }), `${kind}/${n}`).toBeDefined();
        for (const { kind, n } of first.filter((one) => !kept.includes(one)))
          expect(await lab.cluster.get(await typeOf(kind), { name: n, namespace }), `${kind}/${n}`).toBeUndefined();
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
