import type { ASTNode } from '@marcbachmann/cel-js';
import type { StructuralSchema } from '../types.js';
import { declareType } from './declare.js';
import { loadedEngine } from './engine.js';

interface Checker {
  /** What is wrong with a rule, in the API server's words; undefined where nothing is. */
  problem(rule: string): string | undefined;
}

/**
 * Checks rules of one place in a schema before any object is there. Undefined where rules cannot be declared on
 * that place. The engine has to be loaded.
 */
export function ruleChecker(schema: StructuralSchema, root: boolean): Checker | undefined {
  const engine = loadedEngine();
  if (!engine) return undefined;
  const env = engine.base.clone();
  const type = declareType(env, schema, root);
  if (type === undefined) return undefined;
  env.registerVariable('self', type);
  env.registerVariable('oldSelf', type);
  return {
    problem(rule) {
      const checked = env.check(rule);
      if (!checked.valid) return `compilation failed: ${explain(rule, checked.error)}`;
      return checked.type === 'bool' || checked.type === 'dyn' ? undefined : 'cel expression must evaluate to a bool';
    },
  };
}

/** Whether a rule compares with the value before a change. */
export function isTransition(rule: string): boolean {
  return /\boldSelf\b/.test(rule.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""'));
}

interface CheckError {
  message: string;
  code?: string;
  summary?: string;
  range?: { start: number; end: number };
  node?: unknown;
}

/** An error with its place in the rule. */
function explain(rule: string, error: CheckError | undefined): string {
  const { text, offset } = worded(rule, error);
  const before = rule.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1);
  return `ERROR: <input>:${line}:${column + 1}: ${text}\n | ${rule.split('\n')[line - 1]}\n | ${'.'.repeat(column)}^`;
}

function worded(rule: string, error: CheckError | undefined): { text: string; offset: number } {
  const summary = error?.summary ?? error?.message.split('\n')[0] ?? '';
  const start = error?.range?.start ?? 0;
  const tail = (pattern: RegExp) => pattern.exec(summary)?.[1] ?? '';
  const node = error?.node as ASTNode | undefined;
  switch (error?.code) {
    case 'no_such_key':
      return { text: `undefined field '${tail(/: (.+)$/)}'`, offset: Math.max(rule.lastIndexOf('.', start), 0) };
    case 'unknown_variable':
      return { text: `undeclared reference to '${tail(/: (.+)$/)}' (in container '')`, offset: start };
    case 'no_such_overload': {
      const match = /: (.+?) (\S+) (.+)$/.exec(summary);
      if (match)
        return {
          text: `found no matching overload for '_${match[2]}_' applied to '(${shown(match[1])}, ${shown(match[3])})'`,
          offset: operatorOffset(node, start),
        };
      const unary = /: ([-!])(.+)$/.exec(summary);
      return { text: unary ? `found no matching overload for '${unary[1]}_' applied to '(${shown(unary[2])})'` : summary, offset: start };
    }
    case 'no_matching_overload': {
      const call = /'(?:(.+)\.)?(\w+)\((.*)\)'$/.exec(summary);
      const paren = Math.max(call ? rule.indexOf(`${call[2]}(`, start) + (call[2] as string).length : start, 0);
      if (!call) return { text: summary, offset: start };
      if (!isDeclared(call[2] as string)) return { text: `undeclared reference to '${call[2]}' (in container '')`, offset: paren };
      const target = call[1] === undefined ? '' : `${shown(call[1])}.`;
      return { text: `found no matching overload for '${call[2]}' applied to '${target}(${shown(call[3])})'`, offset: paren };
    }
    case 'unexpected_token':
      return { text: `Syntax error: mismatched input '${tail(/: (.+)$/) === 'EOF' ? '<EOF>' : tail(/: (.+)$/)}'`, offset: start };
    default:
      return { text: summary, offset: start };
  }
}

const shown = (type: string | undefined) => (type ?? '').replace(/\bobject\d+\b/g, 'object').replace(/<(.+)>/g, '($1)');

function operatorOffset(node: ASTNode | undefined, start: number): number {
  const args = node?.args;
  const right = Array.isArray(args) ? (args[1] as ASTNode | undefined) : undefined;
  const left = Array.isArray(args) ? (args[0] as ASTNode | undefined) : undefined;
  if (!node || !left?.range || !right?.range) return start;
  const at = node.input.indexOf(node.op, left.range.end);
  return at >= 0 && at < right.range.start ? at : start;
}

let declared: Set<string> | undefined;

function isDeclared(name: string): boolean {
  declared ??= new Set(
    loadedEngine()
      ?.base.getDefinitions()
      .functions.map((f) => f.name),
  );
  return declared.has(name);
}
