import type { ResourceType } from '../registry/types.js';
import { podWarnings } from './pod/warnings.js';
import type { Loose } from './types.js';

/** Where the spec of pods stands in what makes them. */
const podSpecs: { [storage: string]: string } = {
  'pods.': 'spec',
  'podtemplates.': 'template.spec',
  'cronjobs.batch': 'spec.jobTemplate.spec.template.spec',
  'daemonsets.apps': 'spec.template.spec',
  'deployments.apps': 'spec.template.spec',
  'jobs.batch': 'spec.template.spec',
  'replicasets.apps': 'spec.template.spec',
  'replicationcontrollers.': 'spec.template.spec',
  'statefulsets.apps': 'spec.template.spec',
};

/** What a client is told of an object that it writes though nothing is wrong with it. */
export function warningsOf(type: ResourceType, object: Loose): string[] {
  const path = type.custom ? undefined : podSpecs[type.storage];
  if (path === undefined) return [];
  const spec = path.split('.').reduce((at, step) => at?.[step], object);
  return spec === undefined ? [] : podWarnings(spec, path);
}
