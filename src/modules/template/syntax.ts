import { EvenkeelError } from '../../model/index.js';

/** Offset into the source of a template. */
export type Offset = number;

export type Expression =
  | { type: 'value'; value: string | number | boolean | null; at: Offset }
  | { type: 'name'; name: string; at: Offset }
  | { type: 'member'; of: Expression; key: Expression; at: Offset }
  | { type: 'list'; items: Expression[]; at: Offset }
  | { type: 'not' | 'minus'; of: Expression; at: Offset }
  | { type: 'binary'; operator: string; left: Expression; right: Expression; at: Offset }
  | { type: 'filter'; name: string; of: Expression; args: Expression[]; at: Offset };

export type Node =
  | { type: 'text'; text: string }
  | { type: 'output'; value: Expression; at: Offset }
  | { type: 'if'; branches: { when: Expression | undefined; body: Node[] }[]; at: Offset }
  | { type: 'for'; key?: string; item: string; of: Expression; body: Node[]; otherwise: Node[]; at: Offset }
  | { type: 'set'; name: string; value: Expression; at: Offset };

export type TemplateCode = 'TEMPLATE_INVALID' | 'TEMPLATE_FAILED' | 'TEMPLATE_LIMIT';

/** A template and where it comes from, for messages. */
export interface Source {
  text: string;
  file?: string;
}

export function fault(
  code: TemplateCode,
  source: Source,
  { message, at, hint }: { message: string; at: Offset; hint?: string },
): EvenkeelError {
  const before = source.text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  const place = { ...(source.file === undefined ? {} : { file: source.file }), line, column };
  return new EvenkeelError(code, `template, line ${line}, column ${column}: ${message}`, {
    where: place,
    ...(hint === undefined ? {} : { hint }),
  });
}
