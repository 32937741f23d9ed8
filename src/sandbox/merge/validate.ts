import { formatElement, goNumber, goQuote, type PathElement } from '../../manifest/index.js';
import { type Atom, atomAt, deduce, isMembers, type ListAtom, type MapAtom } from './atom.js';
import { fieldOf, identify } from './element.js';

/** One thing that keeps a value from having its type. `path` is as conflicts write it. */
export interface TypeProblem {
  path: string;
  message: string;
}

/** Problems in upstream's words: one in a line, several as a list. */
export function describeProblems(problems: readonly TypeProblem[]): string {
  const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return lines.length === 1 ? (lines[0] as string) : `errors:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** Compares a value with its type: declared fields, JSON types, keys of list items and that they are unique. */
export function typeProblems(value: unknown, atom: Atom): TypeProblem[] {
  const problems: TypeProblem[] = [];
  visit(problems, value, atom, []);
  return problems;
}

function report(problems: TypeProblem[], path: readonly PathElement[], message: string): void {
  problems.push({ path: path.map(formatElement).join(''), message });
}

function visit(problems: TypeProblem[], value: unknown, open: Atom, path: PathElement[]): void {
  const atom = deduce(open, value);
  if (atom.map !== undefined) visitMap(problems, value, atom.map, path);
  else if (atom.scalar !== undefined) visitScalar(problems, value, atom.scalar, path);
  else if (atom.list !== undefined) visitList(problems, value, atom.list, path);
}

function visitScalar(problems: TypeProblem[], value: unknown, scalar: NonNullable<Atom['scalar']>, path: PathElement[]): void {
  if (value === null || value === undefined) return;
  if (scalar === 'numeric' && typeof value !== 'number' && typeof value !== 'bigint')
    report(problems, path, `expected numeric (int or float), got ${goTypeName(value)}`);
  else if (scalar === 'string' && typeof value !== 'string')
    report(problems, path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
  else if (scalar === 'boolean' && typeof value !== 'boolean') report(problems, path, `expected boolean, got &{${goPrint(value)}}`);
}

function visitList(problems: TypeProblem[], value: unknown, list: ListAtom, path: PathElement[]): void {
  if (value === null || value === undefined) return;
  if (!Array.isArray(value)) {
    report(problems, path, `expected list, got &{${goPrint(value)}}`);
    return;
  }
  const observed = list.associative ? new Set<PathElement>() : undefined;
  for (let i = 0; i < value.length; i++) {
    const { element, problem } = identify(list, i, value[i]);
    if (problem !== undefined) {
      report(problems, path, `element ${i}: ${problem}`);
      return;
    }
    if (observed?.has(element)) report(problems, path, `duplicate entries for key ${formatElement(element)}`);
    observed?.add(element);
    path.push(element);
    visit(problems, value[i], list.element, path);
    path.pop();
  }
}

function visitMap(problems: TypeProblem[], value: unknown, map: MapAtom, path: PathElement[]): void {
  if (value === null || value === undefined) return;
  if (!isMembers(value)) {
    report(problems, path, `expected map, got &{${goPrint(value)}}`);
    return;
  }
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    const atom = atomAt(map, key);
    path.push(fieldOf(key));
    if (atom === undefined) report(problems, path, 'field not declared in schema');
    else visit(problems, value[key], atom, path);
    path.pop();
    if (atom === undefined) return;
  }
}

function goTypeName(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** As Go's %v prints it. */
function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value);
  if (!isMembers(value)) return String(value);
  return `map[${Object.keys(value)
    .sort()
    .map((key) => `${key}:${goPrint(value[key])}`)
    .join(' ')}]`;
}

/** As Go's %#v prints it. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isMembers(value)) return goPrint(value);
  return `map[string]interface {}{${Object.keys(value)
    .sort()
    .map((key) => `${goQuote(key)}:${goSyntax(value[key])}`)
    .join(', ')}}`;
}
