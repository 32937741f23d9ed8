import { resourceBindingHealth } from '../families/karmada.js';
import { noConditions, noStatus, summary, trueOrElse, waiting } from './common.js';
import { absent, conditions, filled, type KindRules, of, present, type Rule } from './language.js';

/** Clusters and fleets as objects: Cluster API, Open Cluster Management, Karmada, OpenShift's own operators. */
export const clusterRules: readonly KindRules[] = [
  {
    group: 'addons.cluster.x-k8s.io',
    kinds: ['ClusterResourceSet'],
    rules: summary('ResourcesApplied', 'Waiting for the resources to be applied'),
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['Cluster'],
    rules: [
      { when: { 'spec.paused': true }, is: 'Suspended', say: 'The cluster is paused' },
      { each: conditions, cases: [{ if: of('Ready', 'False', { severity: { not: 'Info' } }), is: 'Degraded' }] },
      { word: 'status.phase', of: { Provisioned: 'Healthy', Failed: 'Degraded' }, say: '{status.failureMessage|status.phase}' },
      waiting('Waiting for the cluster: {status.phase}'),
    ],
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['Machine'],
    rules: [
      { word: 'status.phase', of: { Running: 'Healthy', Failed: 'Degraded' }, say: '{Ready:message|status.failureMessage|status.phase}' },
      waiting("{Ready:message|'Waiting for the machine'}"),
    ],
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['MachineDeployment'],
    rules: [
      { when: { 'spec.paused': true }, is: 'Suspended', say: 'The deployment is paused' },
      { word: 'status.phase', of: { Running: 'Healthy', Failed: 'Degraded', ScalingUp: 'Progressing', ScalingDown: 'Progressing' } },
      waiting('Waiting for machines'),
    ],
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['MachineHealthCheck'],
    rules: [
      { when: { 'status.currentHealthy': absent }, is: 'Progressing', say: 'Waiting for machines to be counted' },
      { when: { 'status.currentHealthy': { same: 'status.expectedMachines' } }, is: 'Healthy' },
      { is: 'Degraded', say: '{status.currentHealthy} of {status.expectedMachines} machines are healthy' },
    ],
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['MachinePool'],
    rules: [
      {
        word: 'status.phase',
        of: { Running: 'Healthy', Scaling: 'Healthy', Failed: 'Degraded', Unknown: 'Degraded' },
        say: '{status.phase}',
      },
      waiting("{Ready:message|status.phase|'Waiting for machines'}"),
    ],
  },
  {
    group: 'controlplane.cluster.x-k8s.io',
    kinds: ['AWSManagedControlPlane'],
    rules: [
      { when: noStatus, is: 'Progressing', say: 'Waiting for the control plane to be made' },
      { when: { 'status.failureMessage': filled }, is: 'Degraded', say: '{status.failureMessage}' },
      { having: [of('EKSControlPlaneUpdating', 'True')], is: 'Progressing', say: 'The control plane is being updated' },
      { having: [of('Ready', 'True')], is: 'Healthy' },
      { each: conditions, cases: [{ if: { status: 'False', severity: 'Error' }, is: 'Degraded' }] },
      waiting('The control plane is not ready'),
    ],
  },
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['CertificatePolicy'],
    rules: [compliance('At least one certificate does not comply'), waiting('Waiting for compliance to be reported')],
  },
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['ConfigurationPolicy'],
    rules: [
      { when: { 'status.compliant': absent }, is: 'Progressing', say: 'Waiting for compliance to be reported' },
      {
        when: { 'status.lastEvaluatedGeneration': { not: { same: 'metadata.generation' } } },
        is: 'Progressing',
        say: 'Waiting for the new policy to be evaluated',
      },
      { when: { 'status.compliancyDetails': absent }, is: 'Progressing', say: 'Waiting for compliance to be reported' },
      compliance('{status.compliancyDetails.0.conditions.0.message}'),
    ],
  },
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['OperatorPolicy'],
    rules: trueOrElse('Compliant', 'Waiting for compliance to be reported'),
  },
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['Policy'],
    rules: [
      { when: { 'spec.disabled': true }, is: 'Healthy', say: 'The policy is disabled' },
      compliance("{status.status.0.clustername|status.details.0.templateMeta.name|'Something'} does not comply"),
      { when: { 'status.status': absent, 'status.placement.0': present }, is: 'Healthy', say: 'No cluster matches the policy' },
      waiting('Waiting for compliance to be reported'),
    ],
  },
  { group: 'work.karmada.io', kinds: ['ClusterResourceBinding', 'ResourceBinding'], rules: [{ run: resourceBindingHealth }] },
  {
    group: 'operators.coreos.com',
    kinds: ['Subscription'],
    rules: [
      { when: noConditions, is: 'Progressing', say: 'Waiting for an install plan' },
      {
        each: conditions,
        cases: [
          {
            if: { type: 'InstallPlanMissing', reason: { not: 'ReferencedInstallPlanNotFound' } },
            is: 'Degraded',
            say: '{.message|.reason|.type}',
          },
          {
            if: of(['CatalogSourcesUnhealthy', 'InstallPlanFailed', 'ResolutionFailed'], 'True'),
            is: 'Degraded',
            say: '{.message|.reason|.type}',
          },
        ],
      },
      { when: { 'status.state': 'UpgradeFailed' }, is: 'Degraded', say: 'The upgrade failed' },
      { when: { 'status.state': [absent, '', 'UpgradeAvailable'] }, is: 'Progressing', say: '{status.state}' },
      // An upgrade that somebody has to approve by hand is where the cluster is meant to be.
      {
        when: { 'spec.installPlanApproval': 'Manual', 'status.installedCSV': present },
        having: [of('InstallPlanPending', 'True', { reason: 'RequiresApproval' })],
        is: 'Healthy',
        say: 'An upgrade waits for approval',
      },
      { having: [of('InstallPlanPending', 'True')], is: 'Progressing', say: '{InstallPlanPending:message|InstallPlanPending:reason}' },
      { when: { 'status.state': 'UpgradePending' }, is: 'Progressing', say: 'An upgrade is pending' },
      { is: 'Healthy', say: '{status.state}' },
    ],
  },
  {
    group: 'apps.openshift.io',
    kinds: ['DeploymentConfig'],
    rules: [
      { when: noConditions, is: 'Progressing', say: 'Waiting for the first rollout' },
      { when: { 'status.replicas': absent }, is: 'Progressing', say: 'Waiting for the first rollout' },
      { when: { 'status.replicas': 0 }, is: 'Healthy' },
      { having: [of('Available', 'True'), rolledOut()], is: 'Healthy' },
      { having: [of('Available', 'True')], is: 'Progressing', say: '{Progressing:message}' },
      { having: [rolledOut()], is: 'Progressing', say: '{Available:message}' },
      { is: 'Degraded', say: '{Available:message|Progressing:message}' },
    ],
  },
  {
    group: 'operator.openshift.io',
    kinds: ['IngressController'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Degraded', 'True'), is: 'Degraded' },
          { if: of('DeploymentReplicasAllAvailable', 'False'), is: 'Progressing' },
          { if: of('Progressing', 'True'), is: 'Progressing', say: '{.message|.reason}' },
          { if: of('Available', 'True'), is: 'Healthy' },
        ],
      },
      waiting('Waiting for the operator to report'),
    ],
  },
];

function rolledOut() {
  return of('Progressing', 'True', { reason: 'NewReplicationControllerAvailable' });
}

function compliance(trouble: string): Rule {
  return { word: 'status.compliant', of: { Compliant: 'Healthy' }, other: 'Degraded', say: trouble };
}
