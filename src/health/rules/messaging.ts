import { banzaiKafkaHealth } from '../families/nodes.js';
import { waiting } from './common.js';
import { absent, conditions, type KindRules, of, type Rule, type Tests } from './language.js';

/** Message brokers and what runs on them. */
export const messagingRules: readonly KindRules[] = [
  // A cluster that is being made says NotReady, Creating.
  { group: 'kafka.strimzi.io', kinds: ['Kafka'], rules: strimzi({ reason: { not: 'Creating' } }) },
  {
    group: 'kafka.strimzi.io',
    kinds: ['KafkaBridge', 'KafkaConnect', 'KafkaConnector', 'KafkaMirrorMaker2', 'KafkaRebalance', 'KafkaTopic', 'KafkaUser'],
    rules: strimzi(),
  },
  { group: 'kafka.banzaicloud.io', kinds: ['KafkaCluster'], rules: [{ run: banzaiKafkaHealth }] },
  {
    group: 'platform.confluent.io',
    kinds: ['Connect', 'ControlCenter', 'Kafka', 'KafkaRestProxy', 'KRaftController', 'KsqlDB', 'SchemaRegistry', 'Zookeeper'],
    rules: [
      { word: 'status.phase', of: { RUNNING: 'Healthy', PROVISIONING: 'Progressing' } },
      waiting("{status.phase|'Waiting for the operator to report'}"),
    ],
  },
  {
    group: 'platform.confluent.io',
    kinds: ['Connector'],
    rules: [
      { when: { 'status.state': 'CREATED', 'status.connectorState': 'RUNNING', 'status.failedTasksCount': absent }, is: 'Healthy' },
      { when: { 'status.state': 'ERROR' }, is: 'Degraded', say: "{status.conditions.0.message|'The connector has an error'}" },
      { when: { 'status.failedTasksCount': { over: 0 } }, is: 'Degraded', say: '{status.failedTasksCount} tasks failed' },
      waiting('Waiting for the connector to run'),
    ],
  },
  {
    group: 'rabbitmq.com',
    kinds: [
      'Binding',
      'Exchange',
      'Federation',
      'OperatorPolicy',
      'Permission',
      'Policy',
      'Queue',
      'SchemaReplication',
      'Shovel',
      'SuperStream',
    ].concat(['TopicPermission', 'User', 'Vhost']),
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Ready', 'True', { reason: 'SuccessfulCreateOrUpdate' }), is: 'Healthy' },
          {
            if: of('Ready', 'False', { reason: 'FailedCreateOrUpdate' }),
            is: 'Degraded',
            say: "{.message|'It could not be made or updated'}",
          },
        ],
      },
      { is: 'Unknown', say: 'The operator reports nothing' },
    ],
  },
  {
    group: 'rabbitmq.com',
    kinds: ['RabbitmqCluster'],
    rules: [
      { each: conditions, cases: [{ if: of('ReconcileSuccess', 'False'), is: 'Degraded' }] },
      {
        having: [of(['ClusterAvailable', 'AllReplicasReady'], ['False', 'Unknown'])],
        is: 'Progressing',
        say: 'Waiting for all instances to be ready and joined',
      },
      { having: [of('ClusterAvailable', 'True'), of('AllReplicasReady', 'True')], is: 'Healthy' },
      waiting('Waiting for the operator to report'),
    ],
  },
  {
    group: 'zookeeper.pravega.io',
    kinds: ['ZookeeperCluster'],
    rules: [
      { when: { 'status.readyReplicas': { over: 0 } as const, 'status.replicas': { same: 'status.readyReplicas' } }, is: 'Healthy' },
      waiting("{status.readyReplicas|'0'} of {status.replicas|spec.replicas} nodes have joined"),
    ],
  },
];

function strimzi(notYet: Tests = {}): Rule[] {
  return [
    {
      each: conditions,
      cases: [
        { if: of('NotReady', 'True', notYet), is: 'Degraded', say: '{.message|.reason}' },
        { if: of('Ready', 'True'), is: 'Healthy' },
      ],
    },
    waiting("{NotReady:message|'Waiting for the operator to report'}"),
  ];
}
