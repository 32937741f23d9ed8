export { type ClusterOptions, openCluster } from './cluster.js';
export { type ConnectionOptions, connectionFor } from './config/connection-for.js';
export { type InClusterOptions, inCluster } from './config/in-cluster.js';
export { type LoadKubeconfigOptions, loadKubeconfig } from './config/load.js';
export { parseKubeconfig } from './config/parse.js';
export type { Kubeconfig } from './config/types.js';
export { connectCluster } from './connect.js';
export type { Connection, Credential, Credentials, TlsOptions } from './connection.js';
export type { HttpWire, HttpWireOptions } from './http/wire.js';
export type {
  ApiResource,
  ApplyOptions,
  ApplyResult,
  Cluster,
  DeleteOptions,
  Discovery,
  ListOptions,
  ListResult,
  LogOptions,
  ObjectRef,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './types.js';
