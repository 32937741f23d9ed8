import { setOwn } from '../../model/index.js';
import { isMembers, type Members } from './atom.js';
import { jsonKind, PatchError } from './patch-error.js';

/**
 * JSON merge patch (RFC 7386) as the API server's library does it: null removes, nulls inside of what is new
 * are dropped, in list items too. The original is not changed; what the patch does not touch is shared.
 * @throws PatchError where the patch is not an object
 */
export function jsonMergePatch<T>(original: T, patch: unknown): T {
  if (patch === null || patch === undefined) throw new PatchError(400, 'Invalid JSON Patch');
  if (!isMembers(patch))
    throw new PatchError(
      400,
      `error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`,
    );
  return merge(original, patch) as T;
}

function merge(original: unknown, patch: unknown): unknown {
  if (!isMembers(original)) return withoutNulls(patch);
  if (!isMembers(patch)) return patch;
  const out: Members = { ...original };
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === undefined) continue;
    if (value === null) delete out[key];
    else if (!Object.hasOwn(out, key) || out[key] === null) setOwn(out, key, withoutNulls(value));
    else setOwn(out, key, merge(out[key], value));
  }
  return out;
}

/** Members that are null left out at any depth; null items of lists stay. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMembers(value)) return value;
  const out: Members = {};
  for (const key of Object.keys(value)) if (value[key] !== null && value[key] !== undefined) setOwn(out, key, withoutNulls(value[key]));
  return out;
}
