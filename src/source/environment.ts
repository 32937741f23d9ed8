type Environment = { [name: string]: string | undefined };

/** What a controller keeps: where programs are, how the network is reached, whose certificates count. */
const controllerKeeps = [
  'PATH',
  'TMPDIR',
  ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]),
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
];

/**
 * What would point git at another repository than our mirror (we may run inside a git hook), allow other
 * protocols, or write credentials into a trace.
 */
const personLoses =
  /^GIT_(?:DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|SUPER_PREFIX|INTERNAL_SUPER_PREFIX|SHALLOW_FILE|GRAFT_FILE|REPLACE_REF_BASE|CONFIG|QUARANTINE_PATH|PROTOCOL|ALLOW_PROTOCOL|DEFAULT_HASH|DEFAULT_REF_FORMAT|EXTERNAL_DIFF|TRACE.*|CURL_VERBOSE|FLUSH|ADVICE)$/;

/** The environment that git runs in, before credentials. `home` is an empty folder for the controller. */
export function gitEnvironment(kind: 'person' | 'controller', outer: Environment, home: string): Environment {
  const env: Environment = {};
  if (kind === 'controller') {
    for (const name of controllerKeeps) if (outer[name] !== undefined) env[name] = outer[name];
    env['HOME'] = home;
    env['GIT_CONFIG_NOSYSTEM'] = '1';
    env['GIT_CONFIG_GLOBAL'] = '/dev/null';
    env['GIT_ATTR_NOSYSTEM'] = '1';
  } else {
    for (const [name, value] of Object.entries(outer)) if (!personLoses.test(name)) env[name] = value;
  }
  return {
    ...env,
    // Messages are recognised by their English text.
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_DEFAULT_REF_FORMAT: 'files',
  };
}

/** Configuration that stands above everybody's, on each command line. */
export const fixedConfig: readonly string[] = [
  'protocol.ext.allow=never',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.symlinks=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'fetch.writeCommitGraph=false',
  'fetch.unpackLimit=1',
  'gc.auto=0',
  'maintenance.auto=false',
  'credential.useHttpPath=false',
  'transfer.bundleURI=false',
].flatMap((setting) => ['-c', setting]);
