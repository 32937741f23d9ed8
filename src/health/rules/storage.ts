import { summary, waiting } from './common.js';
import { absent, conditions, type KindRules, of, type Rule } from './language.js';

/** Volumes, snapshots, object stores, backups. */
export const storageRules: readonly KindRules[] = [
  {
    group: 'astra.netapp.io',
    kinds: ['AppVault'],
    rules: [
      { word: 'status.state', of: { available: 'Healthy', Available: 'Healthy', failed: 'Degraded', Failed: 'Degraded' } },
      waiting("{status.state|'Waiting for the controller to report'}"),
    ],
  },
  { group: 'astra.netapp.io', kinds: ['Application'], rules: summary('Ready', 'Waiting for the controller to report') },
  { group: 'astra.netapp.io', kinds: ['Backup', 'ExecHooksRun', 'ResourceBackup', 'ResticVolumeBackup', 'Snapshot'], rules: astraRun() },
  {
    group: 'astra.netapp.io',
    kinds: ['ExecHook'],
    rules: [
      { when: { 'spec.enabled': true }, is: 'Healthy', say: 'Enabled' },
      { when: { 'spec.enabled': false }, is: 'Suspended', say: 'Disabled' },
      waiting('Waiting for the hook to be enabled'),
    ],
  },
  {
    group: 'astra.netapp.io',
    kinds: ['Schedule'],
    rules: [
      { when: { 'status.lastScheduleTime': absent }, is: 'Healthy', say: 'Not run yet' },
      { is: 'Healthy', say: 'Last run at {status.lastScheduleTime}' },
    ],
  },
  {
    group: 'trident.netapp.io',
    kinds: ['TridentBackendConfig'],
    rules: [
      { when: { 'status.phase': 'Bound', 'status.lastOperationStatus': 'Success' }, is: 'Healthy', say: '{status.message}' },
      { when: { 'status.lastOperationStatus': 'Failed' }, is: 'Degraded', say: '{status.message}' },
      waiting('Waiting for the backend to be made'),
    ],
  },
  {
    group: 'trident.netapp.io',
    kinds: ['TridentOrchestrator'],
    rules: [
      { word: 'status.status', of: { Installed: 'Healthy', Failed: 'Degraded', Error: 'Degraded' }, say: '{status.message|status.status}' },
      waiting("{status.message|'Waiting for Trident to be installed'}"),
    ],
  },
  {
    group: 'cdi.kubevirt.io',
    kinds: ['DataVolume'],
    rules: [
      { word: 'status.phase', of: { Succeeded: 'Healthy', Paused: 'Suspended' } },
      { each: conditions, cases: [{ if: of('Running', 'False', { reason: 'Error' }), is: 'Degraded' }] },
      {
        word: 'status.phase',
        of: { Failed: 'Degraded', Unknown: 'Degraded' },
        other: 'Progressing',
        say: '{status.phase} {status.progress}',
      },
      waiting('Waiting for the import to start'),
    ],
  },
  {
    group: 'ceph.rook.io',
    kinds: ['CephCluster'],
    rules: [
      { when: { 'status.ceph.health': ['HEALTH_ERR', 'HEALTH_WARN'] }, is: 'Degraded', say: 'Ceph reports {status.ceph.health}' },
      {
        when: { 'status.ceph.health': 'HEALTH_OK', 'status.state': [absent, 'Created', 'Connected'] },
        is: 'Healthy',
        say: '{status.message}',
      },
      { when: { 'status.ceph.health': 'HEALTH_OK', 'status.state': 'Error' }, is: 'Degraded', say: '{status.message|status.state}' },
      waiting("{status.message|status.state|'Waiting for the operator to report'}"),
    ],
  },
  {
    group: 'ceph.rook.io',
    kinds: ['CephObjectStore'],
    rules: [
      { word: 'status.phase', of: { Ready: 'Healthy', Failure: 'Degraded' } },
      waiting("{status.phase|'Waiting for the operator to report'}"),
    ],
  },
  {
    group: 'objectbucket.io',
    kinds: ['ObjectBucketClaim'],
    rules: [{ word: 'status.phase', of: { Bound: 'Healthy', Failed: 'Degraded' } }, waiting("{status.phase|'Waiting for a bucket'}")],
  },
  {
    group: 'ocs.openshift.io',
    kinds: ['StorageCluster'],
    rules: [
      { having: [of('Degraded', 'True')], is: 'Degraded', say: '{Degraded:message}' },
      { having: [of('Progressing', 'True')], is: 'Progressing', say: '{Progressing:message}' },
      { having: [of('Available', 'True')], is: 'Healthy', say: '{Available:message}' },
      { is: 'Unknown', say: 'The operator reports nothing' },
    ],
  },
  {
    group: 'snapshot.storage.k8s.io',
    kinds: ['VolumeSnapshot', 'VolumeSnapshotContent'],
    rules: [
      { when: { 'status.readyToUse': true }, is: 'Healthy' },
      { when: { 'status.error': { not: absent } }, is: 'Degraded', say: '{status.error.message}' },
      waiting('Waiting for the snapshot to be taken'),
    ],
  },
  {
    group: 'minio.min.io',
    kinds: ['Tenant'],
    rules: [
      {
        word: 'status.currentState',
        of: {
          Initialized: 'Healthy',
          'Statefulset not controlled by operator': 'Degraded',
          'Another MinIO Tenant already exists in the namespace': 'Degraded',
          'Tenant credentials are not set properly': 'Degraded',
          'Different versions across MinIO Pools': 'Degraded',
          'Pool Decommissioning Not Allowed': 'Degraded',
        },
        other: 'Progressing',
      },
      waiting('Waiting for the operator to report'),
    ],
  },
];

function astraRun(): Rule[] {
  return [
    { word: 'status.state', of: { Completed: 'Healthy', Running: 'Progressing' }, other: 'Degraded' },
    waiting('Waiting for the controller to start'),
  ];
}
