import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../manifest/index.js';
import type { KubeObject } from '../../model/index.js';
import { fieldChanges } from '../field-changes.js';
import { buildGraph } from '../graph.js';
import type { Surroundings } from '../surroundings.js';
import type { Impact } from '../types.js';
import { impactOf } from './index.js';
import { quantity } from './quantity.js';

const apis: { [kind: string]: string } = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  CronJob: 'batch/v1',
  Job: 'batch/v1',
  Ingress: 'networking.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  IngressClass: 'networking.k8s.io/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
  Role: 'rbac.authorization.k8s.io/v1',
  ClusterRole: 'rbac.authorization.k8s.io/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  PodDisruptionBudget: 'policy/v1',
  ValidatingWebhookConfiguration: 'admissionregistration.k8s.io/v1',
  CustomResourceDefinition: 'apiextensions.k8s.io/v1',
  StorageClass: 'storage.k8s.io/v1',
  ServiceMonitor: 'monitoring.coreos.com/v1',
};

/** An object from its kind and the rest as YAML in one line; named x in ns where it says nothing else. */
function object(kind: string, rest = '', metadata = ''): KubeObject {
  const [document] = parseYaml(
    `apiVersion: ${apis[kind] ?? 'v1'}\nkind: ${kind}\nmetadata: {name: x, namespace: ns${metadata === '' ? '' : `, ${metadata}`}}\n${rest}`,
    { file: 'x' },
  );
  return document?.value as unknown as KubeObject;
}

const named = (name: string, one: KubeObject): KubeObject => ({ ...one, metadata: { ...one.metadata, name } });
const base = (others: readonly KubeObject[], surroundings?: Surroundings) => ({
  graph: buildGraph(others),
  restarts: () => false,
  ...(surroundings === undefined ? {} : { surroundings }),
});
const create = (one: KubeObject, others: KubeObject[] = []) =>
  impactOf({ type: 'create', object: one, changes: [], ...base([one, ...others]) });
const remove = (one: KubeObject, others: KubeObject[] = [], around?: Surroundings) =>
  impactOf({ type: 'delete', object: one, live: one, changes: [], ...base(others, around) });
const update = (a: KubeObject, b: KubeObject, others: KubeObject[] = [], around?: Surroundings) =>
  impactOf({ type: 'update', object: b, live: a, changes: fieldChanges(a, b), ...base([b, ...others], around) });

const around = (some: Partial<Surroundings>): Surroundings => ({
  namespaces: new Map(),
  instances: new Map(),
  disruptionBudgets: [],
  withoutPods: new Set(),
  missing: [],
  warnings: [],
  ...some,
});

const template = (container = '', pod = '') =>
  `template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "a:1"${container === '' ? '' : `, ${container}`}}]${pod === '' ? '' : `, ${pod}`}}}`;
const web = (spec = 'replicas: 3', container = '', pod = '') =>
  named('web', object('Deployment', `spec: {${spec}, selector: {matchLabels: {app: web}}, ${template(container, pod)}}`));
const service = (ports = '{port: 80}', rest = 'selector: {app: web}') =>
  named('web', object('Service', `spec: {ports: [${ports}], ${rest}}`));

type Case = [what: string, result: { impact: Impact; reasons: string[] }, impact: Impact, reasons: string[]];

const cases: Case[] = [
  // The reference levels of the design.
  ['a new Deployment', create(web()), 'medium', ['starts 3 pods']],
  ['a Service port', update(service(), service('{port: 8080}')), 'low', ['changes a port']],
  ['a Namespace goes', remove(object('Namespace')), 'critical', ['deletes everything that lives in the namespace']],
  ['a PersistentVolume goes', remove(object('PersistentVolume')), 'critical', ['may delete the data in it']],
  ['a claim goes', remove(object('PersistentVolumeClaim')), 'critical', ['may delete the data in it']],
  ['a CRD goes', remove(object('CustomResourceDefinition')), 'critical', ['deletes every object of the type']],
  ['a new ConfigMap', create(object('ConfigMap')), 'low', []],
  // Workloads.
  ['a new DaemonSet', create(object('DaemonSet', `spec: {${template()}}`)), 'medium', ['starts a pod on every matching node']],
  ['a new CronJob', create(object('CronJob')), 'medium', ['runs pods by a schedule']],
  ['to zero', update(web(), web('replicas: 0')), 'high', ['scales to zero: 3 pods stop']],
  ['half as many', update(web('replicas: 5'), web('replicas: 2')), 'medium', ['scales from 5 to 2']],
  ['more', update(web(), web('replicas: 4')), 'low', ['scales from 3 to 4']],
  ['an image', update(web(), web('replicas: 3', 'image: "a:2"')), 'medium', ['restarts 3 pods', 'changes the image of container main']],
  [
    'a template of a paused Deployment',
    update(web('replicas: 3, paused: true'), web('replicas: 3, paused: true', 'args: [x]')),
    'low',
    ['is paused: its pods are not replaced until it is resumed'],
  ],
  [
    'a template with strategy Recreate',
    update(web('replicas: 2, strategy: {type: Recreate}'), web('replicas: 2, strategy: {type: Recreate}', 'args: [x]')),
    'high',
    ['restarts 2 pods', 'stops all 2 pods before new ones start (strategy Recreate)'],
  ],
  ['a template of no pods', update(web('replicas: 0'), web('replicas: 0', 'args: [x]')), 'low', []],
  [
    'a StatefulSet on delete',
    update(
      object('StatefulSet', `spec: {replicas: 1, updateStrategy: {type: OnDelete}, ${template()}}`),
      object('StatefulSet', `spec: {replicas: 1, updateStrategy: {type: OnDelete}, ${template('args: [x]')}}`),
    ),
    'low',
    ['does not replace its pods by itself: the change shows in those that are made from now on'],
  ],
  [
    'a probe goes',
    update(web('replicas: 1', 'readinessProbe: {httpGet: {port: 80}}'), web('replicas: 1')),
    'medium',
    ['restarts 1 pod', 'removes the readinessProbe of container main: its pods get traffic before they say that they are ready'],
  ],
  [
    'resources',
    update(
      web('replicas: 1', 'resources: {limits: {memory: 1Gi, cpu: 500m}, requests: {cpu: 100m}}'),
      web('replicas: 1', 'resources: {limits: {memory: 512Mi, cpu: "0.5"}, requests: {cpu: 200m, memory: 1Gi}}'),
    ),
    'medium',
    [
      'restarts 1 pod',
      'lowers the memory limit of container main from 1Gi to 512Mi: it is killed where it needs more',
      'raises the cpu request of container main from 100m to 200m',
      'sets the memory request of container main to 1Gi',
    ],
  ],
  [
    'privileges',
    update(
      web('replicas: 1'),
      web(
        'replicas: 1',
        'securityContext: {privileged: true, capabilities: {add: [NET_ADMIN, CHOWN]}}',
        'hostNetwork: true, volumes: [{name: v, hostPath: {path: /var/run}}], serviceAccountName: admin',
      ),
    ),
    'high',
    [
      'restarts 1 pod',
      "gives pods the node's network",
      "gives pods the node's files under /var/run (hostPath)",
      'runs container main privileged',
      'gives container main the capability NET_ADMIN',
      'gives container main the capability CHOWN',
      'runs pods as ServiceAccount/admin in place of default',
    ],
  ],
  [
    'privileges that it had',
    update(web('replicas: 1', 'securityContext: {privileged: true}'), web('replicas: 2', 'securityContext: {privileged: true}')),
    'low',
    ['scales from 1 to 2'],
  ],
  [
    'a new Job',
    create(object('Job', `spec: {${template('', 'hostPID: true')}}`)),
    'high',
    ['runs a new workload', 'shows pods every process of the node'],
  ],
  [
    'pod labels that a Service selects by',
    update(
      web(),
      named(
        'web',
        object('Deployment', `spec: {replicas: 3, selector: {matchLabels: {app: web}}, ${template().replace('app: web', 'app: shop')}}`),
      ),
      [service()],
    ),
    'high',
    ['restarts 3 pods', 'Service/web no longer selects its pods'],
  ],
  ['a Deployment goes', remove(web(), [service()]), 'high', ['stops 3 pods', 'leaves Service/web without pods of this workflow']],
  [
    'a StatefulSet goes',
    remove(object('StatefulSet', `spec: {replicas: 2, ${template()}}`)),
    'high',
    ['stops 2 pods', 'stops a stateful workload; its claims stay'],
  ],
  [
    'a StatefulSet goes with its claims',
    remove(object('StatefulSet', `spec: {replicas: 2, persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}, ${template()}}`)),
    'critical',
    ['stops 2 pods', 'deletes its claims, and the data in them, with it (persistentVolumeClaimRetentionPolicy)'],
  ],
  [
    'a CronJob is suspended',
    update(object('CronJob', 'spec: {schedule: "* * * * *"}'), object('CronJob', 'spec: {schedule: "* * * * *", suspend: true}')),
    'medium',
    ['suspends it: it does not run any more'],
  ],
  // Disruption budgets.
  [
    'a rollout under a budget without room',
    update(
      web(),
      web('replicas: 3', 'args: [x]'),
      [],
      around({
        disruptionBudgets: [
          named('web', object('PodDisruptionBudget', 'spec: {selector: {matchLabels: {app: web}}}\nstatus: {disruptionsAllowed: 0}')),
        ],
      }),
    ),
    'medium',
    ['restarts 3 pods', 'PodDisruptionBudget/web allows 0 disruptions now; a rollout does not ask it, only evictions (node drains) do'],
  ],
  [
    'a workload goes under a budget, and another budget is not concerned',
    remove(
      web(),
      [],
      around({
        disruptionBudgets: [
          named(
            'web',
            object(
              'PodDisruptionBudget',
              'spec: {selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}}\nstatus: {disruptionsAllowed: 1}',
            ),
          ),
          named('db', object('PodDisruptionBudget', 'spec: {selector: {matchLabels: {app: db}}}')),
        ],
      }),
    ),
    'high',
    ['stops 3 pods', 'PodDisruptionBudget/web allows 1 disruption now; a deletion does not ask it, only evictions (node drains) do'],
  ],
  [
    'a budget goes',
    remove(object('PodDisruptionBudget', 'spec: {selector: {matchLabels: {app: web}}}'), [web()]),
    'medium',
    ['evictions (node drains) of pods of Deployment/web are no longer held back'],
  ],
  // Configuration and who reads it.
  [
    'a ConfigMap that is an environment',
    update(object('ConfigMap', 'data: {a: "1"}'), object('ConfigMap', 'data: {a: "2"}'), [
      web('replicas: 2', 'envFrom: [{configMapRef: {name: x}}]'),
    ]),
    'medium',
    ['Deployment/web reads its environment from it; its 2 pods do not restart by this and keep the old values until they are restarted'],
  ],
  [
    'a Secret that is mounted',
    update(object('Secret', 'data: {a: "1"}'), object('Secret', 'data: {a: "2"}'), [
      web('replicas: 1', '', 'volumes: [{name: v, secret: {secretName: x}}]'),
    ]),
    'medium',
    [
      'Deployment/web mounts it; its 1 pod does not restart by this: the new files appear within minutes, and it is for the program to read them',
    ],
  ],
  [
    'a ConfigMap that is mounted by subPath',
    update(object('ConfigMap', 'data: {a: "1"}'), object('ConfigMap', 'data: {a: "2"}'), [
      web('replicas: 1', 'volumeMounts: [{name: v, mountPath: /a, subPath: a}]', 'volumes: [{name: v, configMap: {name: x}}]'),
    ]),
    'medium',
    ['Deployment/web mounts it; its 1 pod does not restart by this and keeps the old values until it is restarted'],
  ],
  [
    'a ConfigMap of another namespace',
    remove(object('ConfigMap'), [
      { ...web('replicas: 1', 'envFrom: [{configMapRef: {name: x}}]'), metadata: { name: 'web', namespace: 'other' } },
    ]),
    'low',
    [],
  ],
  [
    'a ConfigMap that is read goes',
    remove(object('ConfigMap'), [web('replicas: 1', 'envFrom: [{configMapRef: {name: x}}]')]),
    'high',
    ['Deployment/web reads its environment from it'],
  ],
  [
    'an account that pods run as goes',
    remove(object('ServiceAccount'), [web('replicas: 1', '', 'serviceAccountName: x')]),
    'high',
    ['Deployment/web runs as it'],
  ],
  [
    'a class that claims name goes',
    remove({ ...object('StorageClass'), metadata: { name: 'x' } }, [object('PersistentVolumeClaim', 'spec: {storageClassName: x}')]),
    'high',
    ['claims that name it wait until it is back', 'PersistentVolumeClaim/x keeps data in it'],
  ],
  [
    'a label of a ConfigMap',
    update(object('ConfigMap', 'data: {a: "1"}'), object('ConfigMap', 'data: {a: "1"}', 'labels: {a: b}'), [
      web('replicas: 1', 'envFrom: [{configMapRef: {name: x}}]'),
    ]),
    'low',
    [],
  ],
  [
    'a label of a Service that a monitor goes by',
    update(object('Service', 'spec: {}', 'labels: {watch: please}'), object('Service', 'spec: {}'), [
      object('ServiceMonitor', 'spec: {selector: {matchLabels: {watch: please}}}'),
    ]),
    'medium',
    ['ServiceMonitor/x no longer watches it'],
  ],
  // Services, routes, traffic.
  [
    'a selector that nothing has',
    update(service(), service('{port: 80}', 'selector: {app: shop}'), [web()]),
    'high',
    ['sends traffic to other pods: no workload of this workflow has these labels'],
  ],
  [
    'a port that an Ingress asks for',
    update(service(), service('{port: 8080}'), [
      object('Ingress', 'spec: {rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}]}}]}'),
    ]),
    'high',
    ['changes a port', 'Ingress/x asks for port 80, which it no longer has', 'Ingress/x routes to it'],
  ],
  [
    'a Service that is opened',
    create(service('{port: 80}', 'type: LoadBalancer')),
    'medium',
    ['can be reached from outside the cluster (LoadBalancer)'],
  ],
  [
    'a Service that is routed to goes',
    remove(named('web', object('Service')), [
      {
        ...object('HTTPRoute', 'spec: {rules: [{backendRefs: [{name: web, namespace: ns, port: 80}]}]}'),
        metadata: { name: 'r', namespace: 'edge' },
      },
      object('ServiceMonitor', 'spec: {selector: {}}'),
    ]),
    'high',
    ['removes a Service', 'HTTPRoute/r routes to it', 'ServiceMonitor/x watches it'],
  ],
  [
    'a Service that a webhook calls goes',
    remove(named('hook', object('Service')), [
      {
        ...object('ValidatingWebhookConfiguration', 'webhooks: [{name: v, clientConfig: {service: {name: hook, namespace: ns}}}]'),
        metadata: { name: 'v' },
      },
    ]),
    'high',
    ['removes a Service', 'ValidatingWebhookConfiguration/v asks it about requests to the cluster'],
  ],
  [
    'an Ingress loses a host and its certificate',
    update(
      object('Ingress', 'spec: {ingressClassName: a, tls: [{hosts: [b.test]}], rules: [{host: a.test}, {host: b.test}]}'),
      object('Ingress', 'spec: {ingressClassName: b, rules: [{host: b.test}]}'),
    ),
    'high',
    ['no longer answers for a.test', 'serves b.test without a certificate', 'is answered by another controller: b in place of a'],
  ],
  [
    'a policy for every pod',
    create(object('NetworkPolicy', 'spec: {podSelector: {}, policyTypes: [Ingress, Egress]}')),
    'high',
    ['cuts every pod of the namespace off from incoming and outgoing traffic that it does not name'],
  ],
  [
    'a policy for some',
    create(object('NetworkPolicy', 'spec: {podSelector: {matchLabels: {app: web}}}'), [web()]),
    'medium',
    ['cuts pods of Deployment/web off from incoming traffic that it does not name'],
  ],
  [
    'a policy goes',
    remove(object('NetworkPolicy', 'spec: {podSelector: {}}')),
    'high',
    ['lets through the traffic of every pod of the namespace that it held back'],
  ],
  [
    'a webhook that fails',
    update(
      object(
        'ValidatingWebhookConfiguration',
        'webhooks: [{name: v, failurePolicy: Ignore, rules: [{resources: [pods]}], clientConfig: {service: {name: s}}}]',
      ),
      object(
        'ValidatingWebhookConfiguration',
        'webhooks: [{name: v, failurePolicy: Fail, rules: [{resources: [pods, "*"]}], clientConfig: {service: {name: s}}}]',
      ),
    ),
    'high',
    [
      'can refuse or change requests of the whole cluster',
      'v refuses requests about pods, everything while Service/s does not answer (failurePolicy Fail)',
      'v is asked about other requests: pods, everything',
    ],
  ],
  // Permissions, rule by rule.
  [
    'a new Role',
    create(object('Role', 'rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]')),
    'medium',
    ['grants get, list on pods'],
  ],
  [
    'one more verb',
    update(
      object('Role', 'rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]'),
      object('Role', 'rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list, update]}]'),
    ),
    'medium',
    ['grants update on configmaps'],
  ],
  [
    'the same, said otherwise',
    update(
      object('Role', 'rules: [{apiGroups: ["*"], resources: [configmaps], verbs: ["*"]}]'),
      object(
        'Role',
        'rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}, {apiGroups: ["*"], resources: [configmaps], verbs: ["*"]}]',
      ),
    ),
    'low',
    [],
  ],
  [
    'secrets, and no longer pods',
    update(
      object('Role', 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]'),
      object(
        'Role',
        'rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}, {apiGroups: [""], resources: [pods/exec], verbs: [create]}]',
      ),
    ),
    'high',
    ['grants get, list on secrets (reads secrets)', 'grants create on pods/exec (runs commands in pods)', 'no longer allows get on pods'],
  ],
  [
    'subresources that a star had',
    update(
      object('Role', 'rules: [{apiGroups: [apps], resources: ["deployments/*"], verbs: [get]}, {nonResourceURLs: ["*"], verbs: [get]}]'),
      object(
        'Role',
        'rules: [{apiGroups: [apps], resources: [deployments/scale], verbs: [get]}, {nonResourceURLs: ["/healthz"], verbs: [get]}]',
      ),
    ),
    'medium',
    ['no longer allows get on deployments/* of apps', 'no longer allows get on path *'],
  ],
  [
    'names no longer bound it',
    update(
      object('Role', 'rules: [{apiGroups: [apps], resources: [deployments], resourceNames: [web], verbs: [patch]}]'),
      object('Role', 'rules: [{apiGroups: [apps], resources: [deployments], verbs: [patch]}]'),
    ),
    'medium',
    ['grants patch on deployments of apps'],
  ],
  [
    'everything',
    update(
      object('ClusterRole', 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]'),
      object('ClusterRole', 'rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]'),
    ),
    'critical',
    ['widens permissions to every verb on every resource'],
  ],
  [
    'a role that is gathered',
    update(
      object('ClusterRole', 'rules: []'),
      object('ClusterRole', 'rules: []', 'labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}'),
    ),
    'high',
    ['is gathered into ClusterRole/view: whoever has that gets it'],
  ],
  [
    'cluster-admin',
    create(
      object(
        'ClusterRoleBinding',
        'roleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: ci, namespace: build}]',
      ),
    ),
    'critical',
    ['gives ClusterRole/cluster-admin to ServiceAccount/ci of build in the whole cluster'],
  ],
  [
    'one subject more, one less',
    update(
      object('RoleBinding', 'roleRef: {kind: Role, name: r}\nsubjects: [{kind: User, name: a}]'),
      object('RoleBinding', 'roleRef: {kind: Role, name: r}\nsubjects: [{kind: Group, name: "system:authenticated"}]'),
    ),
    'critical',
    ['gives Role/r to Group/system:authenticated (everybody who can sign in)', 'takes Role/r away from User/a'],
  ],
  [
    'a role of the workflow that reads secrets',
    create(object('RoleBinding', 'roleRef: {kind: Role, name: reader}\nsubjects: [{kind: User, name: a}]'), [
      named('reader', object('Role', 'rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]')),
    ]),
    'high',
    ['gives Role/reader to User/a'],
  ],
  // What goes with it.
  [
    'a Namespace with others in it',
    remove(
      named('ns', object('Namespace')),
      [object('ConfigMap')],
      around({
        namespaces: new Map([
          [
            'ns',
            {
              counts: [
                { kind: 'Secret', count: 12, atLeast: false },
                { kind: 'Pod', count: 1, atLeast: true },
              ],
              unseen: ['Lease'],
            },
          ],
        ]),
      }),
    ),
    'critical',
    [
      'deletes everything that lives in the namespace',
      '1 object that Git still has live in it',
      'what else lives in it goes too: 12 Secrets, at least 1 Pod',
      'whether it has objects of Lease could not be seen',
    ],
  ],
  [
    'a CRD with objects',
    remove(
      named('boats.example.com', object('CustomResourceDefinition', 'spec: {group: example.com, names: {kind: Boat}}')),
      [],
      around({ instances: new Map([['boats.example.com', { count: 3, atLeast: false, namespaces: ['a', 'b'] }]]) }),
    ),
    'critical',
    ['deletes every object of the type', 'takes 3 Boats with it in 2 namespaces'],
  ],
  [
    'a CRD that no longer serves a version',
    update(
      object('CustomResourceDefinition', 'spec: {versions: [{name: v1, served: true}, {name: v1beta1, served: true}]}'),
      object('CustomResourceDefinition', 'spec: {versions: [{name: v1, served: true}]}'),
    ),
    'critical',
    ['changes a type of the whole cluster', 'no longer serves v1beta1: who asks for it is refused'],
  ],
  [
    'a claim that grows',
    update(
      object('PersistentVolumeClaim', 'spec: {resources: {requests: {storage: 1Gi}}}'),
      object('PersistentVolumeClaim', 'spec: {resources: {requests: {storage: 2Gi}}}'),
    ),
    'medium',
    ['grows a claim on storage from 1Gi to 2Gi, which cannot be taken back'],
  ],
  [
    'an autoscaler goes',
    remove(object('HorizontalPodAutoscaler', 'spec: {scaleTargetRef: {kind: Deployment, name: web}}')),
    'medium',
    ['nobody scales Deployment/web any more; it keeps the pods that it has'],
  ],
  [
    'a Deployment that is replaced',
    impactOf({
      type: 'update',
      object: web(),
      live: web(),
      changes: [],
      recreateBecause: 'spec.selector cannot be changed in place',
      ...base([web()]),
    }),
    'high',
    ['replaces the Deployment: spec.selector cannot be changed in place', 'stops 3 pods'],
  ],
  [
    'a claim that is replaced',
    impactOf({
      type: 'update',
      object: object('PersistentVolumeClaim'),
      live: object('PersistentVolumeClaim'),
      changes: [],
      recreateBecause: 'spec cannot be changed in place',
      ...base([]),
    }),
    'critical',
    ['replaces the PersistentVolumeClaim: spec cannot be changed in place; the data in it goes with the old one'],
  ],
];

describe('impactOf', () => {
  it.each(cases)('%s', (_, result, impact, reasons) => {
    expect(result).toEqual({ impact, reasons });
  });

  it('says of pods that this sync restarts anyway that they see the change', () => {
    const changed = impactOf({
      type: 'update',
      object: object('ConfigMap', 'data: {a: "2"}'),
      live: object('ConfigMap', 'data: {a: "1"}'),
      changes: [{ steps: ['data', 'a'], before: '1', after: '2' }],
      graph: buildGraph([web('replicas: 1', 'envFrom: [{configMapRef: {name: x}}]')]),
      restarts: () => true,
    });
    expect(changed.reasons).toEqual(['Deployment/web reads its environment from it and is restarted by this sync']);
  });

  it('says nothing of restarts where no pod runs', () => {
    const changed = update(object('ConfigMap', 'data: {a: "1"}'), object('ConfigMap', 'data: {a: "2"}'), [
      web('replicas: 0', 'envFrom: [{configMapRef: {name: x}}]'),
    ]);
    expect(changed).toEqual({ impact: 'low', reasons: ['Deployment/web reads its environment from it'] });
  });

  it('bounds what it says of a role of any size', () => {
    const verbs = Array.from({ length: 400 }, (_, i) => `v${i}`);
    const resources = Array.from({ length: 400 }, (_, i) => `r${i}`);
    const role = { ...object('Role'), rules: [{ apiGroups: [''], resources, verbs }] };
    const { reasons } = create(role);
    const narrower = { ...object('Role'), rules: [{ apiGroups: [''], resources: [...resources].reverse(), verbs: [...verbs].reverse() }] };
    expect(update(role, narrower).reasons.length).toBeLessThanOrEqual(20);
    expect(reasons.length).toBeLessThanOrEqual(7);
    expect(reasons.join('').length).toBeLessThan(2000);
  });
});

describe('quantity', () => {
  it.each([
    ['500m', 0.5],
    ['1Gi', 2 ** 30],
    ['2', 2],
    [2, 2],
    ['1e3', 1000],
    ['1E', 1e18],
    ['.5', 0.5],
    ['x', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (text, size) => {
    expect(quantity(text)).toBe(size);
  });
});
