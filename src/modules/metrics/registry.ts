import { compareText, EvenkeelError } from '../../model/index.js';

export type MetricKind = 'counter' | 'gauge' | 'histogram';
export type Labels = { readonly [name: string]: string };

/** One metric with all that was counted, as data. */
export interface MetricSnapshot {
  name: string;
  kind: MetricKind;
  help: string;
  series: MetricSeries[];
}

export interface MetricSeries {
  labels: { [name: string]: string };
  /** Of counters and gauges. */
  value?: number;
  /** Of histograms: how many, their sum, and how many were not above each bound. */
  count?: number;
  sum?: number;
  buckets?: { le: number; count: number }[];
}

export interface MetricsRegistry {
  add(name: string, by: number, about: MetricOptions): void;
  set(name: string, value: number, about: MetricOptions): void;
  observe(name: string, value: number, about: MetricOptions & { buckets?: readonly number[] }): void;
  snapshot(): MetricSnapshot[];
  /** The text format of Prometheus, version 0.0.4. */
  prometheus(): string;
}

export interface MetricOptions {
  labels?: Labels;
  help?: string;
}

/** As the clients of Prometheus have them, in seconds. */
const defaultBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** A label with an endless number of values fills every system that collects it: this many are enough for one run. */
const MOST_SERIES = 10_000;
const LONGEST_LABEL = 1_000;

interface Metric {
  kind: MetricKind;
  help: string;
  bounds: readonly number[];
  series: Map<string, { labels: Labels; value: number; count: number; counts: number[] }>;
}

/** An empty registry. It lives as long as the run that it counts. */
export function createMetrics(): MetricsRegistry {
  const metrics = new Map<string, Metric>();
  let seriesInAll = 0;

  const seriesOf = (name: string, kind: MetricKind, about: MetricOptions & { buckets?: readonly number[] }) => {
    let metric = metrics.get(name);
    if (metric === undefined) {
      if (!/^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/.test(name))
        throw invalid(`"${name.slice(0, 100)}" is no name of a metric`, 'Letters, digits, "_" and ":", and no digit first.');
      metric = { kind, help: about.help ?? '', bounds: kind === 'histogram' ? boundsOf(about.buckets) : [], series: new Map() };
      metrics.set(name, metric);
    }
    if (metric.kind !== kind)
      throw invalid(`the metric "${name}" is a ${metric.kind}, not a ${kind}`, 'Give metrics of different kinds different names.');
    if (about.buckets !== undefined && boundsOf(about.buckets).join() !== metric.bounds.join())
      throw invalid(`the histogram "${name}" has other buckets`, 'Give all observations of a histogram the same buckets.');
    if (about.help !== undefined && metric.help === '') metric.help = about.help;
    const labels = checkLabels(about.labels ?? {}, kind);
    const key = JSON.stringify(labels);
    let series = metric.series.get(key);
    if (series === undefined) {
      if (++seriesInAll > MOST_SERIES) throw invalid(`more than ${MOST_SERIES} series were counted`, 'Leave ids and times out of labels.');
      series = { labels: Object.fromEntries(labels), value: 0, count: 0, counts: metric.bounds.map(() => 0) };
      metric.series.set(key, series);
    }
    return { metric, series };
  };

  const sorted = () => [...metrics].sort(([a], [b]) => compareText(a, b));

  const snapshot = (): MetricSnapshot[] =>
    sorted().map(([name, { kind, help, bounds, series }]) => ({
      name,
      kind,
      help,
      series: [...series.values()].map((one) =>
        kind === 'histogram'
          ? {
              labels: { ...one.labels },
              count: one.count,
              sum: one.value,
              buckets: bounds.map((le, index) => ({ le, count: one.counts[index] ?? 0 })),
            }
          : { labels: { ...one.labels }, value: one.value },
      ),
    }));

  return {
    add(name, by, about) {
      if (!(by >= 0) || by === Number.POSITIVE_INFINITY)
        throw invalid(`the counter "${name}" cannot grow by ${by}`, 'A counter only grows; a gauge may fall.');
      seriesOf(name, 'counter', about).series.value += by;
    },
    set(name, value, about) {
      seriesOf(name, 'gauge', about).series.value = value;
    },
    observe(name, value, about) {
      const { metric, series } = seriesOf(name, 'histogram', about);
      series.count++;
      series.value += value;
      for (const [index, bound] of metric.bounds.entries()) if (value <= bound) series.counts[index] = (series.counts[index] ?? 0) + 1;
    },
    snapshot,
    prometheus: () => prometheusText(snapshot()),
  };
}

/** What was counted in the text format of Prometheus, version 0.0.4. */
export function prometheusText(metrics: readonly MetricSnapshot[]): string {
  const lines: string[] = [];
  for (const { name, kind, help, series } of metrics) {
    if (help !== '') lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`);
    lines.push(`# TYPE ${name} ${kind}`);
    for (const { labels, value = 0, count = 0, sum = 0, buckets = [] } of series) {
      if (kind !== 'histogram') lines.push(`${name}${labelText(labels)} ${valueText(value)}`);
      else {
        for (const bucket of buckets) lines.push(`${name}_bucket${labelText(labels, valueText(bucket.le))} ${bucket.count}`);
        lines.push(`${name}_bucket${labelText(labels, '+Inf')} ${count}`);
        lines.push(`${name}_sum${labelText(labels)} ${valueText(sum)}`, `${name}_count${labelText(labels)} ${count}`);
      }
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function boundsOf(given: readonly number[] | undefined): readonly number[] {
  const bounds = given ?? defaultBuckets;
  if (
    bounds.length === 0 ||
    bounds.length > 200 ||
    bounds.some((bound, i) => !Number.isFinite(bound) || (i > 0 && bound <= (bounds[i - 1] as number)))
  )
    throw invalid('the buckets are not rising numbers', 'Write them like [0.1, 1, 10]; +Inf is there by itself.');
  return bounds;
}

/** In order, so that one set of labels is one series however it is written. */
function checkLabels(labels: Labels, kind: MetricKind): [string, string][] {
  const entries = Object.entries(labels).sort(([a], [b]) => compareText(a, b));
  for (const [name, value] of entries) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/.test(name) || name.startsWith('__') || (kind === 'histogram' && name === 'le'))
      throw invalid(
        `"${name.slice(0, 100)}" is no name of a label`,
        'Letters, digits and "_", no digit first; "le" is taken in histograms.',
      );
    if (value.length > LONGEST_LABEL) throw invalid(`the label "${name}" has a value of ${value.length} characters`, 'Shorten it.');
  }
  return entries;
}

function labelText(labels: Labels, le?: string): string {
  const all = [...Object.entries(labels), ...(le === undefined ? [] : [['le', le] as const])];
  if (all.length === 0) return '';
  return `{${all.map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`).join(',')}}`;
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

function invalid(message: string, hint: string): EvenkeelError {
  return new EvenkeelError('METRIC_INVALID', message, { hint });
}
