import { metrics, task } from 'evenkeel';

task('measure')
  .command(async () => {
    metrics.counter('deployments_total', 1, { labels: { environment: 'staging' }, help: 'Deployments' });
    metrics.gauge('replicas', 3);
    await metrics.time('smoke_test_seconds', () => new Promise((resolve) => setTimeout(resolve, 20)));
    return metrics.prometheus();
  })
  .build();
