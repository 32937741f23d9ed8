import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing } from '../kinds/answers.js';
import { at, conditionsAt, isRecord, number, text, values } from '../read.js';

/** Rook's Cassandra: each rack has as many ready members as members. */
export function cassandraHealth(object: unknown): Health {
  if (at(object, 'status.racks') === undefined) return progressing('Waiting for the operator to report');
  for (const rack of values(object, 'status.racks')) {
    const all = number(rack, 'members');
    const ready = number(rack, 'readyMembers');
    if (all !== undefined && ready !== undefined && all !== ready) return progressing(`${ready} of ${all} members of a rack are ready`);
  }
  return healthy();
}

const settled = new Set(['GracefulUpscaleSucceeded', 'GracefulDownscaleSucceeded']);

/** Banzai Cloud's Kafka operator: every broker's configuration in sync and Cruise Control at rest. */
export function banzaiKafkaHealth(object: unknown): Health {
  const state = text(object, 'status.state');
  if (state === 'ClusterRollingUpgrading') return progressing('Brokers are being restarted one by one');
  if (!isRecord(at(object, 'status.brokersState'))) return progressing('Waiting for the brokers');
  const brokers = values(object, 'status.brokersState');
  const good = brokers.filter(
    (b) => text(b, 'configurationState') === 'ConfigInSync' && settled.has(text(b, 'gracefulActionState.cruiseControlState')),
  );
  if (good.length < brokers.length)
    return degraded(`${brokers.length - good.length} of ${brokers.length} brokers are out of sync or not balanced`);
  const ready = text(object, 'status.cruiseControlTopicStatus') === 'CruiseControlTopicReady' && state === 'ClusterRunning';
  return ready ? healthy() : progressing('Waiting for the cluster to run');
}

/** OpenShift: admitted by every router that looked at it. */
export function openshiftRouteHealth(object: unknown): Health {
  if (at(object, 'status.ingress') === undefined) return progressing('Waiting for a router to admit the route');
  const routers = values(object, 'status.ingress').map((router) => ({
    name: text(router, 'routerName'),
    admitted: conditionsAt(router, 'conditions').filter((c) => c.type === 'Admitted'),
  }));
  const refused = routers.find((r) => r.admitted.some((c) => c.status === 'False'));
  if (refused)
    return degraded(refused.admitted.find((c) => c.status === 'False')?.message || `Router ${refused.name} does not admit the route`);
  return routers.every((r) => r.admitted.some((c) => c.status === 'True'))
    ? healthy()
    : progressing('Waiting for every router to admit the route');
}
