import { noConditions } from './common.js';
import { type KindRules, of, type Rule, type Tests } from './language.js';

/** Flux: a Ready condition that stays Unknown while Reconciling is True, and `spec.suspend`. */
export const fluxRules: readonly KindRules[] = [
  {
    group: 'source.toolkit.fluxcd.io',
    kinds: ['Bucket', 'ExternalArtifact', 'GitRepository', 'HelmChart', 'OCIRepository'],
    rules: flux({ and: [of('ArtifactInStorage', 'True')] }),
  },
  {
    group: 'source.toolkit.fluxcd.io',
    kinds: ['HelmRepository'],
    rules: [
      { when: { 'spec.suspend': true }, is: 'Suspended', say: '{kind} is suspended' },
      { when: { 'spec.type': 'oci' }, is: 'Healthy', say: 'OCI repositories report nothing' },
      ...flux({ and: [of('ArtifactInStorage', 'True')] }),
    ],
  },
  { group: 'kustomize.toolkit.fluxcd.io', kinds: ['Kustomization'], rules: flux() },
  { group: 'helm.toolkit.fluxcd.io', kinds: ['HelmRelease'], rules: flux({ and: [of(['Released', 'TestSuccess'], 'True')] }) },
  { group: 'image.toolkit.fluxcd.io', kinds: ['ImageUpdateAutomation'], rules: flux() },
  {
    group: 'image.toolkit.fluxcd.io',
    kinds: ['ImagePolicy'],
    rules: flux({ while: 'False', reasons: ['NewGeneration', 'AccessingRepository', 'ApplyingPolicy'] }),
  },
  { group: 'image.toolkit.fluxcd.io', kinds: ['ImageRepository'], rules: flux({ while: 'False', reasons: ['NewGeneration', 'Scanning'] }) },
  {
    group: 'notification.toolkit.fluxcd.io',
    kinds: ['Receiver'],
    rules: [
      { when: { 'spec.suspend': true }, is: 'Suspended', say: '{kind} is suspended' },
      { when: noConditions, is: 'Progressing', say: 'Waiting for the controller to report' },
      { having: [of('Ready', 'True')], is: 'Healthy', say: '{Ready:message|Ready:reason}' },
      { is: 'Degraded', say: '{Ready:message|Ready:reason}' },
    ],
  },
];

interface Flux {
  /** What Ready says while work goes on. */
  while?: 'Unknown' | 'False';
  /** The reasons of Reconciling that mean work and not trouble; any, where none are named. */
  reasons?: string[];
  /** What has to hold beside Ready. */
  and?: Tests[];
}

function flux(how: Flux = {}): Rule[] {
  const working = of('Reconciling', 'True', how.reasons === undefined ? {} : { reason: how.reasons });
  return [
    { when: { 'spec.suspend': true }, is: 'Suspended', say: '{kind} is suspended' },
    { when: noConditions, is: 'Progressing', say: 'Waiting for the controller to report' },
    { having: [of('Ready', how.while ?? 'Unknown'), working], is: 'Progressing', say: '{Reconciling:message|Ready:message|Ready:reason}' },
    { having: [of('Ready', 'True'), ...(how.and ?? [])], is: 'Healthy', say: '{Ready:message|Ready:reason}' },
    { is: 'Degraded', say: '{Ready:message|Ready:reason}' },
  ];
}
