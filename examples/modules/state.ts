import { log, state, task } from 'evenkeel';

task('deploy')
  .command(async () => {
    // One deployment at a time, also where two people start one.
    return state.withLock(
      'deploy/production',
      async () => {
        const number = await state.increment('deployments');
        const last = await state.get('last-version', 'none');
        log.info(`deployment ${number}, after ${String(last)}`);
        await state.set('last-version', 'v2');
        await state.set('freeze', true, { ttl: '1h' });
        return { number, swapped: await state.compareAndSet('last-version', 'v2', 'v3') };
      },
      { wait: '1m' },
    );
  })
  .build();
