/**
 * What to do before and after the worst. `backup` writes the objects of a namespace to a file, with a checksum and what
 * was synced from where; `restore` checks the file, puts everything back and waits until it is healthy.
 *
 *     evenkeel run examples/pipelines/disaster-recovery.ts --pipeline backup --param namespace=shop
 *     evenkeel run examples/pipelines/disaster-recovery.ts --pipeline restore --param namespace=shop
 *
 * Secrets are left out of the file, which is in clear: have them come from where they are kept.
 */
import { data, fs, gitops, type KubeObject, kubernetes, log, task, workflow } from 'evenkeel';

const params = {
  namespace: { type: 'string', required: true, description: 'namespace' },
  folder: 'backups',
} as const;

const kinds = [
  'ConfigMap',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Ingress',
];
/** Kinds that have a health to wait for. */
const workloads = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** An object without what only the cluster that it came from can say. */
function portable({ status: _, ...object }: KubeObject): KubeObject {
  const {
    uid: _uid,
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _time,
    managedFields: _fields,
    ...metadata
  } = object.metadata;
  const spec = object['spec'] as { clusterIP?: string; clusterIPs?: string[] } | undefined;
  if (object.kind !== 'Service' || spec?.clusterIP === 'None') return { ...object, metadata };
  const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec ?? {};
  return { ...object, metadata, spec: rest };
}

/** Objects that Kubernetes makes by itself. */
const isOwned = ({ kind, metadata }: KubeObject) =>
  (metadata.ownerReferences ?? []).length > 0 ||
  (kind === 'ServiceAccount' && metadata.name === 'default') ||
  metadata.name === 'kube-root-ca.crt';

const collect = task('collect')
  .description('Reads the objects of the namespace')
  .params(params)
  .command(async ({ namespace }) => {
    const found: KubeObject[] = [];
    for (const kind of kinds) found.push(...(await kubernetes.list(kind, { namespace })));
    const objects = found.filter((object) => !isOwned(object)).map(portable);
    return { success: objects.length > 0, message: `${objects.length} objects in ${namespace}`, output: objects };
  })
  .build();

const write = task('write')
  .description('Writes them to a file with a checksum')
  .dependsOn(collect)
  .params(params)
  .artifacts('backups/**')
  .command(async ({ namespace, folder }, deps) => {
    const text = data.toYamlDocuments(deps.collect);
    const synced = (await gitops.listWorkflows()).map(({ id, repositoryUrl, branch, targetPath, lastSyncResult }) => ({
      id,
      repositoryUrl,
      branch,
      targetPath,
      revision: lastSyncResult?.commitHash ?? null,
    }));
    await fs.write(`${folder}/${namespace}.yaml`, text);
    await fs.write(`${folder}/${namespace}.json`, data.toJson({ sha256: data.hash(text), workflows: synced }, { pretty: true }));
    return `${folder}/${namespace}.yaml`;
  })
  .build();

const read = task('read')
  .description('Reads the file and holds it against its checksum')
  .params(params)
  .command(async ({ namespace, folder }) => {
    const text = await fs.readText(`${folder}/${namespace}.yaml`);
    const { sha256 } = data.parseJson(await fs.readText(`${folder}/${namespace}.json`)) as { sha256: string };
    if (data.hash(text) !== sha256) return { success: false, message: 'the backup was changed after it was written', output: [] };
    return { success: true, output: data.parseYamlDocuments(text) as unknown as KubeObject[] };
  })
  .build();

const restore = task('restore')
  .description('Puts the objects back')
  .dependsOn(read)
  .params(params)
  .retries(3, 'exponential')
  .command(async ({ namespace }, deps) => {
    await kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const { created } = await kubernetes.apply(deps.read, { force: true });
    return { success: true, message: `${deps.read.length} objects, ${created} of them were gone`, output: created };
  })
  .build();

const verify = task('verify')
  .description('Waits until what was put back is healthy')
  .dependsOn(read, restore)
  .params(params)
  .timeout('10m')
  .command(async ({ namespace }, deps) => {
    for (const { kind, metadata } of deps.read.filter((object) => workloads.includes(object.kind))) {
      await kubernetes.wait(kind, metadata.name ?? '', { namespace, healthy: true, timeout: '5m' });
      log.info(`${kind}/${metadata.name} is healthy`);
    }
  })
  .build();

workflow.define('backup', { description: 'Writes the objects of a namespace to a file', tasks: [collect, write] });
workflow.define('restore', { description: 'Puts them back', tasks: [read, restore, verify] });
