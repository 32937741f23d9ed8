import { badRequest, failure, plainError } from './status.js';

const largest = 2n ** 64n;

/** What is wrong with a text as a resource version, or undefined. */
function versionProblem(text: string): string | undefined {
  const why = !/^\d+$/.test(text) ? 'invalid syntax' : BigInt(text) >= largest ? 'value out of range' : undefined;
  return why && `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`;
}

/** @throws ApiError 500, as upstream answers where a version is read for its cache, and the text is none */
export function readVersion(text: string): bigint {
  const problem = text.length > 64 ? versionProblem(text.slice(0, 64)) : versionProblem(text);
  if (problem !== undefined) throw plainError(problem);
  return BigInt(text);
}

/** readVersion with the sentence of requests that read the store itself. @throws ApiError 400 */
export function readStoredVersion(text: string): bigint {
  const problem = text.length > 64 ? versionProblem(text.slice(0, 64)) : versionProblem(text);
  if (problem !== undefined) throw badRequest(`invalid resource version: ${problem}`);
  return BigInt(text);
}

/** 504 for a version that is still to come. */
export function tooLargeVersion(wanted: string, current: number, retrySeconds = 1): Error {
  return failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    ...(retrySeconds > 0 ? { retryAfterSeconds: retrySeconds } : {}),
  });
}
