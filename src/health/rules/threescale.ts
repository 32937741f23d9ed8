import { waiting } from './common.js';
import { absent, type Case, conditions, type KindRules, of, present, type Rule } from './language.js';

const group = 'capabilities.3scale.net';

/** Red Hat 3scale. */
export const threescaleRules: readonly KindRules[] = [
  {
    group: 'apps.3scale.net',
    kinds: ['APIManager'],
    rules: [
      {
        when: { 'status.deployments.ready': present, 'status.deployments.starting': absent, 'status.deployments.stopped': absent },
        is: 'Healthy',
      },
      {
        each: conditions,
        cases: [
          { if: of('Available', 'True'), is: 'Healthy' },
          { if: of('Available', undefined, { reason: { like: /./ } }), is: 'Degraded', say: '{.message|.reason}' },
        ],
      },
      waiting('Waiting for the deployments'),
    ],
  },
  { group, kinds: ['ActiveDoc', 'DeveloperUser'], rules: [...suspendedUser(), ...threescale('Ready', ['Invalid', 'Orphan', 'Failed'])] },
  { group, kinds: ['ApplicationAuth'], rules: threescale('Ready', ['Failed']) },
  { group, kinds: ['CustomPolicyDefinition', 'OpenAPI'], rules: threescale('Ready', ['Invalid', 'Failed']) },
  { group, kinds: ['Backend'], rules: threescale('Synced', ['Invalid', 'Failed']) },
  { group, kinds: ['Product'], rules: threescale('Synced', ['Invalid', 'Orphan', 'Failed']) },
  {
    group,
    kinds: ['DeveloperAccount'],
    rules: threescale(
      'Ready',
      ['Invalid', 'Failed'],
      [{ if: of('Waiting', 'True'), is: 'Suspended', say: "{.message|'Waiting for approval'}" }],
    ),
  },
  { group, kinds: ['ProxyConfigPromote'], rules: threescale('Ready', ['Failed'], [{ if: of('In-progress', 'True'), is: 'Progressing' }]) },
  {
    group,
    kinds: ['Application'],
    rules: [
      { when: { 'status.state': 'suspended' }, is: 'Suspended', say: 'The application is suspended' },
      { having: [of('Ready', 'True')], is: 'Healthy' },
      // An application that has its id exists; Ready then only lags behind.
      { when: { 'status.adminId': { not: { over: 0 } } }, having: [of('Ready')], is: 'Degraded', say: '{Ready:message}' },
      waiting('Waiting for the operator to report'),
    ],
  },
  {
    group,
    kinds: ['Tenant'],
    rules: [
      { when: { 'status.tenantId': { over: 0 }, 'status.adminId': { over: 0 } }, having: [of('Ready', 'True')], is: 'Healthy' },
      { each: conditions, cases: [{ if: of('Ready', { not: 'True' }), is: 'Degraded' }] },
      waiting('Waiting for the tenant to be made'),
    ],
  },
];

function threescale(good: string, bad: readonly string[], more: readonly Case[] = []): Rule[] {
  return [
    {
      each: conditions,
      cases: [{ if: of(good, 'True'), is: 'Healthy', say: '' }, { if: of(bad, 'True'), is: 'Degraded', say: '{.message|.type}' }, ...more],
    },
    waiting('Waiting for the operator to report'),
  ];
}

function suspendedUser(): Rule[] {
  return [{ when: { 'status.developerUserState': 'suspended' }, is: 'Suspended', say: 'Waiting for approval' }];
}
