import type { KubeObject } from '../model/index.js';

/** An object for tests; `status` is shorthand for the common case. */
export function object(kind: string, fields: { [field: string]: unknown } = {}): KubeObject {
  const slash = kind.lastIndexOf('/');
  const { metadata, ...rest } = fields;
  return {
    apiVersion: slash < 0 ? 'v1' : `${kind.slice(0, slash)}/v1`,
    kind: kind.slice(slash + 1),
    metadata: { name: 'it', ...(metadata as object | undefined) },
    ...rest,
  };
}

/** `Ready=False:SomeReason:some words` */
export function conditions(...texts: string[]): { [field: string]: unknown }[] {
  return texts.map((text) => {
    const [, type, status, reason, message] = /^([^=]+)=([^:]+):?([^:]*):?([\s\S]*)$/.exec(text) ?? [];
    return { type, status, ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
  });
}
