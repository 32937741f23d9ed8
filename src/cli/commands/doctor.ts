import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { asEvenkeelError, describeWhere, stringifyJson } from '../../model/index.js';
import { findPaths, readConfig, readSandboxLink } from '../../workspace/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { oneLine } from '../output.js';
import { exit } from '../report.js';
import { version } from '../version.js';

const run = promisify(execFile);

interface Finding {
  check: string;
  state: 'ok' | 'warning' | 'problem';
  message: string;
  hint?: string;
}

/** Looks at everything that a sync from this folder stands on. Exits with 1 where something would fail. */
export async function doctorCommand(context: CommandContext, options: GlobalOptions): Promise<number> {
  const findings: Finding[] = [
    { check: 'evenkeel', state: 'ok', message: version },
    nodeVersion(),
    await program('git', ['--version'], 'problem', 'Install git.'),
    await program('kubectl', ['version', '--client'], 'warning', 'Only needed to look at clusters by hand.'),
    ...folder(context, options),
  ];
  if (findings.every((finding) => finding.state !== 'problem')) findings.push(...(await workspace(context, options)));
  show(findings, context, options);
  return findings.some((finding) => finding.state === 'problem') ? exit.failed : exit.done;
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fine = major > 20 || (major === 20 && minor >= 20);
  return {
    check: 'node',
    state: fine ? 'ok' : 'problem',
    message: process.versions.node,
    ...(fine ? {} : { hint: 'Evenkeel needs Node 20.20 or newer.' }),
  };
}

async function program(name: string, args: string[], missing: 'warning' | 'problem', hint: string): Promise<Finding> {
  try {
    const { stdout } = await run(name, args, { timeout: 10_000 });
    return { check: name, state: 'ok', message: oneLine(stdout.split('\n')[0] ?? '') };
  } catch (error) {
    return {
      check: name,
      state: missing,
      message: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not found' : oneLine((error as Error).message),
      hint,
    };
  }
}

function folder({ directory, env }: CommandContext, options: GlobalOptions): Finding[] {
  const paths = findPaths(directory, { state: options.state ?? env['EVENKEEL_STATE'], config: options.config });
  const findings: Finding[] = [];
  if (paths.config === undefined) findings.push({ check: 'configuration', state: 'ok', message: 'no evenkeel.yaml here or above' });
  else {
    try {
      const config = readConfig(paths.config);
      findings.push({ check: 'configuration', state: 'ok', message: `${paths.config}: ${config.workflows?.length ?? 0} workflows` });
    } catch (thrown) {
      const error = asEvenkeelError(thrown);
      findings.push({
        check: 'configuration',
        state: 'problem',
        message: `${error.message} (${describeWhere(error.where)})`,
        hint: error.hint,
      });
    }
  }
  let existing = paths.state;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
    findings.push({ check: 'state', state: 'ok', message: existsSync(paths.state) ? paths.state : `${paths.state} (made when needed)` });
  } catch {
    findings.push({
      check: 'state',
      state: 'problem',
      message: `${existing} cannot be written`,
      hint: 'Choose another folder with --state.',
    });
  }
  const link = readSandboxLink(paths);
  findings.push({
    check: 'sandbox',
    state: 'ok',
    message: link === undefined ? 'embedded, not served' : `served at ${link.url} by pid ${link.pid}`,
  });
  return findings;
}

async function workspace(context: CommandContext, options: GlobalOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    await withWorkspace(context, options, async ({ gitops }) => {
      const workflows = await gitops.listWorkflows();
      findings.push({ check: 'store', state: 'ok', message: `${workflows.length} workflows` });
      for (const { id } of workflows)
        findings.push(...(await gitops.check(id, context.signal)).map(({ what, error }) => finding(`${id}: ${what}`, error)));
    });
  } catch (thrown) {
    findings.push(finding('store', asEvenkeelError(thrown)));
  }
  return findings;
}

function finding(check: string, error: ReturnType<typeof asEvenkeelError> | undefined): Finding {
  return error === undefined
    ? { check, state: 'ok', message: 'reachable' }
    : { check, state: 'problem', message: error.message, hint: error.hint };
}

const signs = { ok: ['green', '✓'], warning: ['yellow', '!'], problem: ['red', '✗'] } as const;

function show(findings: readonly Finding[], { terminal }: CommandContext, { output }: GlobalOptions): void {
  if (output === 'json') {
    terminal.out(stringifyJson(findings, 2));
    return;
  }
  for (const { check, state, message, hint } of findings) {
    const [color, sign] = signs[state];
    terminal.out(`${terminal.style(color, sign)} ${check.padEnd(14)} ${oneLine(message)}`);
    if (state !== 'ok' && hint !== undefined) terminal.out(`  ${terminal.style('cyan', '→')} ${oneLine(hint)}`);
  }
}
