import type { Clock, KubeObject } from '../../model/index.js';

/** A resource type by group and plural name: what controllers read and write. */
export interface ResourceName {
  group: string;
  plural: string;
}

export interface HostEvent {
  type: 'added' | 'modified' | 'deleted';
  resource: ResourceName;
  object: KubeObject;
}

/**
 * What a simulated controller may do: the API server's own storage and rules, without HTTP. Objects that
 * come out are frozen by convention (never changed in place); writes go through defaulting, validation,
 * managedFields (manager `kube-controller-manager`, operation Update) and watch events like any request.
 * Writes throw where an API request would answer 404, 409 or 422.
 */
export interface ControllerHost {
  readonly clock: Clock;
  /** Scale of simulated delays: 0 at once, 1 as in a quick cluster. */
  readonly pace: number;
  list(resource: ResourceName, namespace?: string): KubeObject[];
  get(resource: ResourceName, namespace: string, name: string): KubeObject | undefined;
  create(resource: ResourceName, object: KubeObject): KubeObject;
  /** Everything but status. A resourceVersion in the object is a precondition. */
  update(resource: ResourceName, object: KubeObject): KubeObject;
  /** The status subresource. */
  updateStatus(resource: ResourceName, object: KubeObject): KubeObject;
  delete(resource: ResourceName, namespace: string, name: string, options?: { uid?: string; propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' }): void;
  /** Removes an object whose deletion was asked for and that only grace still holds (a pod that has ended). */
  finishDeletion(resource: ResourceName, namespace: string, name: string): void;
  /** Called after each write, in order, synchronously; a handler must only note what to do. */
  subscribe(handler: (event: HostEvent) => void): () => void;
}

/** A running set of controllers. */
export interface RunningControllers {
  /** Resolves when nothing is due at this moment (the clock's `now`). */
  settle(): Promise<void>;
  stop(): void;
}
