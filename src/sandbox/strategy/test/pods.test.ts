import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Loose } from '../types.js';
import { aServer, causes, core } from './server.js';

const { call, patch, close } = aServer();
afterAll(close);
const main = { name: 'main', image: 'app:1' };
const make = (spec: object, name = 'bad') =>
  call('POST', core('pods'), { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [main], ...spec } });
const withMain = (fields: object) => ({ containers: [{ ...main, ...fields }] });

describe('a pod', () => {
  it('needs the account that it runs as', async () => {
    expect((await make({ serviceAccountName: 'robot' })).body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'pods "bad" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
      details: { name: 'bad', kind: 'pods' },
    });
  });

  describe('with an account', () => {
    beforeAll(async () => {
      await call('POST', core('serviceaccounts'), { metadata: { name: 'default' }, imagePullSecrets: [{ name: 'registry' }] });
    });

    const cases: [string, object, string[]][] = [
      ['containers of one name', { containers: [main, main] }, ['spec.containers[1].name: Duplicate value: "main"']],
      [
        'an init container that is named like another and probed',
        { initContainers: [{ ...main, startupProbe: { exec: { command: ['x'] } } }] },
        [
          'spec.initContainers[0].name: Duplicate value: "main"',
          'spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers',
        ],
      ],
      [
        'ports that are none',
        withMain({ ports: [{ containerPort: 0 }, { containerPort: 70000, name: 'too--many-letters' }] }),
        [
          'spec.containers[0].ports[0].containerPort: Required value',
          'spec.containers[0].ports[1].name: Invalid value: "too--many-letters": must be no more than 15 characters',
          'spec.containers[0].ports[1].name: Invalid value: "too--many-letters": must not contain consecutive hyphens',
          'spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
        ],
      ],
      [
        'a host port twice',
        withMain({
          ports: [
            { containerPort: 1, hostPort: 80 },
            { containerPort: 2, hostPort: 80 },
          ],
        }),
        ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
      ],
      [
        'variables from nowhere',
        withMain({
          env: [
            { name: 'A', valueFrom: {} },
            { name: 'B', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
            { name: 'C', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } },
            { name: 'D', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } },
            { name: 'E', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '3' } } },
          ],
        }),
        [
          'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
          'spec.containers[0].env[1].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
          'spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: Invalid value: "spec.containers": error converting fieldPath: field label not supported: spec.containers',
          'spec.containers[0].env[3].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.podIP", "status.podIPs"',
          'spec.containers[0].env[4].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
        ],
      ],
      [
        'volumes with two sources, and mounts of none',
        {
          volumes: [{ name: 'v', emptyDir: {}, secret: { secretName: 's' } }],
          containers: [{ ...main, volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '/abs' }] }],
        },
        [
          'spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type',
          'spec.containers[0].volumeMounts[0].name: Not found: "v"',
          'spec.containers[0].volumeMounts.subPath: Invalid value: "/abs": must be a relative path',
        ],
      ],
      [
        'a projected volume that says little',
        {
          volumes: [
            {
              name: 'p',
              projected: { sources: [{ serviceAccountToken: { expirationSeconds: 1 } }, { downwardAPI: { items: [{ path: 'a' }] } }] },
            },
          ],
        },
        [
          'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
          'spec.volumes[0].projected.sources[0].serviceAccountToken.path: Required value',
          'spec.volumes[0].projected.sources[1].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required',
        ],
      ],
      [
        'probes that do nothing, or two things',
        withMain({ readinessProbe: {}, livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 }, successThreshold: 3 } }),
        [
          'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
          'spec.containers[0].livenessProbe.successThreshold: Invalid value: 3: must be 1',
          'spec.containers[0].readinessProbe: Required value: must specify a handler type',
        ],
      ],
      [
        'amounts out of order',
        withMain({ resources: { requests: { 'example.com/gpu': '1', fast: '1' } } }),
        [
          'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
          'spec.containers[0].resources.requests[fast]: Invalid value: "fast": must be a standard resource type or fully qualified',
          'spec.containers[0].resources.requests[fast]: Invalid value: "fast": must be a standard resource for containers',
        ],
      ],
      [
        'places that cannot be meant',
        {
          tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 3 }, { operator: 'Equal' }],
          affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['A'] }] } },
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 },
            { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
          ],
        },
        [
          "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
          'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"',
          'spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
          'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
          'spec.tolerations[1].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ],
      ],
      [
        'names that are not resolved',
        { dnsPolicy: 'None', dnsConfig: { searches: ['ok.example.'] }, hostAliases: [{ ip: '1.2.3', hostnames: ['a'] }] },
        [
          'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
          'spec.hostAliases.ip: Invalid value: "1.2.3": must be valid IP address',
        ],
      ],
      [
        'the ports of its host under other numbers',
        { hostNetwork: true, ...withMain({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
        ['spec.containers[0].ports[0].containerPort: Invalid value: 80: must match `hostPort` when `hostNetwork` is true'],
      ],
      [
        'a container of debuggers from its beginning',
        { ephemeralContainers: [{ ...main, name: 'e' }] },
        ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
      ],
      [
        'blanks around an image',
        withMain({ image: ' app' }),
        ['spec.containers[0].image: Invalid value: " app": must not have leading or trailing whitespace'],
      ],
    ];
    it.each(cases)('has not %s', async (_, spec, wanted) => {
      expect(causes(await make(spec))).toEqual(wanted);
    });

    it('gets a token, pull secrets, tolerations and a priority', async () => {
      const { status, body } = await make({}, 'good');
      expect(status).toBe(201);
      const { spec } = body as Loose;
      const [volume] = spec.volumes;
      expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
      expect(volume.projected.sources.map((s: object) => Object.keys(s)[0])).toEqual(['serviceAccountToken', 'configMap', 'downwardAPI']);
      expect(spec.containers[0].volumeMounts).toEqual([
        { name: volume.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
      ]);
      expect(spec).toMatchObject({
        serviceAccountName: 'default',
        serviceAccount: 'default',
        imagePullSecrets: [{ name: 'registry' }],
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
      });
      expect(spec.tolerations.map((t: Loose) => t.key)).toEqual(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);
    });

    it('has no token where it wants none', async () => {
      const { body } = await make({ automountServiceAccountToken: false }, 'plain');
      expect((body as Loose).spec.volumes).toBeUndefined();
    });

    it('has the priority of its class and no other', async () => {
      await call('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'high' }, value: 7, preemptionPolicy: 'Never' });
      expect((await make({ priorityClassName: 'high' }, 'first')).body.spec).toMatchObject({ priority: 7, preemptionPolicy: 'Never' });
      expect((await make({ priorityClassName: 'low' })).body.message).toBe(
        'pods "bad" is forbidden: no PriorityClass with name low was found',
      );
      expect((await make({ priority: 3 })).body.message).toBe(
        'pods "bad" is forbidden: the integer value of priority (3) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
      );
    });

    it('changes its image and its deadline, and little else', async () => {
      const { body } = await make({ activeDeadlineSeconds: 100, tolerations: [{ key: 'own', operator: 'Exists' }] }, 'kept');
      const path = `${core('pods')}/kept`;
      const { containers } = (body as Loose).spec;
      expect((await patch(path, { spec: { containers: [{ ...containers[0], image: 'app:2' }] } })).status).toBe(200);
      expect((await patch(path, { spec: { activeDeadlineSeconds: 50 } })).status).toBe(200);
      expect(causes(await patch(path, { spec: { activeDeadlineSeconds: 60 } }))).toEqual([
        'spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value',
      ]);
      expect(causes(await patch(path, { spec: { containers: [...containers, { name: 'more', image: 'x' }] } }))).toEqual([
        'spec.containers: Forbidden: pod updates may not add or remove containers',
      ]);
      expect(causes(await patch(path, { spec: { tolerations: [] } }))[0]).toBe(
        'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
      );
      expect(causes(await patch(path, { spec: { hostname: 'h' } }))[0]).toMatch(
        /^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,.*\n\u00a0\u00a0core\.PodSpec\{/,
      );
    });
  });
});
