import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EvenkeelError } from '../../model/index.js';
import type { CommandContext } from '../context.js';
import { exit } from '../report.js';
import { showDiff } from '../show-diff.js';
import { syncView } from '../show-sync.js';

const run = promisify(execFile);

export interface DemoCommandOptions {
  keep?: string;
}

/** The main job from beginning to end, on a repository and a sandbox of its own. */
export async function demoCommand(context: CommandContext, options: DemoCommandOptions): Promise<number> {
  const { terminal } = context;
  const folder = options.keep === undefined ? mkdtempSync(join(tmpdir(), 'evenkeel-demo-')) : resolve(context.directory, options.keep);
  if (options.keep !== undefined) {
    try {
      mkdirSync(folder, { recursive: false });
    } catch (error) {
      throw new EvenkeelError(
        'USAGE',
        `cannot make the folder ${options.keep}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
        { hint: 'Give the name of a folder that does not exist yet.', cause: error },
      );
    }
  }
  try {
    await tell(context, folder);
  } finally {
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
  terminal.out('');
  terminal.out(terminal.style('bold', 'What to type next'));
  for (const [command, what] of [
    ['evenkeel init', 'write an evenkeel.yaml for a repository of yours'],
    ['evenkeel diff', 'what a sync would do'],
    ['evenkeel sync', 'do it, in the sandbox of the folder you are in'],
    ['evenkeel sandbox', 'look at that sandbox with kubectl'],
    ['evenkeel sync --repo URL --path PATH --cluster CONTEXT', 'the same on a real cluster'],
  ] as const)
    terminal.out(`  ${command.padEnd(56)}${terminal.style('dim', what)}`);
  return exit.done;
}

async function tell({ terminal, env, signal }: CommandContext, folder: string): Promise<void> {
  const repository = join(folder, 'repository');
  const heading = (text: string) => {
    terminal.out('');
    terminal.out(terminal.style(['cyan', 'bold'], `▸ ${text}`));
  };
  heading('A Git repository with a small web shop');
  mkdirSync(repository);
  const git = gitIn(repository, env);
  await git('init', '--quiet', '--initial-branch=main');
  await commit(repository, git, shop({ replicas: 2, image: 'registry.example/shop/web:1.0.0', promo: true }), 'Open the shop');
  terminal.out(await git('log', '--oneline', '--stat', '--no-color'));

  const { openWorkspace } = await import('../../workspace/index.js');
  const workspace = await openWorkspace({ directory: folder, env });
  const { gitops } = workspace;
  const sync = async () => {
    const view = syncView(terminal);
    const report = await gitops.syncWorkflow('shop', { signal, onEvent: view.onEvent });
    view.end(report);
    if (!report.success) throw new EvenkeelError('SYNC_APPLY_FAILED', report.reason ?? report.message);
  };
  try {
    const { workflowId } = await declare(gitops, repository);
    heading('Preview: what a sync would do');
    showDiff(await gitops.generateDiff(workflowId, { signal }), terminal, { full: false });
    heading('Sync: apply it to the embedded cluster and wait until it is healthy');
    await sync();

    heading('A commit changes the image and the number of replicas');
    await commit(
      repository,
      git,
      shop({ replicas: 3, image: 'registry.example/shop/web:1.1.0', promo: true }),
      'Ship 1.1.0, three replicas',
    );
    showDiff(await gitops.generateDiff(workflowId, { signal }), terminal, { full: false });
    await sync();

    heading('A commit removes the promotion: it is pruned');
    await commit(repository, git, shop({ replicas: 3, image: 'registry.example/shop/web:1.1.0', promo: false }), 'End the promotion');
    showDiff(await gitops.generateDiff(workflowId, { signal }), terminal, { full: false });
    await sync();

    heading('Once more: nothing has changed, so nothing is sent');
    await sync();
  } finally {
    await workspace.close();
  }
}

async function declare(gitops: import('../../gitops/index.js').Gitops, repository: string): Promise<{ workflowId: string }> {
  await gitops.registerRepository({ id: 'shop', url: repository, branch: 'main' });
  const workflowId = await gitops.createWorkflow({
    id: 'shop',
    repository: 'shop',
    targetPath: 'deploy',
    namespace: 'shop',
    syncPolicy: { autoPrune: true, healthCheck: { timeout: '1m' } },
  });
  return { workflowId };
}

type Git = (...args: string[]) => Promise<string>;

/** The demo's own repository is made with a fixed author and none of the person's hooks or signing. */
function gitIn(folder: string, env: CommandContext['env']): Git {
  return async (...args) => {
    const { stdout } = await run(
      'git',
      ['-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.autocrlf=false', ...args],
      {
        cwd: folder,
        env: {
          ...env,
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_AUTHOR_NAME: 'Demo',
          GIT_AUTHOR_EMAIL: 'demo@example.com',
          GIT_COMMITTER_NAME: 'Demo',
          GIT_COMMITTER_EMAIL: 'demo@example.com',
        },
      },
    );
    return stdout.trimEnd();
  };
}

async function commit(folder: string, git: Git, files: { [path: string]: string }, message: string): Promise<void> {
  rmSync(join(folder, 'deploy'), { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  await git('add', '--all');
  await git('commit', '--quiet', '--message', message);
}

function shop({ replicas, image, promo }: { replicas: number; image: string; promo: boolean }): { [path: string]: string } {
  const files: { [path: string]: string } = {
    'deploy/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n',
    'deploy/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web-config\ndata:\n  greeting: Welcome aboard\n',
    'deploy/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: ${image}
          envFrom:
            - configMapRef: {name: web-config}
          ports:
            - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 80
      targetPort: 8080
`,
  };
  if (promo)
    files['deploy/promotion.yaml'] = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: promotion\ndata:\n  banner: Two for one\n';
  return files;
}
