export { type ClusterOptions, openCluster } from './cluster.js';
export type {
  ApiResource,
  ApplyOptions,
  ApplyResult,
  Cluster,
  DeleteOptions,
  Discovery,
  ListOptions,
  ListResult,
  ObjectRef,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './types.js';
