import type { Loose } from '../../strategy/types.js';
import { age, bool, type Column, doc, int, name, text, wide } from './column.js';

const shortModes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

const modes = (list: string[] | undefined) =>
  shortModes
    .filter(([mode]) => list?.includes(mode))
    .map(([, short]) => short)
    .join(',');

const phase = (o: Loose) => (o.metadata.deletionTimestamp ? 'Terminating' : (o.status?.phase ?? ''));
const classOf = (o: Loose) => o.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? o.spec.storageClassName ?? '';
const isBound = (claim: Loose) => Boolean(claim.spec.volumeName);

export const claims: Column[] = [
  name,
  text('Status', doc('core.PersistentVolumeClaimStatus.phase'), phase),
  text('Volume', doc('core.PersistentVolumeClaimSpec.volumeName'), (o) => o.spec.volumeName ?? ''),
  text('Capacity', doc('core.PersistentVolumeClaimStatus.capacity'), (o) => (isBound(o) ? (o.status?.capacity?.storage ?? '0') : '')),
  text('Access Modes', doc('core.PersistentVolumeClaimStatus.accessModes'), (o) => (isBound(o) ? modes(o.status?.accessModes) : '')),
  text('StorageClass', 'StorageClass of the pvc', classOf),
  age,
  wide(text('VolumeMode', doc('core.PersistentVolumeClaimSpec.volumeMode'), (o) => o.spec.volumeMode ?? '<unset>')),
];

export const volumes: Column[] = [
  name,
  text('Capacity', doc('core.PersistentVolumeSpec.capacity'), (o) => o.spec.capacity?.storage ?? '0'),
  text('Access Modes', doc('core.PersistentVolumeSpec.accessModes'), (o) => modes(o.spec.accessModes)),
  text('Reclaim Policy', doc('core.PersistentVolumeSpec.persistentVolumeReclaimPolicy'), (o) => o.spec.persistentVolumeReclaimPolicy ?? ''),
  text('Status', doc('core.PersistentVolumeStatus.phase'), phase),
  text('Claim', doc('core.PersistentVolumeSpec.claimRef'), (o) =>
    o.spec.claimRef ? `${o.spec.claimRef.namespace ?? ''}/${o.spec.claimRef.name ?? ''}` : '',
  ),
  text('StorageClass', 'StorageClass of the pv', classOf),
  text('Reason', doc('core.PersistentVolumeStatus.reason'), (o) => o.status?.reason ?? ''),
  age,
  wide(text('VolumeMode', doc('core.PersistentVolumeSpec.volumeMode'), (o) => o.spec.volumeMode ?? '<unset>')),
];

function isDefault({ metadata }: Loose): boolean {
  const said = metadata.annotations ?? {};
  return (
    said['storageclass.kubernetes.io/is-default-class'] === 'true' || said['storageclass.beta.kubernetes.io/is-default-class'] === 'true'
  );
}

export const storageClasses: Column[] = [
  { ...name, cell: (o) => (isDefault(o) ? `${o.metadata.name} (default)` : o.metadata.name) },
  text('Provisioner', doc('storage.StorageClass.provisioner'), (o) => o.provisioner ?? ''),
  text('ReclaimPolicy', doc('storage.StorageClass.reclaimPolicy'), (o) => o.reclaimPolicy ?? 'Delete'),
  text('VolumeBindingMode', doc('storage.StorageClass.volumeBindingMode'), (o) => o.volumeBindingMode ?? 'Immediate'),
  text('AllowVolumeExpansion', doc('storage.StorageClass.allowVolumeExpansion'), (o) => o.allowVolumeExpansion ?? false),
  age,
];

export const volumeAttachments: Column[] = [
  name,
  { ...text('Attacher', doc('storage.VolumeAttachmentSpec.attacher'), (o) => o.spec.attacher), format: 'name' },
  text('PV', doc('storage.VolumeAttachmentSource.persistentVolumeName'), (o) => o.spec.source?.persistentVolumeName ?? ''),
  text('Node', doc('storage.VolumeAttachmentSpec.nodeName'), (o) => o.spec.nodeName),
  bool('Attached', doc('storage.VolumeAttachmentStatus.attached'), (o) => o.status?.attached ?? false),
  age,
];

export const csiNodes: Column[] = [
  name,
  int('Drivers', 'Drivers indicates the number of CSI drivers registered on the node', (o) => (o.spec.drivers ?? []).length),
  age,
];

export const csiDrivers: Column[] = [
  name,
  bool('AttachRequired', doc('storage.CSIDriverSpec.attachRequired'), (o) => o.spec.attachRequired ?? true),
  bool('PodInfoOnMount', doc('storage.CSIDriverSpec.podInfoOnMount'), (o) => o.spec.podInfoOnMount ?? false),
  bool('StorageCapacity', doc('storage.CSIDriverSpec.storageCapacity'), (o) => o.spec.storageCapacity ?? false),
  text('TokenRequests', doc('storage.CSIDriverSpec.tokenRequests'), (o) =>
    o.spec.tokenRequests === undefined ? '<unset>' : o.spec.tokenRequests.map((t: Loose) => t.audience).join(','),
  ),
  bool('RequiresRepublish', doc('storage.CSIDriverSpec.requiresRepublish'), (o) => o.spec.requiresRepublish ?? false),
  text('Modes', doc('storage.CSIDriverSpec.volumeLifecycleModes'), (o) => (o.spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
  age,
];

export const csiCapacities: Column[] = [
  name,
  text('StorageClassName', doc('storagebeta.CSIStorageCapacity.storageClassName'), (o) => o.storageClassName ?? ''),
  text('Capacity', doc('storagebeta.CSIStorageCapacity.capacity'), (o) => o.capacity ?? '<unset>'),
];
