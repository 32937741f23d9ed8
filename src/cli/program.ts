import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EvenkeelError, stringifyJson } from '../model/index.js';
import type { CommandContext } from './context.js';
import { exit } from './report.js';
import { version } from './version.js';

export interface Program {
  run(args: readonly string[]): Promise<number>;
  /** Whether the command that ran was asked for JSON: then its error is JSON too. */
  wantsJson(): boolean;
  /** The commands, for completion scripts. */
  readonly command: Command;
}

type Action = (context: CommandContext) => Promise<number>;

/** The command line. A command's room is read when the command runs. */
export function buildProgram(context: CommandContext): Program {
  let chosen: Action | undefined;
  let json = false;
  const choose = (action: Action, options: { output?: string }) => {
    json = options.output === 'json';
    chosen = action;
  };

  const program = new Command('evenkeel')
    .description('Keeps Kubernetes clusters equal to Git: see the diff, sync, verify.')
    .version(version, '-V, --version')
    .showSuggestionAfterError(true)
    .helpCommand('help [command]', 'explain a command')
    .addHelpText('after', '\nFirst time here? Run: evenkeel demo');

  const workflowArgument = '[workflow]';

  withOneOff(
    withGlobals(
      program
        .command('diff')
        .summary('show what a sync would do')
        .description('Shows what a sync would do, without doing it: changes, conflicts, impact.')
        .argument(workflowArgument, 'id of a workflow; the only one where it is left out'),
    ),
  )
    .option('--prune', 'count what left Git as to be deleted')
    .option('--take-back', 'count changes made by hand as to be set back')
    .option('--adopt', 'count objects that belong to no workflow as to be taken over')
    .option('--full', 'show created objects whole')
    .option('--exit-code', 'exit with 2 where there is something to do')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/diff.js')).diffCommand(c, name, options), options),
    );

  withOneOff(
    withGlobals(
      program
        .command('sync')
        .summary('make the cluster equal to Git')
        .description('Applies what Git says, waits until it is healthy, and records what was done.')
        .argument(workflowArgument, 'id of a workflow; the only one where it is left out'),
    ),
  )
    .option('--prune', 'delete what left Git')
    .option('--take-back', 'set fields that people changed by hand back to what Git says')
    .option('--adopt', 'take over objects that exist and belong to no workflow')
    .option('--allow-mass-prune', 'delete even where that is most of what there is')
    .option('--plan <file>', 'apply exactly this plan, or nothing')
    .option('--reason <text>', 'why, for the history')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/sync.js')).syncCommand(c, name, options), options),
    );

  withOneOff(
    program
      .command('plan')
      .summary('freeze a diff, to apply exactly it later')
      .description(
        'Shows what a sync would do and keeps it: "evenkeel sync --plan FILE" applies exactly that, or nothing where Git or the cluster has moved.',
      )
      .argument(workflowArgument, 'id of a workflow; the only one where it is left out')
      .option('-o, --output <file>', 'file to keep it in; "json" prints it'),
  )
    .option('--prune', 'delete what left Git')
    .option('--take-back', 'set changes made by hand back')
    .option('--adopt', 'take over objects that belong to no workflow')
    .option('--full', 'show created objects whole')
    .option('--state <folder>', 'folder of the state (default .evenkeel beside evenkeel.yaml)')
    .option('--config <file>', 'configuration file (default evenkeel.yaml here or above)')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/plan.js')).planCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('approve')
      .summary('let a sync go ahead that waits for a person')
      .description('Approves exactly the changes that a workflow waits with; any other change needs another approval.')
      .argument(workflowArgument, 'id of a workflow; the only one where it is left out'),
  )
    .option('--plan <file>', 'approve the changes of this plan')
    .option('--approval <id>', 'only if this request is the one that is open; diff and status name it')
    .option('--reason <text>', 'why, for the audit trail')
    .option('-y, --yes', 'do not ask, where no sync has asked for approval yet')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/approve.js')).approveCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('reject')
      .summary('refuse what a sync waits with')
      .description('Rejects exactly the changes that a workflow waits with: they are not applied until something changes.')
      .argument(workflowArgument, 'id of a workflow; the only one where it is left out'),
  )
    .option('--plan <file>', 'reject the changes of this plan')
    .option('--approval <id>', 'only if this request is the one that is open; diff and status name it')
    .option('--reason <text>', 'why, for the audit trail')
    .option('-y, --yes', 'do not ask, where no sync has asked for approval yet')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/approve.js')).rejectCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('status')
      .summary('show workflows and the health of their objects')
      .description('Shows all workflows, or one with its objects as the cluster has them now.')
      .argument(workflowArgument, 'id of a workflow'),
  )
    .option('--exit-code', 'exit with 2 where an object is not healthy or not as Git says')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/status.js')).statusCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('history')
      .summary('show past syncs')
      .description('Shows past syncs, newest first.')
      .argument(workflowArgument, 'id of a workflow'),
  )
    .option('--limit <n>', 'how many (default 20)')
    .option('--show <run>', 'show one run with every resource')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/history.js')).historyCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('rollback')
      .summary('put the objects of a workflow back as they were')
      .description('Puts back what syncs have changed, from the snapshots taken before them; shows what that means first. Needs no Git.')
      .argument(workflowArgument, 'id of a workflow; the only one where it is left out'),
  )
    .option('--revision <hash>', 'back to the state of this revision (default: the last good one before the present)')
    .option('--time <time>', 'back to the state at this time, for example 2026-01-31T12:00:00Z')
    .option('--run <id>', 'back to the state after this run')
    .option('--reason <text>', 'why, for the history')
    .option('--dry-run', 'only show what it would do')
    .option('-y, --yes', 'do not ask')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/rollback.js')).rollbackCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('resume')
      .summary('end the hold that a rollback left')
      .description('Lets a workflow sync again after a rollback, the revision that was rolled back included.')
      .argument(workflowArgument, 'id of a workflow; the only one where it is left out'),
  )
    .option('--reason <text>', 'why, for the audit trail')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/rollback.js')).resumeCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('audit')
      .summary('show who did what, and why')
      .description('Shows the audit trail, newest first. Every entry is chained to the one before by a hash.')
      .argument(workflowArgument, 'id of a workflow; all where it is left out'),
  )
    .option('--limit <n>', 'how many (default 50)')
    .option('--verify', 'check that no entry was changed or removed; exit with 1 where one was')
    .action((name: string | undefined, options) =>
      choose(async (c) => (await import('./commands/audit.js')).auditCommand(c, name, options), options),
    );

  withGlobals(
    program
      .command('run')
      .summary('run a pipeline of tasks')
      .description('Runs the tasks of a script (TypeScript, JavaScript, Lua) in the order of their dependencies.')
      .argument('<file>', 'script')
      .argument('[tasks...]', 'tasks to run, with what they depend on; all where it is left out'),
  )
    .option('--pipeline <name>', 'which pipeline, where the script has several')
    .option('--param <name=value>', 'a parameter (repeatable)', collect)
    .option('--values <file>', 'parameters from a YAML or JSON file (repeatable)', collect)
    .option('--from <task>', 'run this task and what depends on it')
    .option('--only <task>', 'run this task and nothing else (repeatable)', collect)
    .option('--dry-run', 'only show what would run, in which order')
    .option('--resume [run]', 'go on from the last run, or from the one that is named: what succeeded is not run again')
    .option('--max-parallel <n>', 'tasks at the same time, in place of what the pipeline says')
    .option('--answer <text>', 'answer to a question of the script, in their order (repeatable)', collect)
    .option('-y, --yes', 'answer "y" to all questions of the script')
    .option('--stay', 'leave auto-sync that the script started running, until Ctrl-C')
    .option('-v, --verbose', 'show every line, those for who looks for a mistake too')
    .action((file: string, tasks: string[], options) =>
      choose(async (c) => (await import('./commands/run.js')).runCommand(c, file, tasks, options), options),
    );

  withGlobals(
    program
      .command('list')
      .summary('list the tasks of a script')
      .description('Lists the pipelines, tasks and parameters that a script declares.')
      .argument('<file>', 'script'),
  ).action((file: string, options) => choose(async (c) => (await import('./commands/list.js')).listCommand(c, file, options), options));

  withGlobals(
    program
      .command('validate')
      .summary('check the tasks of a script')
      .description('Checks that a script can be read and that its tasks fit together: names, dependencies, no circles.')
      .argument('<file>', 'script'),
  ).action((file: string, options) =>
    choose(async (c) => (await import('./commands/validate.js')).validateCommand(c, file, options), options),
  );

  withState(
    program
      .command('graph')
      .summary('show what the tasks of a script wait for')
      .description('Shows the graph of the tasks of a script.')
      .argument('<file>', 'script')
      .addOption(new Option('-o, --output <format>', 'format of the result').choices(['text', 'mermaid', 'dot', 'json']).default('text')),
  )
    .option('--pipeline <name>', 'which pipeline, where the script has several')
    .action((file: string, options) => choose(async (c) => (await import('./commands/graph.js')).graphCommand(c, file, options), options));

  withGlobals(
    program
      .command('runs')
      .summary('show past runs of pipelines')
      .description('Shows past runs of pipelines, newest first, or one with its tasks.')
      .argument('[run]', 'id of a run'),
  )
    .option('--limit <n>', 'how many (default 20)')
    .option('--task <name>', 'only this task, with the lines that it wrote')
    .option('--logs', 'with the lines of all tasks')
    .option('--metrics', 'what it counted, as Prometheus reads it')
    .action((run: string | undefined, options) =>
      choose(async (c) => (await import('./commands/runs.js')).runsCommand(c, run, options), options),
    );

  withGlobals(
    program
      .command('forget')
      .summary('forget a workflow; its objects stay')
      .description('Forgets a workflow that came from a command line or a script. Its objects stay in the cluster, its history stays.')
      .argument('<workflow>', 'id of a workflow'),
  ).action((name: string, options) => choose(async (c) => (await import('./commands/forget.js')).forgetCommand(c, name, options), options));

  program
    .command('render')
    .summary('print the manifests of a folder')
    .description('Prints the objects that a folder of this machine renders to. No cluster is needed.')
    .argument('<path>', 'folder or file')
    .addOption(new Option('-o, --output <format>', 'format of the result').choices(['yaml', 'json']).default('yaml'))
    .option('--include <glob>', 'files to read (repeatable)', collect)
    .option('--exclude <glob>', 'files to leave out (repeatable)', collect)
    .addOption(
      new Option('--load-restrictor <where>', 'where files of a kustomization may lie: "root" is its own folder and below')
        .choices(['root', 'none'])
        .default('root'),
    )
    .addOption(
      new Option('--reorder <order>', 'order of what a kustomization makes, unless its sortOptions say one')
        .choices(['none', 'legacy'])
        .default('legacy'),
    )
    .addOption(
      new Option('--remote-bases <what>', 'bases of a kustomization in other repositories').choices(['allow', 'refuse']).default('allow'),
    )
    .action((path: string, options) =>
      choose(async (c) => (await import('./commands/render.js')).renderCommand(c, path, options), options),
    );

  withGlobals(
    program
      .command('health')
      .summary('print the health of objects in a file')
      .description('Prints the health of objects from a file or standard input (YAML, JSON or JSON lines). No cluster is needed.'),
  )
    .requiredOption('-f, --filename <file>', 'file, or - for standard input')
    .option('--exit-code', 'exit with 2 where an object is not healthy')
    .action((options) => choose(async (c) => (await import('./commands/health.js')).healthCommand(c, options), options));

  withGlobals(
    program
      .command('sandbox')
      .summary('serve the embedded cluster')
      .description('Serves the embedded Kubernetes API server of this folder, for kubectl and other commands, until Ctrl-C.'),
  )
    .option('--port <n>', 'port; 0 takes a free one', '0')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--token-auth-file <file>', 'users, in the CSV format of kube-apiserver: token,user,uid,"group1,group2"')
    .option('--no-controllers', 'leave the simulated controllers off: nothing progresses by itself')
    .option('--pace <factor>', 'speed of the simulated controllers: 0 at once, 1 as in a quick cluster')
    .option('--memory', 'keep nothing on disk')
    .option('--reset', 'forget what is in it first')
    .action((options) => choose(async (c) => (await import('./commands/sandbox.js')).sandboxCommand(c, options), options));

  program
    .command('init')
    .summary('write an evenkeel.yaml to begin with')
    .description('Writes an evenkeel.yaml into this folder.')
    .option('--repo <url>', 'repository')
    .option('--path <path>', 'folder in it')
    .option('--branch <name>', 'branch to follow')
    .option('--id <id>', 'id of the workflow')
    .action((options) => choose(async (c) => (await import('./commands/init.js')).initCommand(c, options), options));

  program
    .command('demo')
    .summary('see it work, in a minute and without a cluster')
    .description('Makes a small Git repository, previews it, syncs it to a sandbox of its own, changes it, syncs again, prunes.')
    .option('--keep <folder>', 'leave everything in this folder to look at')
    .action((options) => choose(async (c) => (await import('./commands/demo.js')).demoCommand(c, options), options));

  withGlobals(
    program
      .command('doctor')
      .summary('check this machine and this folder')
      .description('Checks the programs, the state, the configuration, the repositories and the clusters that this folder uses.'),
  ).action((options) => choose(async (c) => (await import('./commands/doctor.js')).doctorCommand(c, options), options));

  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Prints a completion script. For bash: source <(evenkeel completion bash)')
    .addArgument(program.createArgument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: 'bash' | 'zsh' | 'fish', options) =>
      choose(async (c) => (await import('./commands/completion.js')).completionCommand(c, shell, program), options),
    );

  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => context.terminal.out(text.replace(/\n$/, '')),
      writeErr: (text) => context.terminal.err(text.replace(/\n$/, '')),
    });
  }

  return {
    command: program,
    wantsJson: () => json,
    async run(args) {
      if (args.length === 0) {
        program.outputHelp();
        return exit.done;
      }
      try {
        await program.parseAsync(args as string[], { from: 'user' });
      } catch (error) {
        if (error instanceof CommanderError) {
          if (error.exitCode === 0) return exit.done;
          // The parser has said it on standard error; whoever reads JSON gets it as JSON too.
          if (asksForJson(args)) context.terminal.out(stringifyJson({ error: usageError(error.message).toJSON() }, 2));
          return exit.usage;
        }
        throw error;
      }
      return chosen === undefined ? exit.done : chosen(context);
    },
  };
}

function withGlobals(command: Command): Command {
  return withState(
    command.addOption(new Option('-o, --output <format>', 'format of the result').choices(['text', 'json']).default('text')),
  );
}

function withState(command: Command): Command {
  return command
    .option('--state <folder>', 'folder of the state (default .evenkeel beside evenkeel.yaml)')
    .option('--config <file>', 'configuration file (default evenkeel.yaml here or above)');
}

function withOneOff(command: Command): Command {
  return command
    .option('--repo <url>', 'repository, without an evenkeel.yaml: path, https://, ssh://, git@host:path, owner/name')
    .option('--path <path>', 'folder in the repository (default: its root)')
    .option('--branch <name>', "branch (default: the repository's own)")
    .option('--tag <name>', 'tag instead of a branch')
    .option('--commit <hash>', 'commit instead of a branch')
    .option('--cluster <context>', 'context of your kubeconfig, "in-cluster", or "sandbox" (default)')
    .option('--kubeconfig <file>', 'kubeconfig file; alone it means its current context')
    .option('--namespace <name>', 'for objects that name none (default "default")', namespace)
    .option('--create-namespace', 'make namespaces that are missing')
    .option('--include <glob>', 'files to read (repeatable)', collect)
    .option('--exclude <glob>', 'files to leave out (repeatable)', collect)
    .option('--id <id>', 'id to remember it by')
    .option('--health-timeout <duration>', 'how long to wait until everything is healthy (default 5m)')
    .option('--no-wait', 'do not wait until everything is healthy');
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function namespace(value: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It is not a namespace name.');
  return value;
}

/** Whether a command line that could not be read asked for JSON. */
function asksForJson(args: readonly string[]): boolean {
  return args.some(
    (arg, i) => arg === '-ojson' || arg === '--output=json' || (arg === 'json' && /^(-o|--output)$/.test(args[i - 1] ?? '')),
  );
}

function usageError(message: string): EvenkeelError {
  return new EvenkeelError('USAGE', message.replace(/^error: /, '').replace(/\n.*$/s, ''), {
    hint: /\n\(?(Did you mean[^)]*)\)?/.exec(message)?.[1],
  });
}
