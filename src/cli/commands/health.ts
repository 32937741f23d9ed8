import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { assessHealth, compileHealthRules } from '../../health/index.js';
import { parseYaml, readManifests } from '../../manifest/index.js';
import { EvenkeelError, type KubeObject, stringifyJson } from '../../model/index.js';
import { findPaths, readConfig } from '../../workspace/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { oneLine, statusColor, table } from '../output.js';
import { exit } from '../report.js';

export interface HealthCommandOptions extends GlobalOptions {
  filename: string;
  exitCode?: boolean;
}

/** Prints the health of objects from a file or standard input: YAML, JSON or JSON lines. No cluster is asked. */
export async function healthCommand({ terminal, directory }: CommandContext, options: HealthCommandOptions): Promise<number> {
  const file = options.filename === '-' ? 'standard input' : options.filename;
  const text = read(options.filename, directory);
  const objects = readManifests(parseYaml(text, { file }), { file }).map((manifest) => manifest.object);
  const { config } = findPaths(directory, options);
  const userRules = config === undefined ? undefined : readConfig(config).health_rules;
  const rules = userRules === undefined ? undefined : await compileHealthRules(userRules);
  const rows = objects.map((object) => ({ ...describe(object), health: assessHealth(object, { rules }) }));
  if (options.output === 'json') {
    for (const { health, ...row } of rows)
      terminal.out(stringifyJson({ ...row, status: health?.status ?? null, message: health?.message ?? '' }));
  } else {
    const lines = rows.map(({ kind, namespace, name, health }) => [
      `${oneLine(kind)}/${oneLine(name)}`,
      namespace === '' ? '-' : oneLine(namespace),
      health === null ? terminal.style('dim', '-') : terminal.style(statusColor(health.status), health.status),
      oneLine(health?.message ?? ''),
    ]);
    for (const line of table([['RESOURCE', 'NAMESPACE', 'HEALTH', 'MESSAGE'], ...lines])) terminal.out(line);
  }
  const sick = rows.some(({ health }) => health !== null && health.status !== 'Healthy' && health.status !== 'Suspended');
  return options.exitCode === true && sick ? exit.changes : exit.done;
}

function describe(object: KubeObject) {
  const slash = object.apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : object.apiVersion.slice(0, slash),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
  };
}

function read(filename: string, directory: string): string {
  try {
    return readFileSync(filename === '-' ? 0 : resolve(directory, filename), 'utf8');
  } catch (error) {
    throw new EvenkeelError('USAGE', `cannot read ${filename}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, {
      where: { file: filename },
      cause: error,
    });
  }
}
