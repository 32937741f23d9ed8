import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { importsOf } from './imports.js';

/** Rooms that may import fewer than all above them. */
const narrower: { [room: string]: readonly string[] } = { sandbox: ['model', 'manifest'] };

/**
 * The rooms of the table in docs/architecture.md, from above to below. Rooms that share a row do not import
 * each other.
 */
export function roomsOf(page: string): string[][] {
  const lines = page.split('\n');
  const head = lines.findIndex((line) => /^\|\s*room\s*\|/.test(line));
  if (head < 0) throw new Error('docs/architecture.md has no table that begins with the column "room"');
  const rows: string[][] = [];
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith('|')) break;
    const names = [...(line.split('|')[1] as string).matchAll(/`([\w-]+)\/`/g)].map((match) => match[1] as string);
    if (names.length === 0) throw new Error(`no room is named in the row: ${line}`);
    rows.push(names);
  }
  return rows;
}

export interface Sources {
  /** Source text by path from `src/`, for example `kube/index.ts`. */
  files: ReadonlyMap<string, string>;
  /** As roomsOf gives them. */
  rooms: readonly (readonly string[])[];
  /** Names under `dependencies` in package.json. */
  dependencies: readonly string[];
}

/**
 * What breaks the rules of docs/architecture.md: one line each, with file and line. Tests may use packages of
 * development and rooms below their own, but they too enter other rooms through their doors.
 */
export function violations(sources: Sources): string[] {
  const rank = new Map(sources.rooms.flatMap((names, i) => names.map((name) => [name, i] as const)));
  const found: string[] = [];
  for (const [file, text] of [...sources.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const room = roomOf(file);
    if (room !== undefined && !rank.has(room)) {
      const line = `src/${room}/ is not in the table`;
      if (!found.includes(line)) found.push(line);
      continue;
    }
    for (const { specifier, line } of importsOf(text)) {
      const reason = judge({ file, room, specifier, rank, sources });
      if (reason !== undefined) found.push(`src/${file}:${line}: ${reason} ("${specifier}")`);
    }
  }
  return found;
}

/** Undefined for the public entries, which stand in `src/` itself and may use every room. */
function roomOf(file: string): string | undefined {
  const slash = file.indexOf('/');
  return slash < 0 ? undefined : file.slice(0, slash);
}

interface Question {
  file: string;
  room: string | undefined;
  specifier: string;
  rank: ReadonlyMap<string, number>;
  sources: Sources;
}

function judge(question: Question): string | undefined {
  const { file, specifier } = question;
  const isTest = file.endsWith('.test.ts');
  if (!specifier.startsWith('.')) return isTest ? undefined : judgePackage(question);
  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith('..')) return isTest ? undefined : 'leads out of src/';
  const to = roomOf(target);
  const { room, rank } = question;
  if (to === room) return undefined;
  if (to === undefined) return isTest ? undefined : 'a room imports a public entry';
  if (target !== `${to}/index.js`) return `${to}/ is entered past its door`;
  if (isTest || room === undefined) return undefined;
  if (!rank.has(to)) return `the room ${to}/ is not in the table`;
  const allowed = narrower[room];
  if (allowed && !allowed.includes(to)) return `${room}/ imports only ${allowed.map((name) => `${name}/`).join(' and ')}`;
  return (rank.get(to) as number) < (rank.get(room) ?? -1) ? undefined : `${to}/ is not above ${room}/`;
}

function judgePackage({ specifier, sources }: Question): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (builtinModules.includes(specifier)) return 'built-in modules are imported with node:';
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return sources.dependencies.includes(name) ? undefined : `the package ${name} is not a dependency`;
}
