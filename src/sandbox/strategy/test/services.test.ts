import { afterAll, describe, expect, it } from 'vitest';
import type { Loose } from '../types.js';
import { aServer, causes, core } from './server.js';

const { call, patch, close } = aServer();
afterAll(close);
const ports = [{ port: 80 }];
const make = (name: string, spec: object) => call('POST', core('services'), { metadata: { name }, spec });
const change = async (name: string, spec: object) =>
  (await patch(`${core('services')}/${name}`, { spec })) as { status: number; body: Loose };

describe('a service', () => {
  const cases: [string, object, string[]][] = [
    [
      'an address of elsewhere',
      { ports, clusterIP: '192.0.2.1' },
      [
        'spec.clusterIPs: Invalid value: []string{"192.0.2.1"}: failed to allocate IP 192.0.2.1: the provided IP (192.0.2.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
      ],
    ],
    [
      'an address that is none',
      { ports, clusterIP: 'here' },
      ['spec.clusterIPs[0]: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    [
      'a node port out of range',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
      ['spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767'],
    ],
    [
      'two families',
      { ports, ipFamilyPolicy: 'RequireDualStack' },
      ['spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
    ],
    ['the other family', { ports, ipFamilies: ['IPv6'] }, ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster']],
    [
      'ports without names',
      { ports: [{ port: 80 }, { port: 443, name: 'tls', protocol: 'QUIC' }] },
      ['spec.ports[0].name: Required value', 'spec.ports[1].protocol: Unsupported value: "QUIC": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      'node ports without nodes',
      { ports: [{ port: 80, nodePort: 30001 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'what balancers have',
      { ports, loadBalancerClass: 'example.com/x', allocateLoadBalancerNodePorts: false, loadBalancerSourceRanges: ['10.0.0.0/8'] },
      [
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ],
    ],
    ['a name outside that is none', { type: 'ExternalName' }, ['spec.externalName: Required value']],
    [
      'a headless balancer',
      { type: 'LoadBalancer', clusterIP: 'None', selector: { a: 'b' }, ports },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services'],
    ],
    [
      'affinity for ever',
      { ports, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 90000 } } },
      ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400'],
    ],
  ];
  it.each(cases)('has not %s', async (_, spec, wanted) => {
    expect(causes(await make('bad', spec))).toEqual(wanted);
  });

  it('has an address and ports that no other has', async () => {
    expect((await make('a', { type: 'NodePort', clusterIP: '10.96.3.3', ports: [{ port: 80, nodePort: 30303 }] })).status).toBe(201);
    expect(causes(await make('b', { ports, clusterIP: '10.96.3.3' }))).toEqual([
      'spec.clusterIPs: Invalid value: []string{"10.96.3.3"}: failed to allocate IP 10.96.3.3: provided IP is already allocated',
    ]);
    expect(causes(await make('b', { type: 'NodePort', ports: [{ port: 1, nodePort: 30303 }] }))).toEqual([
      'spec.ports[0].nodePort: Invalid value: 30303: provided port is already allocated',
    ]);
    expect((await call('DELETE', `${core('services')}/a`)).status).toBe(200);
    expect((await make('b', { ports, clusterIP: '10.96.3.3' })).status).toBe(201);
  });

  it('keeps its address, and its ports by their names', async () => {
    const first = (await make('kept', { type: 'NodePort', ports: [{ name: 'http', port: 80 }] })).body as Loose;
    const { body } = await change('kept', { clusterIP: '', ports: [{ name: 'http', port: 8080 }] });
    expect(body.spec.clusterIP).toBe(first.spec.clusterIP);
    expect(body.spec.ports[0].nodePort).toBe(first.spec.ports[0].nodePort);
    expect(causes(await change('kept', { clusterIP: '10.96.9.9' }))).toEqual([
      'spec.clusterIPs[0]: Invalid value: []string{"10.96.9.9"}: may not change once set',
    ]);
  });

  it('gives back what its new type has not', async () => {
    const lb = (await make('turn', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports })).body as Loose;
    expect(lb.spec.healthCheckNodePort).toBeGreaterThanOrEqual(30000);
    const inner = (await change('turn', { type: 'ClusterIP' })).body.spec;
    for (const field of ['healthCheckNodePort', 'externalTrafficPolicy', 'allocateLoadBalancerNodePorts'])
      expect(inner[field]).toBeUndefined();
    expect(inner.ports[0].nodePort).toBeUndefined();
    const away = (await change('turn', { type: 'ExternalName', externalName: 'a.example' })).body.spec;
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) expect(away[field]).toBeUndefined();
    const back = (await change('turn', { type: 'ClusterIP' })).body.spec;
    expect(back.externalName).toBeUndefined();
    expect(back.clusterIP).toMatch(/^10\./);
  });
});
