import type { ASTNode } from '@marcbachmann/cel-js';

const macros = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);
const maxMacros = 8;
const maxNesting = 2;
const maxChoices = 8;

/**
 * Why an expression could cost too much to evaluate, or undefined. The library bounds what is parsed, not what is run:
 * with lists of at most 500 items, two macros inside each other are at most 250,000 steps.
 */
export function costTrouble(ast: ASTNode): string | undefined {
  const found = measure(ast);
  if (found.pattern !== undefined) return found.pattern;
  if (found.nesting > maxNesting) return `more than ${maxNesting} of all(), exists(), filter(), map() inside each other`;
  return found.macros > maxMacros ? `more than ${maxMacros} of all(), exists(), filter(), map() in one expression` : undefined;
}

interface Cost {
  macros: number;
  nesting: number;
  pattern: string | undefined;
}

function measure(value: unknown, inMacro = false): Cost {
  const total: Cost = { macros: 0, nesting: 0, pattern: undefined };
  const add = (part: Cost, inside: number) => {
    total.macros += part.macros;
    total.nesting = Math.max(total.nesting, part.nesting + inside);
    total.pattern ??= part.pattern;
  };
  if (Array.isArray(value)) for (const item of value) add(measure(item, inMacro), 0);
  else if (isNode(value)) {
    if (value.op === 'rcall') {
      const [name, receiver, args] = value.args;
      const isMacro = macros.has(name);
      if (isMacro) {
        total.macros++;
        total.nesting = 1;
      }
      if (name === 'matches') total.pattern = patternTrouble(args[0], inMacro ? 1 : 2);
      add(measure(receiver, inMacro), 0);
      for (const arg of args) add(measure(arg, inMacro || isMacro), isMacro ? 1 : 0);
    } else add(measure(value.args, inMacro), 0);
  }
  return total;
}

function isNode(value: unknown): value is ASTNode {
  return value !== null && typeof value === 'object' && 'op' in value && 'args' in value;
}

/** The library matches with JavaScript's backtracking engine, so only patterns that cannot run away are let through. */
function patternTrouble(arg: ASTNode | undefined, allowed: number): string | undefined {
  if (arg?.op !== 'value' || typeof arg.args !== 'string') return 'matches() with a pattern that is not written out';
  if (/\\[1-9]|\\k</.test(arg.args)) return 'matches() with a reference to a group';
  const pattern = arg.args.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (repeatsRepetition(pattern)) return 'matches() with a repeated group that repeats or chooses inside';
  // An unanchored pattern is tried at every character, which is one more repetition around it.
  const anchored = pattern.startsWith('^') && !pattern.includes('|');
  const repetitions = count(pattern, /[+*]|\{\d*,\d*\}/g) + (anchored ? 0 : 1);
  if (repetitions > allowed) return `matches() with more than ${allowed} repetitions (one less, where the pattern does not begin with ^)`;
  return count(pattern.replace(/\(\?|([+*?}])\?/g, '$1'), /[?|]/g) > maxChoices
    ? `matches() with more than ${maxChoices} of ? and |`
    : undefined;
}

function count(text: string, what: RegExp): number {
  return (text.match(what) ?? []).length;
}

function repeatsRepetition(pattern: string): boolean {
  const groups = [false];
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '(') groups.push(false);
    else if (c === ')') {
      const varies = groups.pop() ?? false;
      if (varies && /[+*{]/.test(pattern.charAt(i + 1))) return true;
      if (varies) groups[groups.length - 1] = true;
    } else if (/[+*{|]/.test(c) || (c === '?' && pattern.charAt(i - 1) !== '(')) groups[groups.length - 1] = true;
  }
  return false;
}
