import type { WireRequest } from '../../model/index.js';
import { type Json, parseJson } from '../../model/index.js';
import { parseYaml } from '../facts.js';
import { decodeProtobuf, ProtobufError } from '../protobuf/decode.js';
import { badRequest, tooLarge, unsupportedMediaType } from './status.js';

/** What the API server reads at most of one request: 3 MiB. */
export const bodyLimit = 3 * 1024 * 1024;

/** Deepest nesting that is read; beyond it the decoder gives up as Go's does. */
const maxDepth = 10_000;

export function bodyText(request: WireRequest): string {
  const { body } = request;
  if (body === undefined) return '';
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  if (length > bodyLimit) throw tooLarge(bodyLimit);
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
}

export function mediaType(request: WireRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

export const protobufType = 'application/vnd.kubernetes.protobuf';

function readProtobuf(request: WireRequest): Json {
  const { body } = request;
  if (body === undefined || typeof body === 'string') throw unsupportedMediaType(['application/json', 'application/yaml', protobufType]);
  if (body.length > bodyLimit) throw tooLarge(bodyLimit);
  try {
    return decodeProtobuf(body) as Json;
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message);
    throw error;
  }
}

const yamlTypes = new Set(['application/yaml', 'text/yaml', 'application/x-yaml']);

/**
 * The body as JSON data, read as its Content-Type says (JSON where there is none).
 * @throws ApiError 400 and 415
 */
export function readBody(request: WireRequest): Json {
  const type = mediaType(request);
  if (type === protobufType) return readProtobuf(request);
  const text = bodyText(request);
  if (type === '' || type === 'application/json') return readJson(text);
  if (yamlTypes.has(type)) return readYaml(text);
  throw unsupportedMediaType(['application/json', 'application/yaml', protobufType]);
}

export function readJson(text: string): Json {
  if (tooDeep(text)) throw badRequest('json: exceeded max depth');
  try {
    return parseJson(text);
  } catch (error) {
    if ((error as Error).message.includes('nested deeper')) throw badRequest('json: exceeded max depth');
    throw badRequest(jsonProblem(text, error as Error));
  }
}

function jsonProblem(text: string, error: Error): string {
  if (text.trim() === '') return 'unexpected end of JSON input';
  const at = Number(/position (\d+)/.exec(error.message)?.[1] ?? Number.NaN);
  if (Number.isNaN(at) || at >= text.length) return 'unexpected end of JSON input';
  return `invalid character ${quoteChar(text[at] as string)} looking for beginning of value`;
}

const quoteChar = (c: string) => (c === "'" ? "'\\''" : `'${JSON.stringify(c).slice(1, -1).replace(/\\"/g, '"')}'`);

function tooDeep(text: string): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  let most = 0;
  // Brackets within strings are counted too: that can only overrate, and then the exact count decides.
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 123 || c === 91) {
      if (++depth > most) most = depth;
    } else if (c === 125 || c === 93) depth--;
  }
  return most > maxDepth;
}

/** YAML (or JSON) text as JSON data, one document. */
export function readYaml(text: string): Json {
  const first = text.trimStart()[0];
  if (first === '{' || first === '[') {
    if (tooDeep(text)) throw badRequest('error decoding YAML: exceeded max depth');
    try {
      return parseJson(text);
    } catch {
      // Flow style YAML.
    }
  }
  try {
    return parseYaml(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${yamlProblem(text, error as Error)}`);
  }
}

/** The reader's complaint in the API server's manner. */
function yamlProblem(text: string, error: Error): string {
  const lines = text.replace(/\n$/, '').split('\n').length;
  const line = Math.min((error as { where?: { line?: number } }).where?.line ?? 1, lines);
  const reason = error.message.split('\n')[0] as string;
  const expected = /^(?:line \d+: )?expected (.+?),? but /.exec(reason);
  return `yaml: line ${line}: ${expected ? `did not find expected ${expected[1]}` : reason}`;
}
