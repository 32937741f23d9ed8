import type { GroupVersionKind, KubeObject } from '../model/index.js';

/** One served resource type, as discovery tells it. */
export interface ApiResource {
  group: string;
  version: string;
  kind: string;
  /** Plural name in URLs, `deployments`. */
  plural: string;
  singular: string;
  namespaced: boolean;
  shortNames: string[];
  categories: string[];
  verbs: string[];
  /** Names of subresources, `status`, `scale`. */
  subresources: string[];
}

/** What the API server serves, at one moment. */
export interface Discovery {
  resources: readonly ApiResource[];
  /** Groups or versions whose discovery failed (an aggregated API that is down), with the reason. */
  incomplete: readonly { groupVersion: string; reason: string }[];
  /** The type with exactly this version; undefined where it is not served. */
  find(gvk: GroupVersionKind): ApiResource | undefined;
  /** The type in the server's preferred version of the group. */
  preferred(group: string, kind: string): ApiResource | undefined;
  /** By plural, singular, short name or kind, optionally with `.group`: what people type. */
  byName(name: string): ApiResource | undefined;
}

export interface ListOptions {
  /** Undefined lists all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects per page; the client follows pages by itself. Default 500. */
  pageSize?: number;
  /** Ask for one page of so many objects and leave it at that; the result says how many are left. */
  first?: number;
  /** Ask for metadata only (PartialObjectMetadata). */
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

export interface ListResult {
  items: KubeObject[];
  resourceVersion: string;
  /** Where only the `first` were asked for and there are more: how many, or 'unknown' where the server does not say. */
  remaining?: number | 'unknown';
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Ask for metadata only (PartialObjectMetadata). */
  metadataOnly?: boolean;
  /** Resume where nothing, not even a bookmark, came for so long. Default two minutes. */
  idleMs?: number;
  signal: AbortSignal;
}

/**
 * What a watch tells. `synced` comes after the first list, and again after every relist that a 410 or a
 * gap made necessary: what was not told since the `restarted` before it is gone.
 */
export type WatchEvent =
  | { type: 'restarted' }
  | { type: 'added' | 'modified' | 'deleted'; object: KubeObject }
  | { type: 'synced'; resourceVersion: string }
  | { type: 'trouble'; error: Error; retryInMs: number };

export interface WriteOptions {
  /** Ask the server to do all but persist. */
  dryRun?: boolean;
  fieldManager?: string;
  signal?: AbortSignal;
  /** How unknown or duplicate fields are answered; the server's default is Warn. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take fields that other managers own. */
  force?: boolean;
  subresource?: string;
}

export interface ApplyResult {
  object: KubeObject;
  /** True where the object did not exist before (status 201). */
  created: boolean;
  /** The server's Warning headers, decoded. */
  warnings: string[];
}

export interface DeleteOptions extends WriteOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  /** Refuse (409) where the object is another one by now. */
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** Which part of a container's log. */
export interface LogOptions {
  /** Default: the only one, or the one that its annotation names. */
  container?: string;
  /** Of the container before it was restarted. */
  previous?: boolean;
  timestamps?: boolean;
  sinceSeconds?: number;
  tailLines?: number;
  /** Default 16 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface ObjectRef {
  namespace?: string;
  name: string;
}

/**
 * A Kubernetes API server. Every method throws EvenkeelError: KUBE_* codes; an answer with a Status
 * becomes `details.status`. Methods that read retry by themselves on dropped connections; methods that
 * write retry only where the request certainly did not arrive, or is idempotent (apply).
 */
export interface Cluster {
  /** For messages: a context name or URL, without credentials. */
  readonly name: string;
  version(): Promise<{ gitVersion: string; major: string; minor: string }>;
  /** Cached after the first call. `refresh` asks again. */
  discovery(options?: { refresh?: boolean; signal?: AbortSignal }): Promise<Discovery>;
  list(resource: ApiResource, options?: ListOptions): Promise<ListResult>;
  /** Lists, then watches, for ever: bookmarks, resumption, 410 → relist, jittered backoff. Ends when the signal is aborted. */
  watch(resource: ApiResource, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** Undefined where the object does not exist. */
  get(resource: ApiResource, ref: ObjectRef, options?: { subresource?: string; signal?: AbortSignal }): Promise<KubeObject | undefined>;
  /** Server-side apply. A conflict is KUBE_CONFLICT with `details.causes` [{field, message, reason}]. */
  apply(resource: ApiResource, object: KubeObject, options: ApplyOptions): Promise<ApplyResult>;
  create(resource: ApiResource, object: KubeObject, options?: WriteOptions): Promise<ApplyResult>;
  replace(resource: ApiResource, object: KubeObject, options?: WriteOptions & { subresource?: string }): Promise<ApplyResult>;
  patch(
    resource: ApiResource,
    ref: ObjectRef,
    patch: unknown,
    options: WriteOptions & { type: 'merge' | 'json' | 'strategic'; subresource?: string },
  ): Promise<ApplyResult>;
  /** `gone` where it did not exist; `deleting` where finalizers or grace hold it. */
  delete(resource: ApiResource, ref: ObjectRef, options?: DeleteOptions): Promise<'gone' | 'deleted' | 'deleting'>;
  /** What a container of a pod wrote, so far. */
  logs(pod: ObjectRef, options?: LogOptions): Promise<string>;
  /** Ends all connections. */
  close(): Promise<void>;
}
