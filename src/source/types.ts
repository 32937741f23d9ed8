import type { FileTree } from '../model/index.js';

/**
 * `token` and `userpass` go with http and https URLs, `ssh` with ssh ones.
 *
 * `sshKey` is the text of a private key without passphrase. With `knownHosts` (lines of a known_hosts file)
 * only these hosts are trusted. Without it the keys of GitHub, GitLab, Bitbucket and Azure DevOps are known;
 * any other host is refused for a controller unless /etc/ssh/ssh_known_hosts has it, and for a person is
 * accepted once and remembered (ssh's accept-new). A key that changed is always refused.
 */
export type Credentials =
  | { type: 'token'; token: string /** Default x-access-token, which GitHub and GitLab take. */; username?: string }
  | { type: 'userpass'; username: string; password: string }
  | { type: 'ssh'; sshKey: string; knownHosts?: string };

/** What to follow in a repository. `head` is whatever the remote's HEAD names. */
export type Ref = { branch: string } | { tag: string } | { commit: string } | { head: true };

export interface SourceOptions {
  /**
   * As a person writes it: https://, http://, ssh://, file://, git@host:path, owner/name (always GitHub), or
   * the path of a local repository or bundle file, absolute or beginning with ./ or ../.
   */
  url: string;
  /** What a relative local path is relative to. Default: the working directory. */
  baseDirectory?: string;
  credentials?: Credentials;
  /** Where bare mirrors are kept. */
  cacheDirectory: string;
  /**
   * `person`: the user's git configuration, ssh agent and credential helpers are respected.
   * `controller`: an environment made from nothing but PATH, the proxy variables and the certificate
   * authorities' (SSL_CERT_FILE, SSL_CERT_DIR, GIT_SSL_CAINFO).
   */
  environment: 'person' | 'controller';
  /** The environment that either is made from. Default: that of this process. */
  env?: { [name: string]: string | undefined };
  /** Milliseconds that one git command may take. Default 120000. */
  timeoutMs?: number;
}

export interface Resolved {
  /** Full commit hash. */
  revision: string;
  /** What it was resolved from: `refs/heads/main`, `refs/tags/v1`, `HEAD` where that names no branch, or '' for a commit. */
  ref: string;
}

export interface CommitInfo {
  revision: string;
  /** `Name <address>`, as the commit has it: text from outside. */
  author: string;
  /** When it was written (Git's author date), in milliseconds since the epoch. */
  time: number;
  /** The first paragraph of the message, on one line. */
  subject: string;
}

/** One remote repository and the bare mirror of it. Errors are EvenkeelError SOURCE_*. */
export interface Source {
  /** Normalised URL without credentials. */
  readonly url: string;
  /**
   * Asks the remote only (ls-remote); nothing is transferred. Two cannot be answered so: a full commit hash
   * is returned as it is, unasked, and an abbreviated one (or a tag in a bundle file) brings history into the mirror.
   */
  resolve(ref: Ref, signal?: AbortSignal): Promise<Resolved>;
  /**
   * Resolves and brings the one commit into the mirror where it is not there yet. A full commit hash that
   * is there already is answered without asking the remote.
   */
  fetch(ref: Ref, signal?: AbortSignal): Promise<Resolved>;
  commit(revision: string): Promise<CommitInfo>;
  /** Files of a fetched revision. Its methods throw SOURCE_REVISION_MISSING where it was not fetched. */
  tree(revision: string): FileTree;
  /** Ends what still runs and removes credentials from the disk. The mirror stays. */
  close(): Promise<void>;
}
