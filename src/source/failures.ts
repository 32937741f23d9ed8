import type { ErrorCode } from '../model/index.js';
import { EvenkeelError } from '../model/index.js';

interface Pattern {
  code: ErrorCode;
  match: RegExp;
  message: (url: string) => string;
  hint: string;
}

/**
 * What git, curl and ssh print when they fail, and what it means; the first that matches counts. Git has no
 * error codes: these are its English messages from 2.30 on.
 */
const patterns: Pattern[] = [
  {
    code: 'SOURCE_HOST_UNKNOWN',
    match:
      /Could not resolve (?:host|proxy)|Name or service not known|Temporary failure in name resolution|nodename nor servname|No address associated with hostname/i,
    message: (url) => `The host of ${url} is unknown.`,
    hint: 'Check the spelling of the host, and whether this machine has a working DNS.',
  },
  {
    code: 'SOURCE_HOST_KEY',
    match: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No .* host key is known/i,
    message: (url) => `The ssh host key of ${url} is not one that is known.`,
    hint: 'Have the key from its owner (ssh-keyscan shows what the host offers), and give it as knownHosts or put it into /etc/ssh/ssh_known_hosts.',
  },
  {
    code: 'SOURCE_TLS',
    match:
      /SSL certificate problem|server certificate verification failed|certificate verify failed|self[- ]signed certificate|no alternative certificate subject name|unable to get local issuer|error setting certificate/i,
    message: (url) => `The certificate of ${url} is not trusted.`,
    hint: 'Give the authority that signed it in SSL_CERT_FILE or GIT_SSL_CAINFO.',
  },
  {
    code: 'SOURCE_AUTH',
    match:
      /Authentication failed|could not read (?:Username|Password)|unable to read askpass response|Invalid username or (?:password|token)|Permission denied \(|The requested URL returned error: (?:401|403|407)|HTTP (?:401|403|407)|Access denied|Load key ".*": |Permission to .* denied/i,
    message: (url) => `${url} refuses these credentials, or wants some.`,
    hint: 'Check that the token, password or ssh key is valid, has not expired, has no passphrase, and may read this repository.',
  },
  {
    code: 'SOURCE_NOT_FOUND',
    match:
      /repository '.*' not found|Repository not found|The requested URL returned error: (?:404|410)|does not appear to be a git repository|not a git repository|not valid: is this a git repository|project you were looking for could not be found|unable to identify|info\/refs not valid/i,
    message: (url) => `There is no Git repository at ${url}, or these credentials may not see it.`,
    hint: 'Check the URL in a browser; a private repository looks like none without credentials that may read it.',
  },
  {
    code: 'SOURCE_OWNER',
    match: /dubious ownership/i,
    message: (url) => `Git does not read ${url} because another user owns it.`,
    hint: 'Run as its owner, or trust it: git config --global --add safe.directory <path>.',
  },
  {
    code: 'SOURCE_SERVER_ERROR',
    match:
      /The requested URL returned error: (?:429|5[0-9][0-9])|HTTP (?:429|5[0-9][0-9])|remote error: .*(?:internal|unavailable|overload|try again|rate limit)/i,
    message: (url) => `${url} answered with an error of the server's own.`,
    hint: 'Try again later; if it stays, look at the status page of the Git host.',
  },
  {
    code: 'SOURCE_TRANSFER_BROKEN',
    match:
      /early EOF|unexpected disconnect|transfer closed|RPC failed|hung up unexpectedly|invalid index-pack output|index-pack failed|pack has bad object|pack is corrupted|inflate|unexpected (?:flush|EOF)|bad line length|protocol error|expected flush|unresolved deltas|premature end|error in the HTTP2|Empty reply/i,
    message: (url) => `The transfer from ${url} ended too early or came damaged.`,
    hint: 'Try again; nothing of it was kept.',
  },
  {
    code: 'SOURCE_UNREACHABLE',
    match:
      /Failed to connect|Connection refused|Connection reset|Connection timed out|Operation timed out|No route to host|Network is unreachable|Could not connect|Couldn't connect|Connection closed by|kex_exchange_identification|Recv failure|Send failure|Received HTTP code \d+ from proxy/i,
    message: (url) => `${url} cannot be reached.`,
    hint: 'Check host and port, the network and its proxies; the address may be right and the server down.',
  },
];

/** Damage to our own mirror, as opposed to what the remote does. */
const mirrorDamage =
  /object file .* is empty|loose object .* is corrupt|bad object HEAD|packfile .* (?:is far too short|cannot be accessed|does not match|is not a GIT packfile)|index file .* is (?:too small|corrupt)|wrong index|is corrupt$|bad (?:config|numeric config)|bad (?:signature|tree|pack)|unable to parse config|not a git repository: |unknown repository extension|shallow file|bad shallow line|cannot update ref|did not send all necessary objects|missing (?:blob|tree|commit)|unable to read (?:tree|sha1 file)|Failed to traverse parents|file .*\.pack is far too short|non-monotonic index|unable to resolve reference|reference broken/im;

const diskTrouble =
  /No space left on device|Disk quota exceeded|Read-only file system|unable to create (?:temporary file|.*\.lock)|insufficient permission|Permission denied$/im;

/** Whether the text speaks of our own mirror being damaged. */
export function speaksOfDamage(stderr: string): boolean {
  return mirrorDamage.test(stderr);
}

export interface Failure {
  /** Normalised, without credentials. */
  url: string;
  /** What git printed, secrets taken out already. */
  stderr: string;
  exitCode: number | null;
  exitSignal: string | null;
  /** Whether the command spoke to the remote at all. */
  remote: boolean;
}

/** A git command that failed, as the error that it means. */
export function explainFailure(failure: Failure): EvenkeelError {
  const { url, stderr, exitCode } = failure;
  const said = stderr.trim().slice(-2000);
  const options = { where: { url }, details: { git: said, exitCode } };
  if (diskTrouble.test(stderr) && !/Permission denied \(/.test(stderr))
    return new EvenkeelError('SOURCE_CACHE_UNUSABLE', `The mirror of ${url} cannot be written: ${lastLine(said)}`, {
      ...options,
      hint: 'Make room, or let this user write the folder of the mirrors.',
    });
  if (failure.remote)
    for (const pattern of patterns)
      if (pattern.match.test(stderr))
        return new EvenkeelError(pattern.code, pattern.message(url), {
          ...options,
          hint:
            pattern.code === 'SOURCE_NOT_FOUND' && url.startsWith('file:')
              ? 'Name the folder that git init made, a bare repository, or a bundle file.'
              : pattern.hint,
        });
  if (speaksOfDamage(stderr))
    return new EvenkeelError('SOURCE_CACHE_BROKEN', `The mirror of ${url} is damaged: ${lastLine(said)}`, {
      ...options,
      hint: 'The next fetch builds it anew.',
    });
  const how = failure.exitSignal === null ? `with status ${exitCode}` : `by ${failure.exitSignal}`;
  return new EvenkeelError('SOURCE_GIT_FAILED', `git ended ${how} on ${url}${said === '' ? '' : `: ${lastLine(said)}`}`, {
    ...options,
    hint: 'The details hold what git printed.',
  });
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => line.startsWith('fatal:')) ?? lines.at(-1) ?? '').replace(/^fatal: /, '');
}
