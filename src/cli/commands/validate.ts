import { count, type EvenkeelError, stringifyJson } from '../../model/index.js';
import { graphProblems } from '../../tasks/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { oneLine } from '../output.js';
import { errorLines, exit } from '../report.js';
import { inspectScript } from '../scripts/inspect.js';

/** Says all that is wrong with how the tasks of a script fit together. */
export function validateCommand(context: CommandContext, file: string, options: GlobalOptions): Promise<number> {
  const { terminal } = context;
  return inspectScript(context, { ...options, file }, async ({ pipelines }) => {
    const found = pipelines.map((pipeline) => ({ pipeline, problems: graphProblems(pipeline.tasks) }));
    const problems: EvenkeelError[] = found.flatMap((one) => one.problems);
    if (options.output === 'json') {
      terminal.out(
        stringifyJson(
          {
            valid: problems.length === 0,
            pipelines: pipelines.map(({ name, tasks }) => ({ name, tasks: tasks.length })),
            problems: problems.map((problem) => problem.toJSON()),
          },
          2,
        ),
      );
    } else {
      for (const { pipeline, problems: own } of found)
        if (own.length === 0)
          terminal.out(`${terminal.style('green', '✓')} ${oneLine(pipeline.name)}: ${count(pipeline.tasks.length, 'task')}`);
      for (const problem of problems) for (const line of errorLines(problem, terminal)) terminal.err(line);
      if (found.length === 0) terminal.out(`${terminal.style('green', '✓')} the script declares no tasks`);
    }
    return problems.length === 0 ? exit.done : exit.failed;
  });
}
