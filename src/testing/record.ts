import { parseYaml } from '../manifest/index.js';
import { type Clock, type Json, parseJson, type WireRequest } from '../model/index.js';
import type { InterceptContext } from '../sandbox/index.js';
import type { RecordedRequest } from './types.js';

export interface Entry extends RecordedRequest {
  status: number | undefined;
  faulted: boolean;
}

/** A request as it is recorded, before it is answered. */
export function entryOf(request: WireRequest, { facts, user }: InterceptContext, clock: Clock): Entry {
  const body = bodyOf(request);
  const name = facts.name === '' && facts.verb === 'create' ? nameIn(body) : facts.name;
  return {
    ...facts,
    name,
    method: request.method,
    path: request.path,
    user: user.name,
    body,
    status: undefined,
    faulted: false,
    at: clock.now(),
  };
}

function bodyOf(request: WireRequest): unknown {
  if (request.body === undefined || request.body.length === 0) return undefined;
  const type = request.headers['content-type'] ?? 'application/json';
  if (!/json|yaml/.test(type)) return undefined;
  const text = typeof request.body === 'string' ? request.body : Buffer.from(request.body).toString('utf8');
  try {
    return parseJson(text);
  } catch {
    // An apply says YAML, and most send JSON, which is YAML.
  }
  try {
    return parseYaml(text, { file: 'body' })[0]?.value;
  } catch {
    return undefined;
  }
}

function nameIn(body: unknown): string {
  const { metadata } = (body ?? {}) as { metadata?: { name?: Json } };
  return typeof metadata?.name === 'string' ? metadata.name : '';
}
