import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  checkOptions,
  type FileInput,
  fileSchema,
  type Gitops,
  mapNames,
  type RepositoryOptions,
  toCamel,
  type WorkflowOptions,
} from '../gitops/index.js';
import { parseYaml } from '../manifest/index.js';
import { EvenkeelError, type Where } from '../model/index.js';

/**
 * Reads evenkeel.yaml.
 * @throws EvenkeelError CONFIG_INVALID, OPTION_UNKNOWN, OPTION_INVALID with file, line and the nearest name
 */
export function readConfig(path: string): FileInput {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new EvenkeelError('CONFIG_INVALID', `cannot read ${path}: ${(error as Error).message}`, {
      where: { file: path },
      hint: 'Write one with "evenkeel init".',
      cause: error,
    });
  }
  const documents = parseYaml(text, { file: path });
  if (documents.length > 1)
    throw new EvenkeelError('CONFIG_INVALID', 'the file holds more than one YAML document', {
      where: { file: path, line: documents[1]?.line },
      hint: 'Put all of it into one.',
    });
  const document = documents[0];
  const locate = (steps: readonly PropertyKey[]): Where => {
    const place = document?.locate(steps.map((step) => (typeof step === 'number' ? step : String(step))));
    return { file: path, ...(place === undefined ? {} : { line: place.line, column: place.column }) };
  };
  const config = checkOptions(fileSchema, document?.value ?? {}, { what: 'evenkeel.yaml', names: 'snake', locate });
  for (const list of ['repositories', 'workflows'] as const) refuseTwice(config[list] ?? [], list, locate);
  for (const [index, { url }] of (config.repositories ?? []).entries()) {
    if (!/^https?:\/\/[^/@]*@/i.test(url)) continue;
    throw new EvenkeelError('CONFIG_INVALID', 'a repository URL in the file holds a user or a password', {
      where: { ...locate(['repositories', index, 'url']), field: `repositories[${index}].url` },
      hint: 'Take it out and name an environment variable: credentials: {type: token, token_env: NAME}.',
    });
  }
  return config;
}

function refuseTwice(entries: readonly { id: string }[], list: string, locate: (steps: readonly PropertyKey[]) => Where): void {
  const seen = new Map<string, number>();
  for (const [index, { id }] of entries.entries()) {
    const first = seen.get(id);
    if (first !== undefined) {
      throw new EvenkeelError(
        'CONFIG_INVALID',
        `the id "${id}" stands twice in ${list} (first in line ${locate([list, first, 'id']).line})`,
        {
          where: { ...locate([list, index, 'id']), field: `${list}[${index}].id` },
          hint: 'Give each its own id.',
        },
      );
    }
    seen.set(id, index);
  }
}

/** Registers what a file declares. The same file again changes nothing. */
export async function applyConfig(
  config: FileInput,
  gitops: Gitops,
  context: { path: string; env: { [name: string]: string | undefined } },
): Promise<void> {
  const folder = dirname(context.path);
  for (const { credentials, url, ...rest } of config.repositories ?? []) {
    const repository: RepositoryOptions = {
      ...(mapNames(rest, toCamel) as Omit<RepositoryOptions, 'url'>),
      // A relative path is one from the file that it stands in.
      url: /^\.\.?(\/|$)/.test(url) ? resolve(folder, url) : url,
      ...(credentials === undefined ? {} : { credentials: resolveCredentials(credentials, { ...context, folder }) }),
    };
    await gitops.registerRepository(repository, { replace: true });
  }
  for (const workflow of config.workflows ?? []) {
    const options = mapNames(workflow, toCamel) as WorkflowOptions;
    await gitops.createWorkflow(
      {
        ...options,
        ...(options.kubeconfig === undefined ? {} : { kubeconfig: resolve(folder, options.kubeconfig) }),
      },
      { replace: true },
    );
  }
}

type FileCredentials = NonNullable<NonNullable<FileInput['repositories']>[number]['credentials']>;

function resolveCredentials(
  credentials: FileCredentials,
  { env, folder, path }: { env: { [name: string]: string | undefined }; folder: string; path: string },
): RepositoryOptions['credentials'] {
  const variable = (name: string, field: string) => {
    const value = env[name];
    if (value === undefined || value === '') {
      throw new EvenkeelError('CONFIG_INVALID', `the environment variable ${name} is not set`, {
        where: { file: path, field: `credentials.${field}` },
        hint: `Set it before you call evenkeel: export ${name}=…`,
      });
    }
    return value;
  };
  const file = (name: string, field: string) => {
    try {
      return readFileSync(resolve(folder, name.replace(/^~(?=\/)/, env['HOME'] ?? '~')), 'utf8');
    } catch (error) {
      throw new EvenkeelError('CONFIG_INVALID', `cannot read ${name}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`, {
        where: { file: path, field: `credentials.${field}` },
        cause: error,
      });
    }
  };
  if (credentials.type === 'token')
    return { type: 'token', token: variable(credentials.token_env, 'token_env'), username: credentials.username };
  if (credentials.type === 'userpass')
    return { type: 'userpass', username: credentials.username, password: variable(credentials.password_env, 'password_env') };
  return {
    type: 'ssh',
    sshKey: file(credentials.ssh_key_file, 'ssh_key_file'),
    ...(credentials.known_hosts_file === undefined ? {} : { knownHosts: file(credentials.known_hosts_file, 'known_hosts_file') }),
  };
}
