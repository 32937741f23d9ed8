import type { Clock, Random, Wire, WireRequest, WireResponse } from '../model/index.js';

export interface SandboxOptions {
  /** A SQLite file that keeps everything, or undefined to live in memory only. */
  file?: string;
  clock?: Clock;
  random?: Random;
  /** Whether the simulated controllers run. Default true. */
  controllers?: boolean;
  /** Milliseconds that a pod takes to become ready, and the like, scaled. Default 1: real-looking; 0: at once. */
  pace?: number;
  /**
   * What containers of an image do, asked when one starts: `crash`, `slow`, `missing`, `oom`, `fail`, `never-ready`,
   * or undefined for what the image's tag says. A pod's own annotation goes before it.
   */
  behaviour?: (image: string) => string | undefined;
  /**
   * Sees each request before it is handled, in-process and over HTTP: may answer it, delay it, or pass it on
   * (undefined). What it throws ends the exchange: in-process as the rejection, over HTTP as a 500, or where the
   * error's `code` is `ECONNRESET` as a connection that breaks.
   */
  intercept?: (request: WireRequest, context: InterceptContext) => Promise<WireResponse | undefined>;
}

/** What a request asks for, as the API server reads its URL. Texts are '' where the URL says nothing. */
export interface RequestFacts {
  /** get, list, watch, create, update, patch, delete, deletecollection; of other paths the method in lower case. */
  verb: string;
  group: string;
  version: string;
  /** Plural name; '' where the request is not about a resource (discovery, version, health). */
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
  dryRun: boolean;
}

export interface InterceptContext {
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  readonly facts: RequestFacts;
  /** Handles the request as if nobody looked on; once, however often it is called. */
  next(): Promise<WireResponse>;
}

/** The embedded Kubernetes API server, in-process. */
export interface Sandbox {
  /** Requests as its administrator, without a socket in between. */
  readonly wire: Wire;
  /** Resolves when the simulated controllers have nothing left to do at this moment. */
  settle(): Promise<void>;
  /** Writes what is to be written and frees the file. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0 takes a free port. */
  port: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Text of a token file in kube-apiserver's CSV format: token,user,uid,"group1,group2". */
  tokens?: string;
}

export interface SandboxServer {
  /** `https://127.0.0.1:PORT`; the same port answers plain HTTP too. */
  readonly url: string;
  readonly port: number;
  /** Text of a kubeconfig with which kubectl talks to it. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}
