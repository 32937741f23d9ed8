import type { Cluster } from '../kube/index.js';
import type { Clock, KubeObject, Wire } from '../model/index.js';
import type { RequestFacts, ServeOptions } from '../sandbox/index.js';

export interface TestSandboxOptions {
  /**
   * `real`: pods start as in a quick cluster, by the clock of this machine. `fast` (default): what controllers
   * do is done at once. `stepped`: time stands still until `advance` turns it.
   */
  clock?: 'real' | 'fast' | 'stepped';
  /** Where a stepped clock begins: RFC 3339 text, a Date, or milliseconds since the epoch. Default 2026-01-01. */
  now?: string | number | Date;
  /** Whether the simulated controllers run. Default true. */
  controllers?: boolean;
  /** A SQLite file that keeps everything. Default: memory only. */
  file?: string;
  /** What is there from the beginning, as `seed` takes it. */
  seed?: Seed;
  /** Faults that are there from the beginning. */
  faults?: readonly FaultRule[];
  /** What containers do, by a pattern of their image in which `*` stands for anything: `{ 'ghcr.io/acme/*:bad': 'crash' }`. */
  images?: { [pattern: string]: Behaviour };
  /** Where the chances of faults with a `probability` begin; the same seed and requests give the same faults. Default 1. */
  randomSeed?: number;
}

/** What a container does instead of starting and staying well. */
export type Behaviour = 'crash' | 'slow' | 'missing' | 'oom' | 'fail' | 'never-ready';

/** Objects, one object, YAML text (it holds a line break), or the path of a folder or file of manifests. */
export type Seed = readonly KubeObject[] | KubeObject | string;

/** Patterns: a text in which `*` stands for anything, a regular expression, or a list of which one fits. */
export type Pattern = string | RegExp | readonly (string | RegExp)[];

/** Which requests are meant: all that fit every field. */
export interface RequestMatch {
  /** get, list, watch, create, update, patch, delete, deletecollection; `read` and `write` stand for theirs. */
  verb?: string | readonly string[];
  /** Plural name, `deployments`, `deployments.apps`, `pods/status`, `pods/*`. Without a slash the main resource only. */
  resource?: Pattern;
  namespace?: Pattern;
  name?: Pattern;
  dryRun?: boolean;
  /** Path without query: for what is not about a resource. */
  path?: Pattern;
  user?: Pattern;
}

/** What happens to a request. Exactly one of the fields that name a fault. */
export interface FaultAction {
  /** Answer with this HTTP status and a Status object, and do nothing. */
  status?: number;
  /** For `status`. */
  message?: string;
  /** For `status`; default: what the API server says for that status. */
  reason?: string;
  /** For `status`: seconds after which to try again. */
  retryAfter?: number;
  /** Wait on the sandbox's clock, then go on (with later rules, too): `2s`, or milliseconds. */
  delay?: string | number;
  /** Break the connection: `before` the request is handled, `after` it was, or in the `middle` of the answer. */
  drop?: 'before' | 'after' | 'middle';
  /** Refuse a write as an admission webhook does, with this message. */
  admission?: string;
  /**
   * Watches that are open, and those opened later: `break` ends them without a word, `gone` tells them that their
   * version is too old (410), `stall` keeps them open and says nothing until the fault is removed.
   */
  watch?: 'break' | 'gone' | 'stall';
  /** The group `group` is named by discovery, but its resources cannot be asked for (an aggregated API that is down). */
  discovery?: 'incomplete';
  /** For `discovery`. */
  group?: string;
}

export interface FaultRule {
  /** Default: every request. */
  match?: RequestMatch;
  /** How often it happens; then it is over. Default: as long as it is there. */
  times?: number;
  /** Let so many requests that match pass first. Default 0. */
  after?: number;
  /** From 0 to 1. Default 1. */
  probability?: number;
  then: FaultAction;
}

export interface Fault {
  /** How often it has happened. */
  readonly fired: number;
  remove(): void;
}

export interface Faults {
  /** @throws EvenkeelError OPTION_UNKNOWN, OPTION_INVALID */
  add(rule: FaultRule): Fault;
  clear(): void;
}

/** A request as the sandbox saw it. */
export interface RecordedRequest extends RequestFacts {
  method: string;
  /** With the query. */
  path: string;
  user: string;
  /** Data that was sent as JSON or YAML. */
  body: unknown;
  /** Undefined while under way, and where the connection was broken before an answer. */
  status: number | undefined;
  /** Whether a fault answered, delayed or broke it. */
  faulted: boolean;
  /** By the sandbox's clock, in milliseconds since the epoch. */
  at: number;
}

export interface ApplyHelperOptions {
  /** Default `testing`. */
  fieldManager?: string;
  /** Take fields that other managers own. Default true. */
  force?: boolean;
}

export interface ListHelperOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

/** What to wait for in one object. */
export interface WaitCondition {
  apiVersion: string;
  kind: string;
  name: string;
  /** Default `default` where the kind has namespaces. */
  namespace?: string;
  /** `Available`, or with a status other than True: `Progressing=False`. */
  condition?: string;
  /** It is there, and this is true of it. */
  where?: (object: KubeObject) => boolean;
  /** It is not there. */
  gone?: boolean;
}

export interface Served {
  readonly url: string;
  readonly port: number;
  /** Text. */
  readonly kubeconfig: string;
  /** A file with that text, until `close`. */
  readonly kubeconfigPath: string;
}

/** A Kubernetes API server of a test's own. */
export interface TestSandbox {
  /** What is under test talks through these: they are recorded, and faults happen to them. */
  readonly wire: Wire;
  readonly cluster: Cluster;
  /** The sandbox's time. */
  readonly clock: Clock;

  /** Serves it on a free port of 127.0.0.1, over TLS and plain HTTP. */
  serve(options?: Partial<ServeOptions>): Promise<Served>;
  /** Once served. @throws EvenkeelError TESTING_NOT_SERVED */
  readonly url: string;
  /** Text; once served. @throws EvenkeelError TESTING_NOT_SERVED */
  readonly kubeconfig: string;
  /** A file; once served. @throws EvenkeelError TESTING_NOT_SERVED */
  readonly kubeconfigPath: string;

  /** The test's own hand: neither recorded nor hit by faults. Makes namespaces that are missing; status is written too. */
  seed(what: Seed): Promise<KubeObject[]>;
  /** @param name `web`, or with a namespace other than `default`: `shop/web` */
  get<T extends KubeObject>(apiVersion: string, kind: string, name: string): Promise<T | undefined>;
  list<T extends KubeObject>(apiVersion: string, kind: string, options?: ListHelperOptions): Promise<T[]>;
  /** Server-side apply of an object, or of each in YAML text. */
  apply(what: KubeObject | string, options?: ApplyHelperOptions): Promise<KubeObject[]>;
  /** @returns whether it was there */
  delete(apiVersion: string, kind: string, name: string): Promise<boolean>;

  /** Oldest first, without the test's own. */
  readonly requests: readonly RecordedRequest[];
  requestsTo(match: RequestMatch): RecordedRequest[];
  /** Requests that would change something stored: dry runs and reviews (authorization, tokens) are none. */
  writes(match?: RequestMatch): RecordedRequest[];
  clearRequests(): void;
  /** @throws EvenkeelError TESTING_EXPECTATION naming the writes */
  expectNoWrites(match?: RequestMatch): void;

  readonly faults: Faults;
  /** Containers of images that fit a pattern do this from their next start on; undefined ends it. The newest pattern that fits counts. */
  setImage(pattern: string, behaviour: Behaviour | undefined): void;
  /** Says how many replicas the metrics of a HorizontalPodAutoscaler ask for. @param name `web` or `shop/web` */
  setDesiredReplicas(name: string, replicas: number): Promise<void>;

  /** Resolves when the simulated controllers have nothing left to do at this moment. */
  settle(): Promise<void>;
  /**
   * Turns a stepped clock, and lets happen what is due: `30s`, `1h30m`, or milliseconds.
   * @throws EvenkeelError TESTING_CLOCK with another clock
   */
  advance(time: string | number): Promise<void>;
  /**
   * Waits until a predicate gives something true, which it returns, or a condition holds, whose object it
   * returns. On a stepped clock it turns the clock as far as needed.
   * @param timeout on the sandbox's clock; default `30s`
   * @throws EvenkeelError TESTING_TIMEOUT saying what it saw last
   */
  waitFor<T>(predicate: () => T | Promise<T>, timeout?: string | number): Promise<T>;
  waitFor(condition: WaitCondition, timeout?: string | number): Promise<KubeObject | undefined>;

  close(): Promise<void>;
}
