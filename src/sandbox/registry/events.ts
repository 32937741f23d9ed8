import type { KubeObject } from '../../model/index.js';

/** What the older group calls the fields of an event, and what the newer one does. */
const names: [older: string, newer: string][] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

/** An event with its fields under the names of another group's version. */
export function renameEvent(object: KubeObject, toOlder: boolean): KubeObject {
  const renamed = new Map(names.map(([older, newer]) => (toOlder ? [newer, older] : [older, newer])));
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [renamed.get(key) ?? key, value])) as KubeObject;
}
