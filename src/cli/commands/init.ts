import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EvenkeelError } from '../../model/index.js';
import { configNames } from '../../workspace/index.js';
import type { CommandContext } from '../context.js';
import { exit } from '../report.js';

export interface InitCommandOptions {
  repo?: string;
  path?: string;
  branch?: string;
  id?: string;
}

/** Writes an evenkeel.yaml to begin with. An existing one is never touched. */
export async function initCommand({ terminal, directory }: CommandContext, options: InitCommandOptions): Promise<number> {
  const existing = configNames.map((name) => join(directory, name)).find((path) => existsSync(path));
  if (existing !== undefined)
    throw new EvenkeelError('CONFIG_EXISTS', `${existing} exists already`, {
      where: { file: existing },
      hint: 'Edit it, or move it away first.',
    });
  const path = join(directory, 'evenkeel.yaml');
  writeFileSync(path, template(options), { flag: 'wx' });
  terminal.out(`Wrote ${path}`);
  terminal.out('');
  terminal.out('Next:');
  terminal.out(`  evenkeel diff    ${terminal.style('dim', 'what a sync would do, in the embedded sandbox')}`);
  terminal.out(`  evenkeel sync    ${terminal.style('dim', 'do it')}`);
  return exit.done;
}

/** Plain scalars of a template: anything that YAML could read otherwise is quoted. */
function scalar(text: string): string {
  return /^[A-Za-z0-9._/:@-]+$/.test(text) && !/^(true|false|yes|no|on|off|y|n|null|[0-9.+-]+)$/i.test(text) ? text : JSON.stringify(text);
}

function template({ repo = 'https://github.com/argoproj/argocd-example-apps', path, branch, id = 'my-app' }: InitCommandOptions): string {
  const target = path ?? (repo.endsWith('argocd-example-apps') ? 'guestbook' : '.');
  return `# What Evenkeel keeps in sync. Every setting: docs/configuration.md
repositories:
  - id: main
    url: ${scalar(repo)}
    branch: ${scalar(branch ?? (repo.endsWith('argocd-example-apps') ? 'master' : 'main'))}

workflows:
  - id: ${scalar(id)}
    repository: main
    target_path: ${scalar(target)}
    # The embedded sandbox, until you name a cluster: context:NAME of your kubeconfig.
    cluster: sandbox
    namespace: default
    sync_policy:
      auto_prune: true
      health_check:
        timeout: 5m
`;
}
