import { type Clock, EvenkeelError } from '../../model/index.js';
import {
  callback,
  choice,
  data,
  list,
  type ModuleDescription,
  nothing,
  number,
  object,
  optional,
  optionalParameter,
  options,
  parameter,
  record,
  required,
  text,
} from '../describe/types.js';
import type { Labels, MetricSnapshot, MetricsRegistry } from './registry.js';

interface About {
  labels?: Labels;
  help?: string;
}

/** Counted during a run and kept with it. */
export interface MetricsModule {
  counter(name: string, by?: number, options?: About): void;
  gauge(name: string, value: number, options?: About): void;
  histogram(name: string, value: number, options?: About & { buckets?: number[] }): void;
  /** Runs a function and observes how many seconds it took, whether it fails or not. */
  time<T>(name: string, action: () => T | Promise<T>, options?: About & { buckets?: number[] }): Promise<T>;
  startTimer(name: string, options?: About & { buckets?: number[] }): string;
  /** @returns seconds */
  stopTimer(timer: string): number;
  snapshot(): MetricSnapshot[];
  prometheus(): string;
}

export function openMetrics(registry: MetricsRegistry, clock: Clock): MetricsModule {
  const timers = new Map<string, { name: string; since: number; about: About & { buckets?: number[] } }>();
  let started = 0;
  return {
    counter: (name, by = 1, about = {}) => registry.add(name, by, about),
    gauge: (name, value, about = {}) => registry.set(name, value, about),
    histogram: (name, value, about = {}) => registry.observe(name, value, about),
    async time(name, action, about = {}) {
      const since = clock.now();
      try {
        return await action();
      } finally {
        registry.observe(name, (clock.now() - since) / 1000, about);
      }
    },
    startTimer(name, about = {}) {
      const timer = `${name}#${++started}`;
      timers.set(timer, { name, since: clock.now(), about });
      return timer;
    },
    stopTimer(timer) {
      const running = timers.get(timer);
      if (running === undefined)
        throw new EvenkeelError('METRIC_INVALID', 'no such timer is running', {
          hint: 'Stop a timer once, with what metrics.startTimer returned.',
        });
      timers.delete(timer);
      const seconds = (clock.now() - running.since) / 1000;
      registry.observe(running.name, seconds, running.about);
      return seconds;
    },
    snapshot: () => registry.snapshot(),
    prometheus: () => registry.prometheus(),
  };
}

const about = {
  labels: optional(record(text), 'Names and values; every set of them is counted apart'),
  help: optional(text, 'What the metric means, for who reads it'),
};
const buckets = optional(list(number), 'Upper bounds, rising. Default: from 5 ms to 15 min, in seconds');
const named = parameter('name', text, 'Name of the metric: letters, digits, "_" and ":"');
const throws = ['METRIC_INVALID'];

export const metricsDescription: ModuleDescription<MetricsModule> = {
  summary: 'Counters, gauges, histograms and timers of a run. They are kept with it and can be read as Prometheus text.',
  functions: {
    counter: {
      summary: 'Adds to a counter.',
      parameters: [named, optionalParameter('by', number, 'How much. Default 1'), options(about)],
      returns: { type: nothing },
      async: false,
      throws,
    },
    gauge: {
      summary: 'Sets a gauge.',
      parameters: [named, parameter('value', number, 'The value from now on'), options(about)],
      returns: { type: nothing },
      async: false,
      throws,
    },
    histogram: {
      summary: 'Observes a value in a histogram.',
      parameters: [named, parameter('value', number, 'The value'), options({ ...about, buckets })],
      returns: { type: nothing },
      async: false,
      throws,
    },
    time: {
      summary: 'Runs a function and observes its seconds in a histogram, whether it fails or not.',
      parameters: [named, parameter('action', callback, 'What is timed'), options({ ...about, buckets })],
      returns: { type: data, optional: true, summary: 'What the function returned' },
      async: true,
      throws,
    },
    startTimer: {
      summary: 'Starts a timer.',
      parameters: [named, options({ ...about, buckets })],
      returns: { type: text, summary: 'What stopTimer takes' },
      async: false,
      throws,
    },
    stopTimer: {
      summary: 'Stops a timer and observes its seconds in a histogram.',
      parameters: [parameter('timer', text, 'What startTimer returned')],
      returns: { type: number, summary: 'Seconds' },
      async: false,
      throws,
    },
    snapshot: {
      summary: 'All that was counted, as data.',
      parameters: [],
      returns: {
        type: list(
          object('Metric', {
            name: required(text, 'Name'),
            kind: required(choice('counter', 'gauge', 'histogram'), 'Kind'),
            help: required(text, 'What it means'),
            series: required(
              list(
                object('MetricSeries', {
                  labels: required(record(text), 'Labels'),
                  value: optional(number, 'Of counters and gauges'),
                  count: optional(number, 'Of histograms: how many values'),
                  sum: optional(number, 'Of histograms: their sum'),
                  buckets: optional(
                    list(object('MetricBucket', { le: required(number, 'Upper bound'), count: required(number, 'Values not above it') })),
                    'Of histograms',
                  ),
                }),
              ),
              'One for each set of labels',
            ),
          }),
        ),
      },
      async: false,
    },
    prometheus: {
      summary: 'All that was counted, in the text format of Prometheus.',
      parameters: [],
      returns: { type: text },
      async: false,
    },
  },
};
