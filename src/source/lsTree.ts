import type { TreeEntry } from '../model/index.js';

const types: { [mode: string]: TreeEntry['type'] } = { '040000': 'directory', '120000': 'symlink', '160000': 'submodule' };

/**
 * Reads `git ls-tree -r -t -z`. A path that is not UTF-8 has each byte that is none written as `\xNN`, so that
 * two such paths stay two.
 */
export function parseLsTree(output: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(0, at);
    const stop = end < 0 ? output.length : end;
    const tab = output.indexOf(9, at);
    const [mode, , id] = output.toString('latin1', at, tab).split(' ') as [string, string, string];
    entries.push({
      path: decodePath(output, tab + 1, stop),
      type: Object.hasOwn(types, mode) ? (types[mode] as TreeEntry['type']) : 'file',
      id,
    });
    at = stop + 1;
  }
  return entries;
}

function decodePath(output: Buffer, from: number, to: number): string {
  const text = output.toString('utf8', from, to);
  if (!text.includes('\ufffd')) return text;
  const bytes = output.subarray(from, to);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return escapeBytes(bytes);
  }
}

function escapeBytes(bytes: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let out = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((n) => {
      if (at + n > bytes.length) return false;
      try {
        return strict.decode(bytes.subarray(at, at + n)).length > 0;
      } catch {
        return false;
      }
    });
    if (length === undefined) out += `\\x${(bytes[at] as number).toString(16).padStart(2, '0')}`;
    else out += strict.decode(bytes.subarray(at, at + length));
    at += length ?? 1;
  }
  return out;
}
