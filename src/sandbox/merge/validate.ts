import { fieldElement, formatElement, indexElement, type PathElement } from '../../manifest/index.js';
import { type Atom, atomAt, deduce, isMembers, type ListAtom, type MapAtom } from './atom.js';
import { identify } from './element.js';
import { goPrint, goSyntax } from './go-print.js';

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
  return visit(value, atom) ?? [];
}

/** Problems below a place, or undefined where there are none. Paths grow on the way back, so that good values cost no path. */
type Found = TypeProblem[] | undefined;

function problem(message: string): TypeProblem[] {
  return [{ path: '', message }];
}

function join(found: Found, more: Found): Found {
  if (more === undefined) return found;
  return found === undefined ? more : [...found, ...more];
}

function below(element: PathElement, found: TypeProblem[]): TypeProblem[] {
  const prefix = formatElement(element);
  return found.map(({ path, message }) => ({ path: prefix + path, message }));
}

function visit(value: unknown, open: Atom): Found {
  const atom = deduce(open, value);
  if (atom.map !== undefined) return visitMap(value, atom.map);
  if (atom.scalar !== undefined) return visitScalar(value, atom.scalar);
  return atom.list === undefined ? undefined : visitList(value, atom.list);
}

function visitScalar(value: unknown, scalar: NonNullable<Atom['scalar']>): Found {
  if (value === null || value === undefined) return undefined;
  if (scalar === 'numeric' && typeof value !== 'number' && typeof value !== 'bigint')
    return problem(`expected numeric (int or float), got ${goTypeName(value)}`);
  if (scalar === 'string' && typeof value !== 'string')
    return problem(`expected string, got &value.valueUnstructured{Value:${goSyntax(value, 'floats')}}`);
  if (scalar === 'boolean' && typeof value !== 'boolean') return problem(`expected boolean, got &{${goPrint(value, 'floats')}}`);
  return undefined;
}

function visitList(value: unknown, list: ListAtom): Found {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) return problem(`expected list, got &{${goPrint(value, 'floats')}}`);
  const observed = list.associative ? new Set<PathElement>() : undefined;
  let found: Found;
  for (let i = 0; i < value.length; i++) {
    const identity = observed === undefined ? undefined : identify(list, i, value[i]);
    if (identity?.problem !== undefined) return join(found, problem(`element ${i}: ${identity.problem}`));
    if (observed !== undefined && identity !== undefined) {
      if (observed.has(identity.element)) found = join(found, problem(`duplicate entries for key ${formatElement(identity.element)}`));
      observed.add(identity.element);
    }
    const inner = visit(value[i], list.element);
    if (inner !== undefined) found = join(found, below(identity?.element ?? indexElement(i), inner));
  }
  return found;
}

function visitMap(value: unknown, map: MapAtom): Found {
  if (value === null || value === undefined) return undefined;
  if (!isMembers(value)) return problem(`expected map, got &{${goPrint(value, 'floats')}}`);
  let found: Found;
  for (const key in value) {
    const member = value[key];
    if (member === undefined) continue;
    const atom = atomAt(map, key);
    if (atom === undefined) return join(found, below(fieldElement(key), problem('field not declared in schema')));
    const inner = visit(member, atom);
    if (inner !== undefined) found = join(found, below(fieldElement(key), inner));
  }
  return found;
}

function goTypeName(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
