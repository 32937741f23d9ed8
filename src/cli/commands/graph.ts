import { buildGraph, graphAsDot, graphAsMermaid, graphAsText, type PipelineDefinition, type TaskGraph } from '../../tasks/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { exit } from '../report.js';
import { inspectScript } from '../scripts/inspect.js';
import { choosePipeline } from '../scripts/session.js';

export interface GraphCommandOptions extends Omit<GlobalOptions, 'output'> {
  output?: 'text' | 'json' | 'mermaid' | 'dot';
  pipeline?: string;
}

export async function graphCommand(
  context: CommandContext,
  file: string,
  { output = 'text', ...options }: GraphCommandOptions,
): Promise<number> {
  await inspectScript(context, { ...options, file }, async ({ pipelines }) => {
    const pipeline: PipelineDefinition = choosePipeline(pipelines, options.pipeline, []) ?? { name: '', tasks: [] };
    const graph = buildGraph(pipeline.tasks);
    for (const line of linesOf(graph, pipeline.name, output)) context.terminal.out(line);
  });
  return exit.done;
}

function linesOf(graph: TaskGraph, name: string, output: NonNullable<GraphCommandOptions['output']>): string[] {
  switch (output) {
    case 'mermaid':
      return graphAsMermaid(graph);
    case 'dot':
      return graphAsDot(graph, name);
    case 'json':
      return [
        JSON.stringify(
          {
            pipeline: name,
            order: graph.order,
            tasks: graph.order.map((task) => ({ name: task, step: graph.level.get(task), after: graph.tasks.get(task)?.dependsOn })),
          },
          undefined,
          2,
        ),
      ];
    default:
      return graph.order.length === 0 ? ['The script declares no tasks.'] : graphAsText(graph);
  }
}
