/** What one or more kubeconfig files say, merged as kubectl merges them. */
export interface Kubeconfig {
  /** Name of the current context; undefined where none is set. */
  currentContext?: string;
  contexts: ReadonlyMap<string, KubeContext>;
  clusters: ReadonlyMap<string, KubeClusterEntry>;
  users: ReadonlyMap<string, KubeUser>;
  /** The files that were read, in order of precedence. */
  files: readonly string[];
}

/** The file an entry comes from; paths in the entry are absolute already. */
export interface FromFile {
  file: string;
}

export interface KubeContext extends FromFile {
  cluster: string;
  user: string;
  namespace?: string;
}

export interface KubeClusterEntry extends FromFile {
  server: string;
  tlsServerName?: string;
  insecureSkipTlsVerify: boolean;
  /** PEM, from the data. */
  authorityData?: string;
  authorityFile?: string;
  proxyUrl?: string;
  disableCompression: boolean;
  /** What an exec plugin is told under `config` (the extension client.authentication.k8s.io/exec). */
  execConfig?: unknown;
}

export interface KubeUser extends FromFile {
  certificateData?: string;
  certificateFile?: string;
  keyData?: string;
  keyFile?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  impersonate?: { user?: string; uid?: string; groups: string[]; extra: { [key: string]: string[] } };
  /** Name of a legacy auth-provider. */
  authProvider?: string;
  exec?: ExecPlugin;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
export interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo: boolean;
  interactiveMode: 'Never' | 'IfAvailable' | 'Always';
}
