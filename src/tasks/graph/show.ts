import { printable } from '../../model/index.js';
import type { TaskDefinition } from '../types.js';
import type { TaskGraph } from './graph.js';

const line = (text: string) => printable(text).replace(/[\n\t]+/g, ' ');

/** Step by step: what can run at the same time stands together. */
export function graphAsText(graph: TaskGraph): string[] {
  const lines: string[] = [];
  const steps = Math.max(-1, ...graph.level.values()) + 1;
  const byStep = Array.from({ length: steps }, (): string[] => []);
  for (const name of graph.order) byStep[graph.level.get(name) ?? 0]?.push(name);
  const width = Math.min(40, Math.max(0, ...graph.order.map((name) => name.length)));
  for (const [step, names] of byStep.entries()) {
    lines.push(`Step ${step + 1}`);
    for (const name of names) {
      const task = graph.tasks.get(name) as TaskDefinition;
      const after = task.dependsOn.length > 0 ? `after ${task.dependsOn.map(line).join(', ')}` : '';
      const notes = [after, ...marksOf(task)].filter((note) => note !== '').join('; ');
      lines.push(`  ${line(name).padEnd(notes === '' ? 0 : width)}  ${notes}`.trimEnd());
    }
  }
  return lines;
}

/** A flowchart in the language of Mermaid. */
export function graphAsMermaid(graph: TaskGraph): string[] {
  const ids = idsOf(graph);
  const text = (value: string) => line(value).replace(/[&<>"#;]/g, (c) => `#${c.charCodeAt(0)};`);
  return [
    'flowchart TD',
    ...graph.order.map((name) => `  ${ids.get(name)}["${text(name)}"]`),
    ...edges(graph).map(
      ({ from, to, trigger }) => `  ${ids.get(from)} ${trigger === undefined ? '-->' : `-. ${trigger} .->`} ${ids.get(to)}`,
    ),
  ];
}

/** A digraph in the language of Graphviz. */
export function graphAsDot(graph: TaskGraph, name: string): string[] {
  const quote = (value: string) => `"${line(value).replace(/[\\"]/g, '\\$&')}"`;
  return [
    `digraph ${quote(name)} {`,
    '  rankdir=TB;',
    '  node [shape=box];',
    ...graph.order.map((task) => `  ${quote(task)};`),
    ...edges(graph).map(
      ({ from, to, trigger }) =>
        `  ${quote(from)} -> ${quote(to)}${trigger === undefined ? '' : ` [style=dashed, label=${quote(trigger)}]`};`,
    ),
    '}',
  ];
}

function idsOf(graph: TaskGraph): Map<string, string> {
  return new Map(graph.order.map((name, index) => [name, `t${index + 1}`]));
}

function edges(graph: TaskGraph): { from: string; to: string; trigger: string | undefined }[] {
  return graph.order.flatMap((to) => {
    const { dependsOn, when } = graph.tasks.get(to) as TaskDefinition;
    const trigger = when === undefined || when === 'success' ? undefined : when;
    return [...new Set(dependsOn)].map((from) => ({ from, to, trigger }));
  });
}

function marksOf({ when, conditions, retries }: TaskDefinition): string[] {
  return [
    ...(when === 'failure' ? ['only after a failure'] : when === 'always' ? ['always'] : []),
    ...(conditions === undefined ? [] : ['on a condition']),
    ...(retries === undefined || retries.limit === 0 ? [] : [`up to ${retries.limit + 1} attempts`]),
  ];
}
