import { parseYaml } from '../../manifest/index.js';
import { EvenkeelError, type Json } from '../../model/index.js';
import type { FolderHost } from './folder.js';
import { readTextInside } from './read.js';

/** The one mapping in a YAML or JSON file. @returns undefined where the file may be absent and is */
export async function dataOf(host: FolderHost, file: string, mayBeAbsent = false): Promise<{ [key: string]: Json } | undefined> {
  let source: string;
  try {
    source = await readTextInside(host, file);
  } catch (error) {
    if (mayBeAbsent && error instanceof EvenkeelError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
  const documents = parseYaml(source, { file });
  const value = documents[0]?.value ?? {};
  if (documents.length > 1 || value === null || typeof value !== 'object' || Array.isArray(value))
    throw new EvenkeelError('DATA_INVALID', `"${file}" is not one mapping of names to values`, {
      where: { file, line: documents[1]?.line ?? documents[0]?.line },
      hint: 'A values file holds one YAML document with names at its top level.',
    });
  return value;
}
