import { badRequest } from './status.js';

/** Where a list goes on: after `start`, in the state of version `rv`; -1 stands for the state as it is. */
export interface Continuation {
  rv: number;
  /** Compared with keys within what the request lists. */
  start: string;
}

export function writeContinue({ rv, start }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start })).toString('base64url');
}

const refused = (why: string) => badRequest(`invalid continue token: continue key is not valid${why}`);

/** @throws ApiError 400 with the API server's sentences */
export function readContinue(text: string): Continuation {
  const bad = /[^A-Za-z0-9_-]/.exec(text);
  if (bad) throw refused(`: illegal base64 data at input byte ${bad.index}`);
  if (text.length % 4 === 1) throw refused(`: illegal base64 data at input byte ${text.length - 1}`);
  const decoded = Buffer.from(text, 'base64url').toString('utf8');
  const value = parsed(decoded);
  if (value['v'] !== 'meta.k8s.io/v1')
    throw refused(`: server does not recognize this encoded version ${typeof value['v'] === 'string' ? value['v'] : ''}`);
  const { rv, start } = value;
  if (typeof rv !== 'number' || !Number.isInteger(rv) || rv === 0)
    throw refused(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') throw refused(': encoded start key empty (version meta.k8s.io/v1)');
  const relative = start.startsWith('/') ? start.slice(1) : start;
  // No token leaves the part of the store that the request is for.
  if (relative === '' || relative.split('/').some((part) => part === '' || part === '.' || part === '..')) throw refused(`: ${start}`);
  return { rv, start: relative };
}

function parsed(text: string): { [key: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const first = text.trimStart()[0];
    throw refused(
      first === undefined ? ': unexpected end of JSON input' : `: invalid character ${quoted(first)} looking for beginning of value`,
    );
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw refused(
      `: json: cannot unmarshal ${Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type storage.continueToken`,
    );
  return value as { [key: string]: unknown };
}

const quoted = (c: string) => (c === "'" ? "'\\''" : `'${JSON.stringify(c).slice(1, -1).replace(/\\"/g, '"')}'`);
