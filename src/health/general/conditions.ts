import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing, suspended } from '../kinds/answers.js';
import { isStaleCondition } from '../observed.js';
import { type Condition, findCondition } from '../read.js';
import { speaksOfProgress } from './vocabulary.js';

/** True is bad. */
const troubles = new Set(
  'Degraded Error ErrorOccurred Errored Failed Failing Failure HasErrors InstallFailed Invalid NotReady PartiallyReady ReconcileError ReplicaFailure Stalled SpecError UpgradeFailed ACK.Terminal'.split(
    ' ',
  ),
);
/** True means that work goes on. */
const activities = new Set(
  'Creating Deleting InProgress Installing Issuing Pending Progressing Provisioning Reconciling RollingOut Scaling Syncing Terminating Updating Upgrading'.split(
    ' ',
  ),
);
const pauses = new Set('Hibernated Paused ReconciliationPaused Stopped Suspended'.split(' '));
/** True is good; the earlier in the list, the more it says of the whole. */
const summaries = ['Ready', 'Healthy', 'Available', 'Succeeded', 'Complete', 'Completed', 'Synced', 'Reconciled', 'ReconcileSuccess'];
const goods = new Set([
  ...summaries,
  ...'Accepted Active AllReplicasReady Applied Bound ClusterAvailable Compliant ConfigurationsReady Deployed Established Initialized InstallSucceeded Installed Programmed Provisioned Registered Released ResolvedRefs ResourcesUpToDate RoutesReady Successful UpToDate Valid Validated'.split(
    ' ',
  ),
]);
const pausedReason = /(Paused|Suspended|Hibernated|Hibernating)$/;
/** Names that end like this are read like the word at their end: `ChildResourcesHealthy`, `RemoteSynced`, `RenewalFailed`. */
const goodEnding = /(Ready|Healthy|Available|Succeeded|Synced|Valid|Applied|Accepted|Completed)$/;
const troubleEnding = /(Failed|Failure|Error|Degraded|Invalid|Errors)$/;

type Role = 'trouble' | 'activity' | 'pause' | 'good';

function roleOf(type: string): Role | undefined {
  if (goods.has(type)) return 'good';
  if (troubles.has(type)) return 'trouble';
  if (activities.has(type)) return 'activity';
  if (pauses.has(type)) return 'pause';
  if (/^(Not|Un)[A-Za-z]/.test(type)) return undefined;
  if (troubleEnding.test(type)) return 'trouble';
  return goodEnding.test(type) ? 'good' : undefined;
}

const failedReason = /DeadlineExceeded|Failed|Error|Aborted/;
/** What a rollout that has ended gives as the reason of a Progressing that stays True. */
const restingReason = /(Available|Complete|Completed|Finished|Succeeded|UpToDate|Idle|AsExpected)$/;

/**
 * Reads conditions as most controllers mean them: trouble first, then pauses, then work that goes on, then the summary
 * (Ready and its kin), then every other condition that is known to be good when True.
 * Undefined: not one of them is known.
 */
export function healthOfConditions(all: readonly Condition[], object: unknown): Health | undefined {
  const known = all.filter((c) => roleOf(c.type) !== undefined);
  if (known.length === 0) return undefined;
  const stale = known.find((c) => (c.status === 'True' || roleOf(c.type) === 'good') && isStaleCondition(object, c));
  if (stale) return progressing(`Waiting for the controller to look at the new spec (condition ${stale.type} is older)`);
  const whichIsTrue = (role: Role) => known.filter((c) => c.status === 'True' && roleOf(c.type) === role);

  const pause = whichIsTrue('pause')[0] ?? known.find((c) => c.status !== 'True' && pausedReason.test(c.reason));
  if (pause) return suspended(tell(pause));
  const trouble = whichIsTrue('trouble')[0];
  if (trouble) return speaksOfProgress(trouble.reason) ? progressing(tell(trouble)) : degraded(tell(trouble));
  const activity = whichIsTrue('activity').find((c) => !restingReason.test(c.reason));
  if (activity) return progressing(tell(activity));
  const deadline = known.find((c) => c.type === 'Progressing' && c.status === 'False' && failedReason.test(c.reason));
  if (deadline) return degraded(tell(deadline));

  // Ready speaks for the whole, Synced for whether it can be brought there; without Ready every good condition has to hold.
  const summary = summaries.map((type) => findCondition(known, type)).find((c) => c !== undefined);
  const whole = summary?.type === 'Ready' || summary?.type === 'Healthy';
  const judged = known.filter((c) => (whole ? c === summary || c.type === 'Synced' : roleOf(c.type) === 'good'));
  const bad = judged.filter((c) => c.status === 'False');
  const worst = bad.find((c) => !speaksOfProgress(c.reason));
  if (worst) return degraded(tell(worst));
  const open = bad[0] ?? judged.find((c) => c.status !== 'True');
  if (open) return progressing(tell(open));
  if (judged.length > 0) return healthy((summary ?? judged[0])?.message);
  // Only conditions of trouble, pause or work, and none of them holds.
  return known.some((c) => c.status !== 'False' && c.status !== 'True') ? progressing('Waiting for the controller to report') : healthy();
}

function tell(condition: Condition): string {
  return condition.message || condition.reason || `${condition.type} is ${condition.status}`;
}
