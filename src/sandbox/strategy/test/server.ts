import { createSandbox } from '../../index.js';
import { type Client, clientOf, mergeType } from '../../test/client.js';
import type { Sandbox } from '../../types.js';
import type { Loose } from '../types.js';

interface Server {
  call: Client;
  patch: (path: string, body: object) => ReturnType<Client>;
  close: () => Promise<void>;
}

/** A server without controllers for all cases of a file. It starts with the first call. */
export function aServer(): Server {
  let starting: Promise<Sandbox> | undefined;
  const started = () => (starting ??= createSandbox({ controllers: false }));
  const call: Client = async (...args) => clientOf((await started()).wire)(...args);
  return {
    call,
    patch: (path, body) => call('PATCH', path, body, mergeType),
    close: async () => (await starting)?.close(),
  };
}

/** Paths of collections in the namespace `default`. */
export const core = (plural: string) => `/api/v1/namespaces/default/${plural}`;
export const of = (groupVersion: string, plural: string) => `/apis/${groupVersion}/namespaces/default/${plural}`;

/** What a 422 says is wrong with an object: `field: message`. */
export function causes({ status, body }: { status: number; body: Loose }): string[] {
  if (status !== 422) return [`status ${status}: ${body.message ?? 'accepted'}`];
  return body.details.causes.map((c: Loose) => `${c.field}: ${c.message}`);
}
