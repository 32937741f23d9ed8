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
  const syntax = error && syntaxProblems(rule, error);
  return (syntax ?? [worded(rule, error)]).map((problem) => placed(rule, problem)).join('\n');
}

function placed(rule: string, { text, offset }: Problem): string {
  const before = rule.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1);
  return `ERROR: <input>:${line}:${column + 1}: ${text}\n | ${rule.split('\n')[line - 1]}\n | ${'.'.repeat(column)}^`;
}

interface Problem {
  text: string;
  offset: number;
}

const operands = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** What a rule that cannot be read is refused with; undefined for rules that can be. */
function syntaxProblems(rule: string, { code, summary = '', range }: CheckError): Problem[] | undefined {
  const offset = range?.start ?? 0;
  const rest = rule.slice(offset);
  const say = (text: string, at = offset): Problem => ({ text: `Syntax error: ${text}`, offset: at });
  if (code === 'unexpected_token')
    return [
      say(
        `mismatched input '${rest.trim() === '' ? '<EOF>' : (range && rule.slice(range.start, range.end)) || rest}' expecting ${operands}`,
      ),
    ];
  if (code === 'expected_token' && summary === 'Expected RPAREN, got EOF') return [say("missing ')' at '<EOF>'")];
  if (code !== 'unexpected_character') return undefined;
  const half = /^([=&|])(\s?)/.exec(rest);
  if (half) {
    const next = offset + half[0].length;
    const token = tokenAt(rule, next);
    return [say(`token recognition error at: '${half[0]}'`), ...(token ? [extra(rule, next, token)] : [])];
  }
  const token = tokenAt(rule, offset);
  return token ? [extra(rule, offset, token)] : undefined;

  function extra(text: string, at: number, found: string): Problem {
    const last = text.slice(at + found.length).trim() === '';
    return say(`${last ? 'extraneous' : 'mismatched'} input '${found}' expecting <EOF>`, at);
  }
}

/** The word, number, text or sign at a place of a rule. */
function tokenAt(rule: string, at: number): string | undefined {
  return /^(?:[A-Za-z_]\w*|\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()[\]{},:?.])/.exec(rule.slice(at))?.[0];
}

function worded(rule: string, error: CheckError | undefined): Problem {
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
          text: `found no matching overload for '${match[2] === 'in' ? '@in' : `_${match[2]}_`}' applied to '(${shown(match[1])}, ${shown(match[3])})'`,
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
    case 'incompatible_ternary_branches': {
      const [, yes, no] = /got '(.+)' and '(.+)'$/.exec(summary) ?? [];
      const test = (node?.args as ASTNode[] | undefined)?.[0];
      const offset = test ? rule.indexOf('?', test.range.end) : start;
      return { text: `found no matching overload for '_?_:_' applied to '(bool, ${shown(yes)}, ${shown(no)})'`, offset };
    }
    case 'cannot_index_type': {
      const type = tail(/'(.+)'$/);
      const of = (node?.args as ASTNode[] | undefined)?.[0];
      if (!of) break;
      if (node?.op === '[]') {
        const by = typeof node.args[1].args === 'string' ? 'string' : 'int';
        return {
          text: `found no matching overload for '_[_]' applied to '(${shown(type)}, ${by})'`,
          offset: rule.indexOf('[', of.range.end),
        };
      }
      return {
        text: `type '${messageTypes[type] ?? shown(type)}' does not support field selection`,
        offset: rule.indexOf('.', of.range.end),
      };
    }
    case 'invalid_comprehension_range':
      return {
        text: `expression of type '${shown(tail(/'(.+)'/))}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        offset: Math.max(node?.op === '.' ? rule.lastIndexOf('.', start) : start, 0),
      };
  }
  return { text: summary, offset: start };
}

const messageTypes: { [type: string]: string } = {
  bool: 'primitive:BOOL',
  bytes: 'primitive:BYTES',
  double: 'primitive:DOUBLE',
  int: 'primitive:INT64',
  string: 'primitive:STRING',
};

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
