import { summary, trueOrFalse, waiting } from './common.js';
import { conditions, type KindRules, of, present, stale } from './language.js';

/** Certificates and secrets that come from elsewhere. */
export const certificateRules: readonly KindRules[] = [
  {
    group: 'cert-manager.io',
    kinds: ['Certificate'],
    rules: [
      { having: [of('Issuing', 'True')], is: 'Progressing', say: '{Issuing:message}' },
      trueOrFalse('Ready'),
      waiting('Waiting for the certificate'),
    ],
  },
  { group: 'cert-manager.io', kinds: ['ClusterIssuer', 'Issuer'], rules: summary('Ready', 'Waiting for the issuer to be set up') },
  { group: 'certmanager.k8s.io', kinds: ['Certificate', 'Issuer'], rules: summary('Ready', 'Waiting for cert-manager') },
  { group: 'bitnami.com', kinds: ['SealedSecret'], rules: summary('Synced', 'Waiting for the secret to be unsealed') },
  {
    group: 'external-secrets.io',
    kinds: ['ClusterSecretStore', 'ExternalSecret', 'PushSecret', 'SecretStore'],
    rules: summary('Ready', 'Waiting for the External Secrets operator'),
  },
  {
    group: 'external-secrets.io',
    kinds: ['ClusterExternalSecret'],
    rules: [
      // The operator appends; the last condition is the one that holds.
      {
        each: conditions,
        cases: [
          { if: of('Ready', 'True'), is: 'Healthy', unlessLater: true },
          { if: of(['PartiallyReady', 'NotReady'], 'True'), is: 'Degraded', unlessLater: true },
          { if: {}, is: 'Progressing', unlessLater: true },
        ],
      },
      waiting('Waiting for the External Secrets operator'),
    ],
  },
  {
    group: 'kubernetes-client.io',
    kinds: ['ExternalSecret'],
    rules: [
      { when: { 'status.status': 'SUCCESS' }, is: 'Healthy' },
      { when: { 'status.status': { like: /^ERROR/ } }, is: 'Degraded', say: '{status.status}' },
      waiting('Waiting for the secret to be fetched'),
    ],
  },
  { group: 'onepassword.com', kinds: ['OnePasswordItem'], rules: summary('Ready', 'Waiting for the 1Password operator') },
  {
    group: 'networking.gke.io',
    kinds: ['ManagedCertificate'],
    rules: [
      {
        each: 'status.domainStatus',
        cases: [{ if: { status: 'FailedNotVisible' }, is: 'Degraded', say: 'The domain {.domain} does not lead here' }],
      },
      { when: { 'status.certificateStatus': 'Active' }, is: 'Healthy' },
      waiting('Waiting for the certificate to be provisioned'),
    ],
  },
  {
    group: 'iammanager.keikoproj.io',
    kinds: ['Iamrole'],
    rules: [
      {
        word: 'status.state',
        of: {
          Ready: 'Healthy',
          Error: 'Degraded',
          RolesMaxLimitReached: 'Degraded',
          PolicyNotAllowed: 'Degraded',
          RoleNameNotAvailable: 'Degraded',
        },
        say: '{status.errorDescription|status.state}',
      },
      waiting('Waiting for the role to be made'),
    ],
  },
  {
    group: 'services.cloud.sap.com',
    kinds: ['ServiceBinding', 'ServiceInstance'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: stale, is: 'Progressing', say: 'Waiting for the new spec to be seen' },
          { if: of('Succeeded', 'False'), is: 'Degraded' },
          { if: of('Failed', 'True'), is: 'Degraded' },
        ],
      },
      { when: { [conditions]: present }, is: 'Healthy' },
      waiting('Waiting for the service operator'),
    ],
  },
];
