import { collectorHealth } from '../families/collector.js';
import { summary, waiting } from './common.js';
import { absent, conditions, filled, type KindRules, of, present, type Rule } from './language.js';

/** Metrics, logs, traces, dashboards, alerts. */
export const observabilityRules: readonly KindRules[] = [
  {
    group: 'coralogix.com',
    kinds: ['Alert', 'RecordingRuleGroupSet'],
    rules: summary('RemoteSynced', 'Waiting for the operator to report'),
  },
  {
    group: 'core.humio.com',
    kinds: ['HumioAction', 'HumioAlert', 'HumioIngestToken', 'HumioParser', 'HumioRepository', 'HumioView'],
    rules: [
      { word: 'status.state', of: { Exists: 'Healthy', NotFound: 'Missing', ConfigError: 'Degraded', Unknown: 'Unknown' } },
      waiting('Update in progress'),
    ],
  },
  {
    group: 'core.humio.com',
    kinds: ['HumioCluster'],
    rules: [
      {
        word: 'status.state',
        of: {
          Running: 'Healthy',
          Restarting: 'Progressing',
          Upgrading: 'Progressing',
          Pending: 'Progressing',
          ConfigError: 'Degraded',
          Unknown: 'Unknown',
        },
        say: '{status.message|status.state}',
      },
      waiting('Update in progress'),
    ],
  },
  {
    group: 'datadoghq.com',
    kinds: ['DatadogMetric'],
    rules: [
      { having: [of('Error', 'True')], is: 'Degraded', say: '{Error:message|Error:reason}' },
      { having: [of('Valid', 'False')], is: 'Degraded', say: '{Valid:message|Valid:reason}' },
      { is: 'Healthy' },
    ],
  },
  {
    group: 'grafana-org-operator.kubitus-project.gitlab.io',
    kinds: '*',
    rules: summary('Ready', 'Waiting for the operator to report'),
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['Grafana'],
    rules: [
      { when: { 'status.stageStatus': 'failed' }, is: 'Degraded', say: 'Failed at stage {status.stage}' },
      { when: { 'status.stageStatus': 'success', 'status.stage': 'complete' }, is: 'Healthy' },
      waiting("{status.stage|'Waiting for the operator to report'}"),
    ],
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['GrafanaDashboard', 'GrafanaFolder'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: { status: 'False' }, is: 'Degraded', say: '{.message|.reason|.type}' },
          { if: { status: 'True' }, is: 'Healthy', unlessLater: true },
        ],
      },
      waiting('Waiting for the operator to report'),
    ],
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['GrafanaDatasource'],
    rules: [
      { when: { status: absent }, is: 'Progressing', say: 'Waiting for the operator to report' },
      { when: { 'status.uid': '' }, is: 'Progressing', say: 'Waiting for the data source to be made' },
      { when: { 'status.NoMatchingInstances': true }, is: 'Degraded', say: 'No Grafana instance matches' },
      { is: 'Healthy' },
    ],
  },
  {
    group: 'jaegertracing.io',
    kinds: ['Jaeger'],
    rules: [{ word: 'status.phase', of: { Running: 'Healthy', Failed: 'Degraded' } }, waiting('Waiting for Jaeger to run')],
  },
  {
    group: 'k8s.keycloak.org',
    kinds: ['Keycloak'],
    rules: [
      { having: [of('HasErrors', 'True')], is: 'Degraded', say: '{HasErrors:message}' },
      { having: [of('Ready', 'True')], is: 'Healthy' },
      waiting("{Ready:message|'Waiting for the operator to report'}"),
    ],
  },
  {
    group: 'kiali.io',
    kinds: ['Kiali'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Successful', 'True'), is: 'Healthy' },
          { if: of('Failure', 'True'), is: 'Degraded' },
          { if: { type: 'Running', reason: 'Running' }, is: 'Progressing' },
        ],
      },
      waiting('Waiting for the operator to report'),
    ],
  },
  {
    group: 'lifecycle.keptn.sh',
    kinds: ['KeptnAppVersion', 'KeptnTask', 'KeptnWorkloadInstance', 'KeptnWorkloadVersion'],
    rules: keptn('status.status'),
  },
  { group: 'lifecycle.keptn.sh', kinds: ['KeptnEvaluation'], rules: keptn('status.overallStatus') },
  {
    group: 'metrics.keptn.sh',
    kinds: ['Analysis'],
    rules: [
      { when: { 'status.pass': true }, is: 'Healthy', say: 'The analysis passed' },
      { when: { 'status.warning': true }, is: 'Healthy', say: 'The analysis passed with a warning' },
      { when: { 'status.pass': false }, is: 'Degraded', say: 'The analysis failed' },
      waiting('Waiting for the analysis'),
    ],
  },
  {
    group: 'metrics.keptn.sh',
    kinds: ['KeptnMetric'],
    rules: [
      { when: { 'status.errMsg': filled }, is: 'Degraded', say: '{status.errMsg}' },
      { when: { 'status.value': present }, is: 'Healthy' },
      waiting('Waiting for the metric to be read'),
    ],
  },
  {
    group: 'monitoring.coreos.com',
    kinds: ['Alertmanager', 'Prometheus', 'PrometheusAgent', 'ThanosRuler'],
    rules: [
      {
        each: conditions,
        cases: [
          { if: of('Available', 'True'), is: 'Healthy', unlessLater: true },
          {
            if: of('Available', { not: 'True' }, { reason: 'SomePodsNotReady' }),
            is: 'Progressing',
            say: '{.message|.reason}',
            unlessLater: true,
          },
          { if: of('Available'), is: 'Degraded', say: '{.message|.reason}', unlessLater: true },
        ],
      },
      waiting('Waiting for the operator to report'),
    ],
  },
  { group: 'opentelemetry.io', kinds: ['OpenTelemetryCollector'], rules: [{ run: collectorHealth }] },
  {
    group: 'operator.victoriametrics.com',
    kinds: '*',
    rules: [
      {
        word: 'status.updateStatus',
        of: { operational: 'Healthy', expanding: 'Progressing', paused: 'Suspended', failed: 'Degraded' },
        say: '{status.reason|status.updateStatus}',
      },
      waiting('Waiting for the operator to report'),
    ],
  },
];

function keptn(path: string): Rule[] {
  return [{ word: path, of: { Succeeded: 'Healthy', Failed: 'Degraded' } }, waiting(`{${path}|'Waiting for Keptn'}`)];
}
