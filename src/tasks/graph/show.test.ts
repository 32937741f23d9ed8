import { describe, expect, test } from 'vitest';
import type { TaskDefinition } from '../types.js';
import { buildGraph } from './graph.js';
import { graphAsDot, graphAsMermaid, graphAsText } from './show.js';

const tasks: TaskDefinition[] = [
  { name: 'build "x" <y>', dependsOn: [] },
  { name: 'lint', dependsOn: [], retries: { limit: 2, backoff: 'fixed' } },
  { name: 'deploy', dependsOn: ['build "x" <y>', 'lint'], conditions: ['true'] },
  { name: 'alarm', dependsOn: ['deploy'], when: 'failure' },
];

describe('a graph', () => {
  test('as text', () => {
    expect(graphAsText(buildGraph(tasks))).toEqual([
      'Step 1',
      '  build "x" <y>',
      '  lint           up to 3 attempts',
      'Step 2',
      '  deploy         after build "x" <y>, lint; on a condition',
      'Step 3',
      '  alarm          after deploy; only after a failure',
    ]);
    expect(graphAsText(buildGraph([]))).toEqual([]);
  });

  test('as Mermaid, whose texts are escaped', () => {
    expect(graphAsMermaid(buildGraph(tasks))).toEqual([
      'flowchart TD',
      '  t1["build #34;x#34; #60;y#62;"]',
      '  t2["lint"]',
      '  t3["deploy"]',
      '  t4["alarm"]',
      '  t1 --> t3',
      '  t2 --> t3',
      '  t3 -. failure .-> t4',
    ]);
  });

  test('as DOT, whose names are quoted', () => {
    expect(graphAsDot(buildGraph(tasks), 'a\\b')).toEqual([
      'digraph "a\\\\b" {',
      '  rankdir=TB;',
      '  node [shape=box];',
      '  "build \\"x\\" <y>";',
      '  "lint";',
      '  "deploy";',
      '  "alarm";',
      '  "build \\"x\\" <y>" -> "deploy";',
      '  "lint" -> "deploy";',
      '  "deploy" -> "alarm" [style=dashed, label="failure"];',
      '}',
    ]);
  });

  test('has steps: the earliest at which each task can run', () => {
    const { level, order } = buildGraph([
      { name: 'd', dependsOn: ['c', 'a'] },
      { name: 'c', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
      { name: 'a', dependsOn: [] },
    ]);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect(Object.fromEntries(level)).toEqual({ a: 0, b: 1, c: 2, d: 3 });
  });
});
