import { EvenkeelError } from '../model/index.js';
import { publishedHostKeys } from './hostKeys.js';
import type { PrivateFolder } from './privateFolder.js';
import type { Credentials } from './types.js';
import type { RepositoryUrl } from './url.js';

/** Credentials as they will be used, after those in the URL were taken into account. */
export interface Login {
  credentials: Credentials | undefined;
  /** A user name from the URL that came without a password: a person's credential helper may know the rest. */
  username?: string;
  /** Every text that must not be seen. */
  secrets: string[];
}

/**
 * Puts what the URL says and what the caller says together, and checks it.
 * @throws EvenkeelError SOURCE_CREDENTIALS_INVALID
 */
export function readLogin(url: RepositoryUrl, given: Credentials | undefined, environment: 'person' | 'controller'): Login {
  if (given !== undefined && url.password !== undefined)
    throw invalid('Credentials are given twice: in the URL and apart from it.', 'credentials', 'Take them out of the URL.');
  if (given === undefined) {
    const { username, password } = url;
    if (username === undefined && password === undefined) return { credentials: undefined, secrets: [] };
    if (password !== undefined)
      return readLogin({ ...url, password: undefined }, { type: 'userpass', username: username ?? '', password }, environment);
    // A controller has nobody to ask for the password, so the name alone must be what the host wants.
    if (environment === 'person' && !looksLikeToken(username ?? '')) return { credentials: undefined, username, secrets: [] };
    return { credentials: { type: 'userpass', username: username ?? '', password: '' }, secrets: [username ?? ''] };
  }
  if (given.type === 'ssh') {
    if (!/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/m.test(given.sshKey))
      throw invalid(
        'The ssh key is not the text of a private key.',
        'credentials.sshKey',
        'Give the contents of the key file, from -----BEGIN to -----END, not its path.',
      );
    if (given.sshKey.includes('\0') || given.knownHosts?.includes('\0'))
      throw invalid('The ssh key or the known hosts have a NUL in them.', 'credentials.sshKey');
    return { credentials: given, secrets: [given.sshKey, given.sshKey.trim()] };
  }
  const secret = given.type === 'token' ? given.token : given.password;
  const username = given.username ?? url.username ?? 'x-access-token';
  const field = given.type === 'token' ? 'credentials.token' : 'credentials.password';
  if (given.type === 'token' && secret === '') throw invalid('The token is empty.', field);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(secret)) throw invalid('The token or password has line breaks or control characters in it.', field);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(username))
    throw invalid('The user name has line breaks or control characters in it.', 'credentials.username');
  return {
    credentials: { type: 'userpass', username, password: secret },
    secrets: [secret, Buffer.from(`${username}:${secret}`).toString('base64'), ...(looksLikeToken(username) ? [username] : [])],
  };
}

/** Some hosts take a token as the user name; a name that may be one is treated as a secret. */
function looksLikeToken(name: string): boolean {
  return name.length >= 20 || /^(?:gh[a-z]_|github_pat_|glpat-)/.test(name);
}

/**
 * Whether credentials fit where the URL leads in the end (after a person's insteadOf).
 * @throws EvenkeelError SOURCE_CREDENTIALS_INVALID
 */
export function checkFit(url: RepositoryUrl, credentials: Credentials | undefined): void {
  if (credentials === undefined) return;
  const wanted = credentials.type === 'ssh' ? 'ssh' : 'http';
  if (wanted === url.kind) return;
  const what = credentials.type === 'ssh' ? 'An ssh key' : 'A token or password';
  const where = { http: 'an http URL', ssh: 'an ssh URL', local: 'a local path' }[url.kind];
  throw invalid(
    `${what} does not go with ${where}: ${url.url}`,
    'credentials',
    url.kind === 'local'
      ? 'A local repository needs no credentials: leave them out.'
      : credentials.type === 'ssh'
        ? 'Write the URL as git@host:owner/name, or give a token.'
        : 'Write the URL as https://host/owner/name, or give an ssh key.',
  );
}

/** What git needs to log in: variables for its environment, settings for its command line. No secret is in either. */
export interface LoginSetup {
  env: { [name: string]: string };
  config: string[];
  /** The files that these name. */
  files: string[];
}

export interface LoginSetupOptions {
  login: Login;
  /** Where the URL leads in the end. */
  url: RepositoryUrl;
  environment: 'person' | 'controller';
  folder: PrivateFolder;
}

/** Writes askpass helper or key files into the private folder. */
export function setUpLogin({ login, url, environment, folder }: LoginSetupOptions): LoginSetup {
  const { credentials, username } = login;
  if (credentials?.type === 'userpass') {
    const files = [folder.write('username', credentials.username), folder.write('password', credentials.password)];
    const helper = folder.write('askpass', askpassScript(folder.path, new URL(url.url)), 0o700);
    // Helpers of the person's are off: one that answered first would log in as somebody else, and ours would be stored by them.
    return { env: { GIT_ASKPASS: helper }, config: ['-c', 'credential.helper='], files: [...files, helper] };
  }
  const key = credentials?.type === 'ssh' ? folder.write('key', `${credentials.sshKey.replace(/\r\n/g, '\n').trim()}\n`) : undefined;
  if (key !== undefined || environment === 'controller') {
    const knownHosts = credentials?.type === 'ssh' ? credentials.knownHosts : undefined;
    const hosts = folder.write('known_hosts', knownHosts === undefined ? publishedHostKeys : `${knownHosts.trim()}\n`);
    const command = sshCommand({ key, hosts, areGiven: knownHosts !== undefined, environment });
    return { env: { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' }, config: [], files: key === undefined ? [hosts] : [hosts, key] };
  }
  if (username === undefined) return { env: {}, config: [], files: [] };
  const file = folder.write('config', `[credential]\n\tusername = "${username.replace(/["\\]/g, '\\$&')}"\n`);
  return { env: {}, config: ['-c', `include.path=${file}`], files: [file] };
}

/**
 * Answers git's questions, and only those that are asked for the host (scheme and port too) that the
 * credentials were given for: a server that redirects elsewhere does not get them.
 */
function askpassScript(folder: string, url: URL): string {
  const scheme = `${url.protocol}//`;
  return `#!/bin/sh
scheme=${quote(scheme)}
host=${quote(url.host)}
case "$1" in
"Username for '$scheme"*) file=username; rest=\${1#"Username for '$scheme"} ;;
"Password for '$scheme"*) file=password; rest=\${1#"Password for '$scheme"} ;;
*) exit 1 ;;
esac
rest=\${rest%"': "}
case "$rest" in */*) exit 1 ;; esac
[ "\${rest##*@}" = "$host" ] || exit 1
exec cat ${quote(folder)}/"$file"
`;
}

interface SshCommandOptions {
  /** The key file. */
  key: string | undefined;
  /** The file of known hosts, and whether the caller gave it. */
  hosts: string;
  areGiven: boolean;
  environment: 'person' | 'controller';
}

function sshCommand({ key, hosts, areGiven, environment }: SshCommandOptions): string {
  const options = ['BatchMode=yes', 'ForwardAgent=no', 'ClearAllForwardings=yes'];
  if (key !== undefined) options.push('IdentitiesOnly=yes');
  if (areGiven) options.push('StrictHostKeyChecking=yes', `UserKnownHostsFile="${hosts}"`, 'GlobalKnownHostsFile=/dev/null');
  else if (environment === 'controller') options.push('StrictHostKeyChecking=yes', `UserKnownHostsFile="${hosts}"`);
  else options.push('StrictHostKeyChecking=accept-new', `UserKnownHostsFile=~/.ssh/known_hosts "${hosts}"`);
  return [
    'ssh',
    ...(environment === 'controller' ? ['-F', '/dev/null'] : []),
    ...(key === undefined ? [] : ['-i', quote(key)]),
    ...options.flatMap((option) => ['-o', quote(option)]),
  ].join(' ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function invalid(message: string, field: string, hint = 'Correct the credentials of this repository.'): EvenkeelError {
  return new EvenkeelError('SOURCE_CREDENTIALS_INVALID', message, { where: { field }, hint });
}
