import { joinApiVersion, type KubeObject } from '../../model/index.js';
import { decodeCustom } from '../crd/decode.js';
import { DecodeError, decodeStruct } from '../gotypes/decode.js';
import type { ResourceType } from '../registry/types.js';
import { strategyOf } from '../strategy/index.js';

export interface DecodeOptions {
  validation: 'Strict' | 'Warn' | 'Ignore';
  /** Takes what the client is told beside the answer. */
  warn: (message: string) => void;
  /** What is to be said of fields that the body names twice. */
  duplicates?: readonly string[];
}

/** Thrown where data does not fit its kind; callers word it for their request. */
export class ShapeError extends Error {
  constructor(
    message: string,
    readonly strict: boolean,
  ) {
    super(message);
  }
}

/**
 * JSON data as an object of its kind: decoded as the kind's own type does, unknown fields dropped and told,
 * defaults filled in.
 * @throws ShapeError where it cannot be read as that kind
 */
export function decodeObject(type: ResourceType, raw: unknown, options: DecodeOptions): KubeObject {
  let object: KubeObject;
  let unknown: string[];
  try {
    if (type.go) {
      const decoded = decodeStruct(type.go, raw, `${type.version}.${type.kind}`);
      unknown = decoded.unknown;
      object = decoded.value as KubeObject;
    } else {
      const decoded = decodeCustom(type, raw);
      unknown = decoded.unknown;
      object = decoded.value;
    }
  } catch (error) {
    if (error instanceof DecodeError) throw new ShapeError(error.message, false);
    throw error;
  }
  const problems = [...(options.duplicates ?? []), ...unknown.map((f) => `unknown field ${JSON.stringify(f)}`)];
  if (problems.length > 0) {
    if (options.validation === 'Strict') throw new ShapeError(`strict decoding error: ${problems.join(', ')}`, true);
    if (options.validation === 'Warn') for (const problem of problems) options.warn(problem);
  }
  object.apiVersion = joinApiVersion(type.group, type.version);
  object.kind = type.kind;
  strategyOf(type).defaults?.(object, type);
  return object;
}
