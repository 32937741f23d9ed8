import type { ApiResource } from '../kube/index.js';
import { EvenkeelError, type KubeObject, parseJson, type ResourceKey, stringifyJson } from '../model/index.js';
import type { DecideOptions } from './decide.js';
import { dryRun } from './dry-run.js';
import { neverRecreated } from './treatment.js';
import type { Compared } from './types.js';

const refusedForGood =
  /\bimmutable\b|may not (?:be changed|change)\b|cannot change (?:roleRef|once)|cannot be changed|updates to [^\n]{1,300} are forbidden/i;

/** Their data goes with them: only an annotation lets a sync replace them, never a rollback by itself. */
function holdsData(key: ResourceKey): boolean {
  return key.group === '' && (key.kind === 'PersistentVolumeClaim' || key.kind === 'PersistentVolume');
}

/** The fields for which the server refuses a change in place; undefined where it refuses something else. */
export function immutableFields(error: EvenkeelError): string[] | undefined {
  if (error.code !== 'KUBE_INVALID' && error.code !== 'KUBE_BAD_REQUEST' && error.code !== 'KUBE_FORBIDDEN') return undefined;
  const causes = error.details['causes'];
  const named = Array.isArray(causes)
    ? (causes as { field?: unknown; message?: unknown }[])
        .filter((cause) => typeof cause.field === 'string' && refusedForGood.test(String(cause.message ?? '')))
        .map((cause) => cause.field as string)
    : [];
  if (named.length > 0) return [...new Set(named)];
  return refusedForGood.test(error.message) ? (error.where.field === undefined ? [] : [error.where.field]) : undefined;
}

/** `spec.selector cannot be changed in place` */
export function immutableText(fields: readonly string[]): string {
  const shown = fields.slice(0, 3).join(', ');
  return `${fields.length === 0 ? 'a field' : fields.length > 3 ? `${shown} and ${fields.length - 3} more` : shown} cannot be changed in place`;
}

/** Whether a change that is refused in place may be carried out by deleting the object and making it anew. */
export function mayRecreate({ desired, live }: Compared, { restoring }: DecideOptions): boolean {
  if (live === undefined || neverRecreated(desired.key)) return false;
  return desired.treatment?.recreate !== undefined || (restoring === true && !holdsData(desired.key));
}

/** What a person can do where a change is refused in place: annotations and commands that work. */
export function waysToReplace({ desired }: Compared, workflowId: string): string[] {
  const { key, resource } = desired;
  const type = resource === undefined ? key.kind : resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
  const place = key.namespace === '' ? '' : ` -n ${key.namespace}`;
  if (neverRecreated(key)) {
    const lost = key.kind === 'Namespace' ? 'everything in it' : 'every object of the type';
    return ['Put the old value back into Git', `No annotation lets a sync replace a ${key.kind}: ${lost} would go with it`];
  }
  const lost = holdsData(key) ? 'its data goes with it' : 'what it runs or serves stops meanwhile';
  return [
    `Let the sync delete it and make it anew (${lost}): annotate it in Git with kustomize.toolkit.fluxcd.io/force: enabled (or argocd.argoproj.io/sync-options: Force=true), then: evenkeel sync ${workflowId}`,
    `Or delete it by hand: kubectl delete ${type} ${key.name}${place}, then: evenkeel sync ${workflowId}`,
    'Or put the old value back into Git',
  ];
}

/** The new one may need what the old one still holds: no reason to expect that it will be refused once that is gone. */
const heldByOld = /already (?:allocated|in use|defined|exists)/i;

/**
 * An update as a deletion and a creation. The server is asked, under another name, whether it would take the new
 * object: one that is deleted and then cannot be made would be lost.
 * @returns the error that the new object would meet
 */
export async function recreated(
  item: Compared,
  resource: ApiResource,
  { because, options }: { because: string; options: DecideOptions },
): Promise<Compared | EvenkeelError> {
  const { desired } = item;
  const { resourceVersion: _bound, ...metadata } = desired.object.metadata;
  const send: KubeObject = { ...desired.object, metadata };
  const anew: Compared = {
    ...item,
    action: 'update',
    send,
    force: false,
    recreate: true,
    recreateBecause: because,
    // An object that is made anew has what Git says in every field.
    conflicts: item.conflicts.map((conflict) => ({
      ...conflict,
      resolution: 'taken',
      description: `${conflict.path ?? 'a field'} differs from Git; the object is made anew with what Git says`,
      suggestions: [],
    })),
  };
  delete anew.predicted;
  const { name } = desired.key;
  const probe = `${name.slice(0, 40).replace(/[^a-z0-9]+$/, '')}-evenkeel-check`;
  const asked = await dryRun({ ...anew, send: { ...send, metadata: { ...metadata, name: probe } } }, resource, options);
  if ('error' in asked) {
    const { error } = asked;
    if (heldByOld.test(error.message)) return anew;
    return new EvenkeelError(error.code, error.message.replaceAll(probe, name), { hint: error.hint, where: error.where });
  }
  const taken = named(asked.item.send, probe, name);
  return { ...asked.item, send: taken, predicted: named(asked.answer.object, probe, name) };
}

/** The server's answer under the name that the object will have, also where the name was copied to. */
function named(object: KubeObject, probe: string, name: string): KubeObject {
  return parseJson(stringifyJson(object).replaceAll(JSON.stringify(probe), JSON.stringify(name))) as unknown as KubeObject;
}
