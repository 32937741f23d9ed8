import { elasticsearchHealth } from '../families/elastic.js';
import { cassandraHealth } from '../families/nodes.js';
import { noConditions, trueOrElse, waiting } from './common.js';
import { absent, conditions, type KindRules, of, type Rule } from './language.js';

/** Databases and search. */
export const databaseRules: readonly KindRules[] = [
  {
    group: 'acid.zalan.do',
    kinds: ['postgresql'],
    rules: [
      {
        word: 'status.PostgresClusterStatus',
        of: { Running: 'Healthy', Creating: 'Progressing', Updating: 'Progressing' },
        other: 'Degraded',
      },
      waiting('Waiting for the operator to report'),
    ],
  },
  {
    group: 'postgresql.cnpg.io',
    kinds: ['Cluster'],
    rules: [
      { when: { 'metadata.annotations[cnpg.io/reconciliationLoop]': 'disabled' }, is: 'Suspended', say: 'Reconciliation is switched off' },
      { when: noConditions, is: 'Progressing', say: '{status.phaseReason|status.phase}' },
      {
        each: conditions,
        cases: [
          { if: of('cnpg.io/hibernation', 'True'), is: 'Suspended' },
          { if: of('cnpg.io/hibernation'), is: 'Degraded' },
        ],
      },
      {
        word: 'status.phase',
        of: {
          'Cluster in healthy state': 'Healthy',
          'Setting up primary': 'Progressing',
          'Creating a new replica': 'Progressing',
          'Upgrading cluster': 'Progressing',
          'Waiting for the instances to become active': 'Progressing',
          'Promoting to primary cluster': 'Progressing',
          'Switchover in progress': 'Degraded',
          'Failing over': 'Degraded',
          'Upgrading Postgres major version': 'Degraded',
          'Cluster upgrade delayed': 'Degraded',
          'Waiting for user action': 'Degraded',
          'Primary instance is being restarted in-place': 'Degraded',
          'Primary instance is being restarted without a switchover': 'Degraded',
          'Cluster cannot execute instance online upgrade due to missing architecture binary': 'Degraded',
          'Online upgrade in progress': 'Degraded',
          'Applying configuration': 'Degraded',
          'Unable to create required cluster objects': 'Suspended',
          'Cluster cannot proceed to reconciliation due to an unknown plugin being required': 'Suspended',
          'Cluster has incomplete or invalid image catalog': 'Suspended',
          'Cluster is unrecoverable and needs manual intervention': 'Suspended',
        },
        say: '{status.phaseReason|status.phase}',
      },
      { is: 'Unknown', say: '{status.phaseReason|status.phase}' },
    ],
  },
  {
    group: 'psmdb.percona.com',
    kinds: ['PerconaServerMongoDB'],
    rules: [
      percona({ initializing: 'Progressing', ready: 'Healthy', error: 'Degraded', stopping: 'Progressing', paused: 'Suspended' }),
      noState(),
    ],
  },
  {
    group: 'pxc.percona.com',
    kinds: ['PerconaXtraDBCluster'],
    rules: [
      percona({ initializing: 'Progressing', ready: 'Healthy', error: 'Degraded', stopping: 'Degraded', paused: 'Unknown' }),
      noState(),
    ],
  },
  { group: 'k8s.mariadb.com', kinds: ['MariaDB'], rules: mariadb({ reason: 'Failed' }) },
  { group: 'mariadb.mmontes.io', kinds: ['MariaDB'], rules: mariadb({ reason: 'Failed' }) },
  { group: 'k8s.mariadb.com', kinds: ['Backup'], rules: mariadb({ reason: 'CronJobScheduled', message: 'Failed' }) },
  { group: 'k8s.mariadb.com', kinds: ['Database', 'Grant', 'User'], rules: trueOrElse('Ready', 'Waiting for the operator to report') },
  {
    group: 'k8s.mariadb.com',
    kinds: ['SqlJob'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: { reason: 'JobComplete', status: 'True' }, is: 'Healthy' },
          { if: { reason: 'JobFailed', status: 'True' }, is: 'Degraded' },
        ],
      },
      waiting('Waiting for the job to finish'),
    ],
  },
  { group: 'clickhouse.altinity.com', kinds: ['ClickHouseInstallation'], rules: altinity() },
  { group: 'clickhouse-keeper.altinity.com', kinds: ['ClickHouseKeeperInstallation'], rules: altinity() },
  {
    group: 'db.atlasgo.io',
    kinds: ['AtlasMigration'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Ready', 'True'), is: 'Healthy' },
          { if: of('Ready', undefined, { reason: 'Reconciling' }), is: 'Progressing', say: '{.message|.reason}' },
          { if: of('Ready'), is: 'Degraded', say: '{.message|.reason}' },
        ],
      },
      waiting('Waiting for the Atlas operator'),
    ],
  },
  {
    group: 'db.atlasgo.io',
    kinds: ['AtlasSchema'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Ready', 'True'), is: 'Healthy' },
          { if: of('Ready', undefined, { message: ['Reconciling', 'GettingDevDB'] }), is: 'Progressing', say: '{.message}' },
          { if: of('Ready'), is: 'Degraded', say: '{.message|.reason}' },
        ],
      },
      waiting('Waiting for the Atlas operator'),
    ],
  },
  { group: 'cassandra.rook.io', kinds: ['Cluster'], rules: [{ run: cassandraHealth }] },
  { group: 'elasticsearch.k8s.elastic.co', kinds: ['Elasticsearch'], rules: [{ run: elasticsearchHealth }] },
  {
    group: 'beat.k8s.elastic.co',
    kinds: ['Beat'],
    rules: [
      {
        word: 'status.health',
        of: { red: 'Degraded', green: 'Healthy', yellow: 'Progressing' },
        other: 'Unknown',
        say: 'Health is {status.health}',
      },
      { when: { 'status.expectedNodes': absent }, is: 'Unknown', say: 'The operator reports nothing' },
      waiting('Waiting for the Elastic operator'),
    ],
  },
  {
    group: 'logstash.k8s.elastic.co',
    kinds: ['Logstash'],
    rules: [
      { word: 'status.health', of: { red: 'Degraded', green: 'Healthy', yellow: 'Progressing' }, say: 'Health is {status.health}' },
      waiting('Waiting for the Elastic operator'),
    ],
  },
  {
    group: 'solr.apache.org',
    kinds: ['SolrCloud'],
    rules: [
      { when: { 'status.solrNodes': absent }, is: 'Progressing', say: 'Waiting for the nodes' },
      { each: 'status.solrNodes', cases: [{ if: { ready: { not: true } }, is: 'Progressing', say: 'Waiting for node {.name}' }] },
      { is: 'Healthy' },
    ],
  },
];

function percona(of: { [state: string]: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Unknown' }): Rule {
  return { word: 'status.state', of, other: 'Unknown', say: '{status.state}, {status.ready} of {status.size} nodes are ready' };
}

function noState(): Rule {
  return { is: 'Unknown', say: 'The operator reports no state' };
}

/** MariaDB's operator: a condition that is False is work that goes on, unless it says that it failed. */
function mariadb(failed: { reason: string; message?: string }): Rule[] {
  return [
    { when: noConditions, is: 'Progressing', say: 'Waiting for the operator to report' },
    {
      each: conditions,
      cases: [
        { if: { status: 'False', ...failed }, is: 'Degraded', say: '{.message|.reason}' },
        { if: { status: 'False' }, is: 'Progressing', say: '{.message|.reason}' },
      ],
    },
    { is: 'Healthy' },
  ];
}

function altinity(): Rule[] {
  return [
    { word: 'status.status', of: { Completed: 'Healthy', InProgress: 'Progressing' }, other: 'Degraded' },
    waiting('Waiting for the operator to report'),
  ];
}
