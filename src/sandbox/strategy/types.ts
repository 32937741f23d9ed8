import type { KubeObject } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import type { FieldErrors } from './field.js';

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind, whose shape was checked when they were decoded
export type Loose = any;

/** What a strategy may ask of the server around it. */
export interface StrategyHost {
  now(): number;
  uid(): string;
  /** Reads another stored object. */
  read(storage: string, key: string): KubeObject | undefined;
  /** All stored objects of a resource, of one namespace where one is given. */
  list(storage: string, namespace?: string): KubeObject[];
  /** Stores a changed object as it is, past all rules. */
  replace(storage: string, object: KubeObject): void;
  /** Whether a controller runs that is about to make an object that is not there yet. */
  provides(storage: string, key: string): boolean;
  allocate: Allocator;
}

/** Picks addresses and ports that no stored service holds. */
export interface Allocator {
  isFree(ip: string): boolean;
  clusterIp(): string | undefined;
  isPortFree(port: number): boolean;
  nodePort(avoid: ReadonlySet<number>): number | undefined;
}

export interface UpdateContext {
  host: StrategyHost;
  type: ResourceType;
  subresource: string;
  /** The object as it was; undefined for a new one. */
  old?: KubeObject;
  dryRun?: boolean;
}

/** What is looked at when an object changes. */
export type UpdateStep = 'metadata' | 'change of metadata' | 'object' | 'change';

/**
 * What the API server does with one kind beyond storing it. All functions get decoded objects that they may
 * change in place; `old` may not be changed.
 */
export interface Strategy {
  /** Fills in what the kind's defaulting fills in, on every write. */
  defaults?(object: Loose, type: ResourceType): void;
  /** After managedFields are noted and before validation. */
  prepareCreate?(object: Loose, context: UpdateContext): void;
  prepareUpdate?(object: Loose, old: Loose, context: UpdateContext): void;
  validate?(object: Loose, context: UpdateContext): FieldErrors;
  validateUpdate?(object: Loose, old: Loose, context: UpdateContext): FieldErrors;
  /** What is looked at on an update after the change of metadata, and how often; by default that again, the object, the change. */
  updateSteps?: readonly UpdateStep[];
  /** What a name has to be; default a DNS subdomain. */
  name?: 'subdomain' | 'label' | 'label1035' | 'path' | 'any';
  /** Whether metadata.generation counts changes of what is not status and metadata. */
  generation?: boolean;
  /** Whether there is a status that only the status subresource may write. */
  status?: boolean;
  /** Seconds that a deleted object stays while what it stands for ends; undefined deletes at once. */
  grace?(object: Loose, asked: number | undefined): number | undefined;
  /** Fields that can be selected by, beside metadata.name and metadata.namespace. */
  fields?: { [field: string]: (object: KubeObject) => string };
}
