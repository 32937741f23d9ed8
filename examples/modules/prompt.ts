import { log, prompt, task } from 'evenkeel';

// Without a terminal: evenkeel run prompt.ts --answer eu-west --answer yes
task('ask')
  .command(async () => {
    const region = await prompt.ask('Which region?', { default: 'eu-central' });
    if (!(await prompt.confirm(`Deploy to ${region}?`, { default: false }))) return { success: false, message: 'not now' };
    log.info(`deploying to ${region}`);
    return { success: true, message: region };
  })
  .build();
