import type { ApiResource } from '../kube/index.js';
import type { GroupVersionKind, Json, KubeObject, ResourceKey, SourceLocation } from '../model/index.js';
import type { Rules } from './rules.js';
import type { Surroundings } from './surroundings.js';

/** One desired object, in its namespace and marked, ready to be compared and sent. */
export interface Desired {
  key: ResourceKey;
  gvk: GroupVersionKind;
  /** Undefined where the type will only be served once a CRD of the same set is applied. */
  resource: ApiResource | undefined;
  object: KubeObject;
  /** Hash of `object`, and of the workflow's rules that are about it. */
  hash: string;
  /** Objects of a lower wave are applied and healthy before those of a higher one begin. */
  wave: number;
  source: SourceLocation;
  /** What its annotations ask for beyond being applied. */
  treatment?: Treatment;
  /** The workflow's rules about it. */
  rules: Rules;
}

/** How an object is to be treated, in the words of its annotations. What is absent is the ordinary. */
export interface Treatment {
  /** It is neither applied nor deleted; the annotation that says so. */
  leave?: string;
  /** Git says that an object which was left alone on the cluster is to be kept equal again. */
  resumed?: boolean;
  /** It is made where it is missing, and not touched once it is there. */
  onlyCreate?: boolean;
  /** Fields that are in Git are taken from whoever set them, save replicas from an autoscaler. */
  takeAll?: boolean;
  /** What people's tools added beside Git is meant to go; it stays, and a warning says so. */
  exclusive?: boolean;
  /** It is put as a whole (`kubectl replace`): what Git does not say goes. */
  replace?: boolean;
  /** It is deleted and made anew: where a change is refused because a field cannot be changed, or at every change. */
  recreate?: 'refused' | 'changed';
  /** False: fields that the server does not know are left out in place of being refused. */
  validate?: false;
  /** Its type may be one that only comes to be served while the sync runs. */
  skipMissingType?: boolean;
}

/** When a hook runs. Ordinary objects belong to `Sync`. */
export type Phase = 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail';

export type HookDeletePolicy = 'BeforeHookCreation' | 'HookSucceeded' | 'HookFailed';

/** An object that is run at a moment of a sync instead of being kept in the cluster. */
export interface Hook {
  gvk: GroupVersionKind;
  resource: ApiResource | undefined;
  /** May have generateName in place of a name. */
  object: KubeObject;
  phases: Phase[];
  wave: number;
  deletePolicies: HookDeletePolicy[];
  source: SourceLocation;
}

/** What is known of an object from the last time it was applied. */
export interface AppliedRecord {
  key: ResourceKey;
  version: string;
  uid: string;
  desiredHash: string;
  managedHash: string;
}

/** One field that would change. Values of Secrets are masked. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=web].image` */
  path: string;
  /** Undefined where the field is added. */
  before?: Json;
  /** Undefined where the field is removed. */
  after?: Json;
  /** Field managers that own the field in the live object. */
  owners: string[];
}

export type Impact = 'low' | 'medium' | 'high' | 'critical';

export type ConflictType = 'resource_exists' | 'out_of_sync' | 'validation';

/** What was decided about a conflict: it stops the sync, our value is set, theirs stays, or a rule says that it is none. */
export type Resolution = 'blocked' | 'taken' | 'yielded' | 'ignored';

export interface Conflict {
  /** `Kind/name` */
  resource: string;
  namespace: string;
  group: string;
  type: ConflictType;
  description: string;
  currentState?: KubeObject;
  desiredState?: KubeObject;
  suggestions: string[];
  resolution: Resolution;
  /** Of a single field: where, who set it, and the values. */
  path?: string;
  owner?: string;
  ours?: Json;
  theirs?: Json;
  base?: Json;
  source?: SourceLocation;
}

export interface Change {
  type: 'create' | 'update' | 'delete';
  /** `Kind/name` */
  resource: string;
  namespace: string;
  group: string;
  currentState?: KubeObject;
  desiredState?: KubeObject;
  /** `~ Updating Service/web:\n  port: 80 -> 8080` */
  diff: string;
  impact: Impact;
  reasons: string[];
  /** An update that deletes the object and makes it anew. */
  recreate?: boolean;
  fields: FieldChange[];
  source?: SourceLocation;
}

/** The preview of DESIGN's contract, as data. */
export interface Diff {
  workflowId: string;
  generatedAt: string;
  revision: string;
  summary: {
    totalChanges: number;
    createdResources: number;
    updatedResources: number;
    deletedResources: number;
    unchangedResources: number;
    conflictCount: number;
    warningCount: number;
  };
  changes: Change[];
  /** What stops a sync; a rule or a person has to decide. */
  conflicts: Conflict[];
  /** Conflicts that the rules have decided already, and how. */
  resolutions: Conflict[];
  /** Hooks that a sync of these changes runs, in order. */
  hooks: { phase: Phase; wave: number; resource: string; namespace: string }[];
  warnings: string[];
  /** Commits that bases of other repositories were rendered from. */
  bases?: { url: string; ref: string; revision: string }[];
  /** Where a sync of these changes waits for a person: why, and what was said so far. */
  approval?: {
    because: string;
    id?: string;
    state: 'needed' | 'pending' | 'approved' | 'rejected' | 'expired';
    by?: string;
    reason?: string;
  };
}

export interface Compared {
  desired: Desired;
  action: 'create' | 'update' | 'unchanged' | 'blocked';
  live?: KubeObject;
  /** The object as the server says it would be after the apply; undefined where nobody asked it. */
  predicted?: KubeObject;
  /** What to send: the desired object less the fields that are left to others. */
  send: KubeObject;
  /** Whether other managers' fields are taken. Then `send` is bound to the live resourceVersion. */
  force: boolean;
  /** True where the live object is on its way out and has to be gone before it can be made anew. */
  afterDeletion: boolean;
  /** The live object is deleted and made anew. */
  recreate?: boolean;
  /** Why, for people: `spec.selector cannot be changed in place`. */
  recreateBecause?: string;
  conflicts: Conflict[];
  warnings: string[];
}

/** What left Git and still carries our mark. */
export interface PruneCandidate {
  key: ResourceKey;
  resource: ApiResource;
  live: KubeObject;
  /** By the live object's annotation. Higher ones are deleted, and gone, before lower ones. */
  wave: number;
}

export interface Comparison {
  items: Compared[];
  /** What left Git and would be deleted, in order of deletion; empty where pruning is off. */
  prune: PruneCandidate[];
  /** What left Git, is in the cluster, and stays there in this sync. */
  leftovers: ResourceKey[];
  /** What left Git and is in the cluster no more: only the inventory still has it. */
  gone: ResourceKey[];
  warnings: string[];
  /** How many objects of Git are no part of the sync, because an annotation says so. */
  leftAlone?: number;
  /** What was asked of the cluster beyond the workflow's objects; undefined where nothing was. */
  surroundings?: Surroundings;
}
