import type { FileTree } from '../model/index.js';

export type Credentials =
  | { type: 'token'; token: string; username?: string }
  | { type: 'userpass'; username: string; password: string }
  | { type: 'ssh'; sshKey: string; knownHosts?: string };

/** What to follow in a repository. `head` is whatever the remote's HEAD names. */
export type Ref = { branch: string } | { tag: string } | { commit: string } | { head: true };

export interface SourceOptions {
  /** As a person writes it: path, file://, https://, ssh://, git@host:path, owner/name (GitHub). */
  url: string;
  credentials?: Credentials;
  /** Where bare mirrors are kept. */
  cacheDirectory: string;
  /**
   * `person`: the user's git configuration, ssh agent and credential helpers are respected.
   * `controller`: an environment made from nothing.
   */
  environment: 'person' | 'controller';
  /** Milliseconds that one git command may take. Default 120000. */
  timeoutMs?: number;
}

export interface Resolved {
  /** Full commit hash. */
  revision: string;
  /** What it was resolved from: `refs/heads/main`, `refs/tags/v1`, or '' for a commit. */
  ref: string;
}

export interface CommitInfo {
  revision: string;
  author: string;
  /** Milliseconds since the epoch. */
  time: number;
  subject: string;
}

/** One remote repository and the bare mirror of it. Errors are EvenkeelError SOURCE_*. */
export interface Source {
  /** Normalised URL without credentials. */
  readonly url: string;
  /** Asks the remote only (ls-remote); nothing is transferred. */
  resolve(ref: Ref, signal?: AbortSignal): Promise<Resolved>;
  /** Resolves and brings the one commit into the mirror where it is not there yet. */
  fetch(ref: Ref, signal?: AbortSignal): Promise<Resolved>;
  commit(revision: string): Promise<CommitInfo>;
  /** Files of a fetched revision. */
  tree(revision: string): FileTree;
  close(): Promise<void>;
}
