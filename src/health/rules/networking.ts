import { gatewayHealth, policyHealth, routeHealth } from '../families/gateway.js';
import { openshiftRouteHealth } from '../families/nodes.js';
import { soloHealth } from '../families/solo.js';
import { waiting, whichIsTrue } from './common.js';
import { conditions, type KindRules, of, present, stale } from './language.js';

/** Gateways, routes, meshes, node networks. */
export const networkingRules: readonly KindRules[] = [
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['GRPCRoute', 'HTTPRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'],
    rules: [{ run: routeHealth }],
  },
  { group: 'gateway.networking.k8s.io', kinds: ['Gateway'], rules: [{ run: gatewayHealth }] },
  { group: 'gateway.networking.k8s.io', kinds: ['BackendTLSPolicy'], rules: [{ run: (object) => policyHealth(object) }] },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['GatewayClass'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: { type: 'Accepted', ...stale }, is: 'Progressing', say: 'Waiting for the new spec to be seen', unlessLater: true },
          { if: of('Accepted', 'True'), is: 'Healthy' },
          { if: of('Accepted', 'False'), is: 'Degraded' },
          { if: of('Accepted'), is: 'Progressing' },
        ],
      },
      waiting('Waiting for a controller to accept the class'),
    ],
  },
  // Only policies report; the other kinds are read by them.
  {
    group: 'microgateway.airlock.com',
    kinds: '*',
    rules: [{ when: { kind: { not: { like: /Policy$/ } } }, is: 'Healthy' }, { run: (object) => policyHealth(object, { strict: true }) }],
  },
  {
    group: 'gateway.solo.io',
    kinds: ['Gateway', 'MatchableHttpGateway', 'RouteOption', 'RouteTable', 'VirtualHostOption', 'VirtualService'],
    rules: [{ run: soloHealth }],
  },
  { group: 'gloo.solo.io', kinds: ['Proxy', 'Settings', 'Upstream', 'UpstreamGroup'], rules: [{ run: soloHealth }] },
  {
    group: 'install.istio.io',
    kinds: ['IstioOperator'],
    rules: [
      // The numbers of the same enumeration, which older operators write.
      { when: { 'status.status': [0, 'NONE'] }, is: 'Unknown', say: 'The component is not there' },
      { when: { 'status.status': [1, 'UPDATING', 2, 'RECONCILING'] }, is: 'Progressing', say: '{status.message|status.status}' },
      { when: { 'status.status': [3, 'HEALTHY'] }, is: 'Healthy' },
      { when: { 'status.status': [4, 'ERROR'] }, is: 'Degraded', say: "{status.message|'The control plane has an error'}" },
      waiting('Waiting for the control plane'),
    ],
  },
  {
    group: 'nmstate.io',
    kinds: ['NodeNetworkConfigurationPolicy'],
    rules: whichIsTrue(
      { Available: 'Healthy', Degraded: 'Degraded', Progressing: 'Progressing', Ignored: 'Suspended' },
      'Waiting for the policy to be applied',
    ),
  },
  {
    group: 'proclaim.dogmatiq.io',
    kinds: ['DNSSDServiceInstance'],
    rules: [
      { having: [of('Adopted', 'False')], is: 'Degraded', say: '{Adopted:message}' },
      { having: [{ type: 'Advertised', reason: ['AdvertiseError', 'UnadvertiseError'] }], is: 'Degraded', say: '{Advertised:message}' },
      { having: [{ type: 'Discoverable', reason: 'DiscoveryError' }], is: 'Unknown', say: '{Discoverable:message}' },
      { having: [of('Discoverable', 'True')], is: 'Healthy', say: '{Discoverable:message}' },
      waiting('{Discoverable:message}'),
    ],
  },
  {
    group: 'projectcontour.io',
    kinds: ['ExtensionService'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Valid', 'True', current()), is: 'Healthy' },
          { if: of('Valid', 'False', current()), is: 'Degraded' },
        ],
      },
      waiting('Waiting for Contour to look at the spec'),
    ],
  },
  {
    group: 'projectcontour.io',
    kinds: ['HTTPProxy'],
    rules: [
      { having: [of('Valid', 'True', current())], is: 'Healthy', say: '{status.description}' },
      // A proxy and those it includes are valid only together: waiting for one before the other would never end.
      {
        when: { 'spec.includes': present },
        having: [{ status: 'False', ...current() }],
        is: 'Healthy',
        say: 'Proxies with inclusions are not judged',
      },
      { having: [of('Valid', 'False', current())], is: 'Degraded', say: '{status.description|Valid:message}' },
      waiting("{status.description|'Waiting for Contour to look at the spec'}"),
    ],
  },
  { group: 'route.openshift.io', kinds: ['Route'], rules: [{ run: openshiftRouteHealth }] },
];

function current() {
  return { observedGeneration: { same: 'metadata.generation' } };
}
