import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing } from '../kinds/answers.js';
import { at, text } from '../read.js';

/** OpenTelemetry's collector writes `ready/wanted` as text; a sidecar has no replicas of its own. */
export function collectorHealth(object: unknown): Health {
  if (at(object, 'status') === undefined) return progressing('Waiting for the operator to report');
  const mode = text(object, 'spec.mode');
  const counts = text(object, 'status.scale.statusReplicas');
  if (counts === '') return mode === 'sidecar' ? healthy('Runs as a sidecar') : progressing('Waiting for replicas to be counted');
  const read = /([0-9]+)\/([0-9]+)/.exec(counts);
  if (!read) return progressing(`Replicas are reported as ${counts}`);
  const [ready, wanted] = [Number(read[1]), Number(read[2])];
  const message = `${ready} of ${wanted} replicas are ready`;
  if (ready === 0) return mode === 'daemonset' && wanted === 0 ? healthy('No node is eligible') : degraded(message);
  return ready === wanted ? healthy(message) : progressing(message);
}
