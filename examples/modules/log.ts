import { log, task } from 'evenkeel';

task('report')
  .command(() => {
    log.info('deploying', { environment: 'staging', replicas: 3 });
    log.warn('the last deployment was rolled back');
    log.info({ written: 'as JSON', because: ['it is', 'no text'] });
  })
  .build();
