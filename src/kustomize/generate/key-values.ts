import { failure } from '../errors.js';

export interface KeyValueSources {
  literals?: string[];
  files?: string[];
  envs?: string[];
}

export interface Pair {
  key: string;
  value: string | Uint8Array;
}

/**
 * `key=value`; one pair of quotes around the value is taken off.
 * @throws EvenkeelError KUSTOMIZE_INVALID
 */
export function parseLiteral(source: string): Pair {
  const equals = source.indexOf('=');
  if (equals <= 0)
    throw failure('KUSTOMIZE_INVALID', 'invalid literal source, expected key=value', { field: 'literals', hint: 'Write key=value.' });
  const value = source.slice(equals + 1);
  const quote = value.charAt(0);
  const quoted = value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return { key: source.slice(0, equals), value: quoted ? value.slice(1, -1) : value };
}

/** `path`, or `key=path`. */
export function parseFileSource(source: string): { key: string; path: string } {
  const parts = source.split('=');
  if (parts.length === 1) return { key: source.replace(/\/+$/, '').split('/').pop() || '/', path: source };
  const [key = '', path = ''] = parts;
  const problem =
    parts.length > 2
      ? `source "${source}" key name or file path contains '='`
      : key === ''
        ? `missing key name for file path "${path}" in source "${source}"`
        : path === ''
          ? `missing file path for key name "${key}" in source "${source}"`
          : undefined;
  if (problem !== undefined) throw failure('KUSTOMIZE_INVALID', problem, { field: 'files', hint: 'Write path, or key=path.' });
  return { key, path };
}

const maxLine = 64 * 1024;

/**
 * The lines of an env file. Blank lines and those that begin with `#` are left out.
 * @throws EvenkeelError KUSTOMIZE_INVALID for what is no UTF-8
 */
export function parseEnvFile(bytes: Uint8Array, file: string): Pair[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw failure('KUSTOMIZE_INVALID', 'the env file holds invalid utf8 bytes', { file });
  }
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  const pairs: Pair[] = [];
  for (const [i, raw] of lines.entries()) {
    // Go's scanner gives up without a word at such a line, and the rest of the file would be missing.
    if (raw.length > maxLine)
      throw failure('KUSTOMIZE_INVALID', `a line of an env file is longer than ${maxLine} characters`, { file, line: i + 1 });
    let line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (i === 0 && line.startsWith('\ufeff')) line = line.slice(1);
    line = line.replace(/^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const key = equals < 0 ? line : line.slice(0, equals);
    if (key === '') continue;
    pairs.push({ key, value: equals < 0 ? '' : line.slice(equals + 1) });
  }
  return pairs;
}
