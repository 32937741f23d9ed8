import { type Json, parseJson } from '../../model/index.js';
import type { YNode } from './node.js';

/** Whether a text may have a comment with a schema that says how to merge. */
export const mayHoldSchemas = /#\s*\{[^\n]*"(?:x-kubernetes-|\$ref)/;

const comment = /(?:^|\s)#+\s*(\{.*\})\s*$/;

/**
 * Puts the schemas of comments (`items: # {"type":"array","x-kubernetes-patch-strategy":"merge"}`) to the keys
 * and values that they stand beside or above.
 */
export function attachSchemas(root: YNode, text: string): void {
  const lines = text.split('\n');
  const starts: number[] = [];
  let offset = 0;
  const schemas = new Map<number, { schema: Json; alone: boolean }>();
  for (const [i, line] of lines.entries()) {
    starts.push(offset);
    offset += line.length + 1;
    const found = comment.exec(line)?.[1];
    const schema = found === undefined ? undefined : readSchema(found);
    if (schema !== undefined) schemas.set(i, { schema, alone: line.trimStart().startsWith('#') });
  }
  if (schemas.size > 0) visit(root);

  function visit(node: YNode): void {
    if (node.kind === 'map')
      for (let i = 0; i < node.content.length; i += 2) {
        const key = node.content[i] as YNode;
        const value = node.content[i + 1] as YNode;
        const line = lineOf(key);
        const beside = schemas.get(line);
        const above = schemas.get(line - 1);
        if (beside !== undefined) {
          if (value.kind === 'scalar' && lineOf(value) === line) value.schema = beside.schema;
          else key.schema = beside.schema;
        } else if (above?.alone) key.schema = above.schema;
        visit(value);
      }
    else
      for (const item of node.content) {
        const beside = item.kind === 'scalar' ? schemas.get(lineOf(item)) : undefined;
        if (beside !== undefined) item.schema = beside.schema;
        visit(item);
      }
  }

  function lineOf({ at = 0 }: YNode): number {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function readSchema(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
