/** All that is needed to talk to one API server as one user. */
export interface Connection {
  /** The context's name, for messages. */
  name: string;
  /** URL of the API server; a path in it is put before every request's. */
  server: string;
  /** The namespace that the context names. */
  namespace?: string;
  tls: TlsOptions;
  /** `http://` or `https://` URL of a proxy that is asked to CONNECT; it may hold user and password. */
  proxy?: string;
  /** Whether large answers are asked for in gzip. */
  compression: boolean;
  /** Sent with every request: impersonation. */
  headers: { [name: string]: string | string[] };
  credentials: Credentials;
}

export interface TlsOptions {
  /** PEM. Undefined trusts what Node trusts. */
  authority?: string;
  /** The name that the server's certificate must hold, where it is not the URL's host. */
  serverName?: string;
  /** Accept any certificate. */
  insecure: boolean;
}

/** What proves who we are, at one moment. */
export interface Credential {
  /** Value of the Authorization header. */
  authorization?: string;
  /** PEM texts. */
  certificate?: { cert: string; key: string };
}

export interface Credentials {
  /** What to use now: from a cache as long as it is good. */
  current(signal?: AbortSignal): Credential | Promise<Credential>;
  /**
   * After the server answered 401 to `used`: something newer, or undefined where there is nothing else.
   * Absent where credentials never change.
   */
  renew?(used: Credential, signal?: AbortSignal): Promise<Credential | undefined>;
}

export function fixedCredentials(credential: Credential): Credentials {
  return { current: () => credential };
}
