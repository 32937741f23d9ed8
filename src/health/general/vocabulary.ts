import type { HealthStatus } from '../../model/index.js';

/** Words that controllers write into `status.phase` and its like, in lower case without separators. */
const words: { readonly [status in HealthStatus]?: readonly string[] } = {
  Healthy: [
    'accepted active admitted applied available bound compliant complete completed connected created deployed done established exists',
    'finished green healthy initialized installed insync joined live normal ok online operational passed provisioned published ready reconciled',
    'registered running stable success succeeded successful synced uptodate valid validated enabled healthok',
  ],
  Progressing: [
    'accepting activating allocating applying attaching binding bootstrapping building canarying configuring connecting creating deleting deploying',
    'downloading draining expanding finalising finalizing importing inprogress inqueue init initializing initialising installing joining migrating migratingdata applyingchanges',
    'modifying new pending planning preparing processing progressing promoting provisioning queued reconciling recovering redeploying',
    'registering released removing replacing requested restarting restoring resuming rolling rollingback rollingout scaling scalingdown scalingup',
    'scheduled scheduling starting started stopping submitted syncing terminating uninstalling updating upgrading validating verifying waiting yellow',
  ],
  Suspended: ['disabled hibernated hibernating onhold paused pausing suspended suspending stopped'],
  Degraded: [
    'aborted backoff broken canceled cancelled conflict configerror crashed crashloopbackoff critical degraded dead denied disconnected error errored expired configurationerror',
    'fail failed failing failure fatal healtherr inerror invalid lost misconfigured noncompliant notready offline outofsync permanentfailure red rejected',
    'rolledback stalled timedout timeout unavailable unhealthy unreachable unrecoverable',
  ],
  Missing: ['missing notfound'],
  Unknown: ['unknown indeterminate'],
};

const known = new Map<string, HealthStatus>();
for (const [status, lines] of Object.entries(words)) for (const word of lines.join(' ').split(' ')) known.set(word, status as HealthStatus);

/** `ScalingUp`, `scaling-up` and `SCALING_UP` are one word. Undefined for a word that nobody knows. */
export function statusOfWord(word: string): HealthStatus | undefined {
  return known.get(plain(word));
}

/** A reason that speaks of something going on (`Reconciling`, `WaitingForVolume`), not of something that went wrong. */
export function speaksOfProgress(reason: string): boolean {
  const whole = statusOfWord(reason);
  if (whole) return whole === 'Progressing';
  return (
    /^(Awaiting|Being|Bootstrapping|Building|Creating|Deploying|InProgress|Initiali[sz]ing|Installing|Pending|Preparing|Progressing|Provisioning|Reconciling|Scaling|Starting|Syncing|Updating|Upgrading|Waiting)/.test(
      reason,
    ) || /(InProgress|Pending|Progressing|Reconciling|NotReadyYet)$/.test(reason)
  );
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[^a-z]/g, '');
}
