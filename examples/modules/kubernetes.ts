import { kubernetes, log, task } from 'evenkeel';

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
  },
};

task('deploy')
  .command(async () => {
    await kubernetes.apply(web);
    await kubernetes.wait('deployment', 'web', { timeout: '2m' });
    await kubernetes.scale('deployment', 'web', 2, { wait: true, timeout: '2m' });
    const pods = await kubernetes.list('pods', { labelSelector: 'app=web' });
    for (const pod of pods) log.info(await kubernetes.logs(pod.metadata.name ?? '', { tail: 1 }));
    const health = await kubernetes.health('deployment', 'web');
    await kubernetes.patch('deployment', 'web', { metadata: { annotations: { 'example.com/checked': 'yes' } } });
    await kubernetes.delete('deployment', 'web', { wait: true, timeout: '2m' });
    return { pods: pods.length, health: health?.status };
  })
  .build();
