import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseYaml } from '../../manifest/index.js';
import { EvenkeelError } from '../../model/index.js';
import { type ParamValue, parseParam } from '../../tasks/index.js';

const MAX_BYTES = 8 * 1024 * 1024;

/** What `--values` and `--param` give: files in their order, then single ones. */
export interface GivenParams {
  values: { [name: string]: ParamValue };
  /** Names of those that came as text from the command line. */
  texts: Set<string>;
}

/** @throws EvenkeelError PARAM_INVALID, MANIFEST_YAML_INVALID and the like with file and line */
export function readParams(directory: string, { values = [], param = [] }: { values?: string[]; param?: string[] }): GivenParams {
  const given: GivenParams = { values: {}, texts: new Set() };
  for (const file of values) Object.assign(given.values, readValues(directory, file));
  for (const text of param) {
    const [name, value] = parseParam(text);
    given.values[name] = value;
    given.texts.add(name);
  }
  return given;
}

function readValues(directory: string, file: string): { [name: string]: ParamValue } {
  const path = resolve(directory, file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EvenkeelError(
      'PARAM_INVALID',
      `the file of values cannot be read: ${code === 'ENOENT' ? 'there is none' : code === 'EISDIR' ? 'it is a folder' : code}`,
      {
        where: { file: path },
        cause: error,
      },
    );
  }
  const refuse = (why: string) =>
    new EvenkeelError('PARAM_INVALID', why, { where: { file: path }, hint: 'Write it like: image: nginx:1.25' });
  if (bytes.length > MAX_BYTES) throw refuse('the file of values is larger than 8 MiB');
  const documents = parseYaml(bytes.toString('utf8'), { file: path });
  if (documents.length > 1) throw refuse('a file of values is one document');
  const value = documents[0]?.value ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('a file of values names a value for each parameter');
  return value as { [name: string]: ParamValue };
}
