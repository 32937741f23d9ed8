import { stringifyJson } from '../../model/index.js';
import { type PipelineDefinition, specOf, type TaskDefinition } from '../../tasks/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { oneLine, table } from '../output.js';
import { exit } from '../report.js';
import { inspectScript } from '../scripts/inspect.js';

export async function listCommand(context: CommandContext, file: string, options: GlobalOptions): Promise<number> {
  const { terminal } = context;
  await inspectScript(context, { ...options, file }, async ({ pipelines }) => {
    if (options.output === 'json') {
      terminal.out(stringifyJson(pipelines.map(asJson), 2));
      return;
    }
    if (pipelines.length === 0) terminal.out('The script declares no tasks.');
    for (const [index, pipeline] of pipelines.entries()) {
      if (index > 0) terminal.out('');
      const version = pipeline.version === undefined ? '' : ` ${oneLine(pipeline.version)}`;
      terminal.out(
        `${terminal.style('bold', oneLine(pipeline.name))}${version}${pipeline.description === undefined ? '' : `  ${oneLine(pipeline.description)}`}`,
      );
      for (const row of table(pipeline.tasks.map(taskRow))) terminal.out(row);
      const params = paramRows(pipeline);
      if (params.length > 0) terminal.out('Parameters');
      for (const row of table(params)) terminal.out(row);
    }
  });
  return exit.done;
}

function taskRow(task: TaskDefinition): string[] {
  const after = task.dependsOn.length === 0 ? '' : `after ${task.dependsOn.map(oneLine).join(', ')}`;
  return [`  ${oneLine(task.name)}`, oneLine(task.description ?? ''), after];
}

function paramRows(pipeline: PipelineDefinition): string[][] {
  const seen = new Map<string, string[]>();
  for (const declared of [pipeline.params, ...pipeline.tasks.map((task) => task.params)]) {
    for (const [name, one] of Object.entries(declared ?? {})) {
      if (seen.has(name)) continue;
      const { type = 'string', required, default: value, description, secret, choices } = specOf(one);
      const shown =
        value === undefined ? (required === true ? 'required' : '') : secret === true ? 'default •••' : `default ${JSON.stringify(value)}`;
      const from = choices === undefined ? '' : `one of ${choices.join(', ')}`;
      seen.set(name, [`  ${name}`, type, shown, oneLine([description ?? '', from].filter((text) => text !== '').join('; '))]);
    }
  }
  return [...seen.values()];
}

function asJson(pipeline: PipelineDefinition): { [name: string]: unknown } {
  const params = (declared: PipelineDefinition['params']) =>
    Object.fromEntries(
      Object.entries(declared ?? {}).map(([name, one]) => {
        const spec = specOf(one);
        return [name, spec.secret === true ? { ...spec, default: undefined } : spec];
      }),
    );
  return {
    name: pipeline.name,
    description: pipeline.description,
    version: pipeline.version,
    metadata: pipeline.metadata,
    max_parallel: pipeline.maxParallel,
    params: params(pipeline.params),
    source: pipeline.source,
    tasks: pipeline.tasks.map((task) => ({
      name: task.name,
      description: task.description,
      depends_on: task.dependsOn,
      command: typeof task.command === 'string' ? task.command : task.command === undefined ? undefined : { function: true },
      timeout_ms: task.timeoutMs,
      retries: task.retries,
      when: task.when,
      conditions: task.conditions?.length,
      params: params(task.params),
      artifacts: task.artifacts,
      source: task.source,
    })),
  };
}
