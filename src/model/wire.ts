/**
 * One HTTP exchange as data. A Kubernetes API server, real or embedded, is a function of this type, so
 * that the engine cannot tell which one it talks to.
 */
export type Wire = (request: WireRequest) => Promise<WireResponse>;

export interface WireRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  /** Path and query, beginning with `/`. */
  path: string;
  /** Names in lower case. */
  headers: { [name: string]: string };
  body?: string | Uint8Array;
  signal?: AbortSignal;
}

export interface WireResponse {
  status: number;
  /** Names in lower case. A header that came more than once (`warning`) is an array. */
  headers: { [name: string]: string | string[] };
  /** Text, or pieces of it as they come (a watch). Leaving the iteration closes the exchange. */
  body: string | AsyncIterable<string>;
}
