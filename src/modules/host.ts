import type { ClusterSelector, Gitops } from '../gitops/index.js';
import type { Cluster } from '../kube/index.js';
import type { Clock, Health, Json, KubeObject, Random } from '../model/index.js';
import type { Store } from '../store/index.js';
import type { MetricsRegistry } from './metrics/registry.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEntry {
  level: LogLevel;
  /** Masked, and safe to print. */
  message: string;
  /** Masked, too. */
  fields?: { [name: string]: unknown };
  /** Milliseconds since the epoch. */
  at: number;
}

/** Knows secrets and takes them out of texts. One for a whole run. */
export interface SecretMasker {
  /** A text that is not to be seen from now on. */
  add(secret: string): void;
  mask(text: string): string;
}

/** Asks the person. Rejects where there is nobody to ask, with the flag that answers it. */
export type Prompt = (question: string, signal: AbortSignal) => Promise<string>;

/** What the modules work on: given by whoever runs a script, for each task anew where tasks differ. */
export interface ModuleHost {
  clock: Clock;
  random: Random;
  /** Ends every call of every module. */
  signal: AbortSignal;
  /** Relative paths begin here, and `fs` stays inside. */
  workingDirectory: string;
  /** What scripts and the programs that they start see of the environment. */
  env: { readonly [name: string]: string | undefined };
  store: Store;
  gitops: Gitops;
  /** Opens a cluster, or gives one that is open; whoever gave it closes it. */
  openCluster(selector: ClusterSelector): Promise<Cluster>;
  /** The cluster of `kubernetes` where a call names none. Default: the sandbox. */
  cluster?: ClusterSelector;
  /** The health of an object. Default: the built-in rules. */
  assess?: (object: KubeObject) => Health | null;
  log(entry: LogEntry): void;
  secrets: SecretMasker;
  prompt: Prompt;
  git: {
    /** Whose git configuration counts. */
    environment: 'person' | 'controller';
    /** Folder for mirrors. */
    cacheDirectory: string;
  };
  /** Further folders that `fs` may use. */
  folders?: readonly string[];
  /** Whether `net` and `notifications` may ask a URL; asked for every redirect again. Default: all http and https URLs. */
  mayReach?: (url: URL) => boolean;
  /** What `--param` and `--values` gave. */
  params?: { readonly [name: string]: Json };
  /** Where metrics are counted: one for a whole run. Default: one for these modules. */
  metrics?: MetricsRegistry;
}
