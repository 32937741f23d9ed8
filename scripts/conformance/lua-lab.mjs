// What the scripts of the Lua suite run in: a folder with git repositories that stand for those on GitHub, and the real command.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** @param {string} scripts folder whose Lua files are copied into the lab */
export function makeLab(scripts) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'evenkeel-listing-')));
  writeFileSync(
    join(folder, '.gitconfig'),
    `[url "file://${folder}/remotes/"]\n\tinsteadOf = https://github.com/\n[user]\n\tname = Test\n\temail = test@example.com\n`,
  );
  for (const file of readdirSync(scripts)) if (file.endsWith('.lua')) copyFileSync(join(scripts, file), join(folder, file));
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: join(folder, '.gitconfig') };

  const lab = {
    folder,
    write: (name, text) => writeFileSync(join(folder, name), text),
    /** Commits files (undefined removes one) to a branch of `company/NAME`, which is made where there is none. */
    commit(name, files, branch = 'main') {
      const path = join(folder, 'remotes', name);
      const git = (...args) => execFileSync('git', args, { cwd: path, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
      const isNew = !readdirSync(dirname(mkdirs(path))).includes(name.split('/').at(-1)) || readdirSync(path).length === 0;
      if (isNew) git('init', '--quiet', '--initial-branch', branch);
      else if (git('branch', '--list', branch) === '') git('checkout', '--quiet', '-b', branch);
      else git('checkout', '--quiet', branch);
      for (const [file, text] of Object.entries(files)) {
        if (text === undefined) rmSync(join(path, file));
        else {
          mkdirs(dirname(join(path, file)));
          writeFileSync(join(path, file), text);
        }
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'change');
      return git('rev-parse', 'HEAD');
    },
    /** Runs the command. @returns {Promise<{status: number|null, text: string}>} */
    run: (...args) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(dist, 'evenkeel.js'), ...args], {
          cwd: folder,
          env,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let text = '';
        for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
        child.on('error', reject);
        child.on('close', (status) => {
          clearTimeout(timer);
          resolve({ status, text });
        });
      }),
    /** Opens the state of the folder and closes it afterwards. */
    async inside(action) {
      const { openWorkspace } = await import(join(dist, 'index.js'));
      const workspace = await openWorkspace({ directory: folder });
      try {
        return await action(workspace);
      } finally {
        await workspace.close();
      }
    },
    /** An object of the sandbox; undefined where there is none. `Deployment/web`, in the namespace default. */
    object: (name) =>
      lab.cluster(async (cluster) => {
        const [kind, object] = name.split('/');
        const resource = (await cluster.discovery()).byName(kind.toLowerCase());
        return cluster.get(resource, { name: object, ...(resource.namespaced ? { namespace: 'default' } : {}) });
      }),
    /** Changes an object as a person would with kubectl. */
    edit: (name, patch) =>
      lab.cluster(async (cluster) => {
        const [kind, object] = name.split('/');
        const resource = (await cluster.discovery()).byName(kind.toLowerCase());
        await cluster.patch(resource, { name: object, namespace: 'default' }, patch, { type: 'merge', fieldManager: 'kubectl-edit' });
      }),
    cluster: (action) => lab.inside(async ({ moduleHost }) => action(await moduleHost.openCluster({ target: 'sandbox' }))),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
  return lab;
}

function mkdirs(path) {
  mkdirSync(path, { recursive: true });
  return path;
}

export const configMap = (name, value) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: {value: "${value}"}
`;

export const deployment = (name, { image = 'registry.example/app:1.0.0', replicas = 2 } = {}) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: app, image: "${image}"}]}
`;
