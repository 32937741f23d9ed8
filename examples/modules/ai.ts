import { ai, exec, log, task } from 'evenkeel';

const command = 'true # what deploys the shop';

task('deploy')
  .command(async () => {
    const { failureProbability, confidence, recommendations } = await ai.predictFailure('deploy-shop', command);
    if (confidence > 0.5 && failureProbability > 0.25)
      log.warn(`${Math.round(failureProbability * 100)}% likely to fail`, { recommendations });
    const { success, seconds } = await exec.run(command, { allowFailure: true });
    await ai.recordExecution({
      taskName: 'deploy-shop',
      command,
      success,
      executionTime: seconds,
      predictedFailureProbability: failureProbability,
    });
    return { success, output: await ai.getTaskStats('deploy-shop') };
  })
  .build();
