import type { Clock, KubeObject } from '../../model/index.js';

/** A resource type by group and plural name: what controllers read and write. */
export interface ResourceName {
  group: string;
  plural: string;
}

/** A resource type as far as the garbage collector and the namespace controller must know it. */
export interface ResourceFacts extends ResourceName {
  kind: string;
  namespaced: boolean;
}

export interface HostEvent {
  type: 'added' | 'modified' | 'deleted';
  resource: ResourceName;
  object: KubeObject;
}

export interface HostWriteOptions {
  /** The name under which managedFields record the write. Default `kube-controller-manager`. */
  manager?: string;
}

/**
 * What a simulated controller may do: the API server's own storage and rules, without HTTP. Objects that
 * come out are frozen by convention (never changed in place); writes go through defaulting, validation,
 * managedFields (operation Update) and watch events like any request.
 * Writes throw what an API request would be answered with: an error whose `message` is the answer's and
 * whose numeric `code` is the HTTP status (403, 404, 409, 422; `ApiError` has this form).
 */
export interface ControllerHost {
  readonly clock: Clock;
  /** Scale of simulated delays: 0 at once, 1 as in a quick cluster. */
  readonly pace: number;
  /** The behaviour of containers of an image, where one is set. */
  behaviour?(image: string): string | undefined;
  /** Every resource type that holds objects, those of custom resource definitions included, as of now. */
  resources(): ResourceFacts[];
  list(resource: ResourceName, namespace?: string): KubeObject[];
  get(resource: ResourceName, namespace: string, name: string): KubeObject | undefined;
  create(resource: ResourceName, object: KubeObject): KubeObject;
  /** Everything but status. A resourceVersion in the object is a precondition. */
  update(resource: ResourceName, object: KubeObject): KubeObject;
  /** The status subresource. */
  updateStatus(resource: ResourceName, object: KubeObject, options?: HostWriteOptions): KubeObject;
  /** The scale subresource: sets spec.replicas. */
  scale(resource: ResourceName, namespace: string, name: string, replicas: number): void;
  /** The pods/binding subresource: sets spec.nodeName and the condition PodScheduled=True (manager `kube-scheduler`). */
  bind(namespace: string, name: string, node: string): KubeObject;
  /**
   * As an API delete: honours finalizers, grace of pods and the policy's finalizers (`foregroundDeletion`,
   * `orphan`). It removes or marks the one object; the controllers do the dependants.
   */
  delete(
    resource: ResourceName,
    namespace: string,
    name: string,
    options?: { uid?: string; propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' },
  ): void;
  /** Ends the grace of an object whose deletion was asked for (a pod that has ended): it goes unless finalizers hold it. */
  finishDeletion(resource: ResourceName, namespace: string, name: string): void;
  /** The namespaces/finalize subresource with no finalizers left in spec: a namespace being deleted, and emptied, goes. */
  finalizeNamespace(name: string): void;
  /** Stores an Event, new or in place of the one of its name, without the rules of requests: these come often, and from here only. */
  record(event: KubeObject): void;
  /** Removes an object at once, without grace or finalizers; nothing where it is not there. */
  forget(resource: ResourceName, namespace: string, name: string): void;
  /** Called after each write, in order, synchronously; a handler must only note what to do. */
  subscribe(handler: (event: HostEvent) => void): () => void;
}

/** A running set of controllers. */
export interface RunningControllers {
  /** Resolves when nothing is due at this moment (the clock's `now`). */
  settle(): Promise<void>;
  stop(): void;
}
