import type { KubeObject } from '../../../model/index.js';
import { nanosOf } from '../pod/resources.js';
import type { Loose, StrategyHost, UpdateContext } from '../types.js';
import { refused } from './forbidden.js';

/** Of the classes that say they are the default, the newest. */
function defaultClass(host: StrategyHost, storage: string, annotations: readonly string[]): string | undefined {
  const candidates = (host.list(storage) as KubeObject[]).filter((c) =>
    annotations.some((name) => c.metadata.annotations?.[name] === 'true'),
  );
  const time = (c: KubeObject) => String(c.metadata.creationTimestamp ?? '');
  candidates.sort((a, b) =>
    time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : (a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1,
  );
  return candidates[0]?.metadata.name;
}

const storageClasses = 'storageclasses.storage.k8s.io';

/** A claim that names no class asks for the default one. */
export function defaultStorageClass(claim: Loose, { host }: UpdateContext): void {
  const { spec, metadata } = claim;
  if (spec.storageClassName !== undefined || metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return;
  const name = defaultClass(host, storageClasses, [
    'storageclass.kubernetes.io/is-default-class',
    'storageclass.beta.kubernetes.io/is-default-class',
  ]);
  if (name !== undefined) spec.storageClassName = name;
}

/** An ingress that names no class is of the default one. */
export function defaultIngressClass(ingress: Loose, { host }: UpdateContext): void {
  const { spec, metadata } = ingress;
  if (spec.ingressClassName !== undefined || metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
  const name = defaultClass(host, 'ingressclasses.networking.k8s.io', ['ingressclass.kubernetes.io/is-default-class']);
  if (name !== undefined) spec.ingressClassName = name;
}

const asked = (claim: Loose) => nanosOf(claim.spec?.resources?.requests?.storage);

/** A claim grows only once it is bound, and only where its class lets it. @throws ApiError 403 */
export function checkClaimGrowth(claim: Loose, old: Loose, { host, type }: UpdateContext): void {
  if (asked(claim) <= asked(old)) return;
  if (old.status?.phase !== 'Bound') throw refused(type, claim, 'Only bound persistent volume claims can be expanded');
  const name = old.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? old.spec.storageClassName ?? '';
  const found = name === '' ? undefined : (host.read(storageClasses, `/${name}`) as Loose);
  if (found?.allowVolumeExpansion !== true)
    throw refused(
      type,
      claim,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
}
