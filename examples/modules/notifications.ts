import { notifications, task } from 'evenkeel';

task('tell')
  .params({ hook: 'https://hooks.example.com/services/…', slack: 'https://hooks.slack.com/services/…' })
  .command(async ({ hook, slack }) => {
    // What receives it checks X-Evenkeel-Signature: the HMAC of "timestamp.body" under the secret.
    const { attempts } = await notifications.webhook(hook, { deployed: 'web', version: 'v2' }, { secret: 'shared with the receiver' });
    await notifications.slack(slack, 'web v2 is in production', { title: 'Deployed', level: 'success', fields: { Cluster: 'eu-west' } });
    return { attempts };
  })
  .build();
