import type { WireRequest } from '../../model/index.js';
import { type Json, parseJson } from '../../model/index.js';
import { parseYaml } from '../facts.js';
import { jsonProblem } from '../gotypes/json-problem.js';
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

export const isYaml = (request: WireRequest) => mediaType(request) === 'application/yaml';

/**
 * The body as JSON data, read as its Content-Type says (JSON where there is none).
 * @throws ApiError 400 and 415
 */
export function readBody(request: WireRequest): Json {
  const type = mediaType(request);
  if (type === protobufType) return readProtobuf(request);
  const text = bodyText(request);
  if (type === '' || type === 'application/json') return readJson(text);
  if (isYaml(request)) return readYaml(text);
  throw unsupportedMediaType(['application/json', 'application/yaml', protobufType]);
}

/** @throws ApiError 400 in the words of Go's JSON reader */
function readJson(text: string): Json {
  try {
    return parseGoJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw badRequest(error.message);
    throw error;
  }
}

/** What keeps a text from being read as JSON, in the words of Go's reader. */
export class JsonError extends Error {}

/** @throws JsonError */
export function parseGoJson(text: string): Json {
  if (tooDeep(text)) throw new JsonError('exceeded max depth');
  try {
    return parseJson(text);
  } catch (error) {
    if ((error as Error).message.includes('nested deeper')) throw new JsonError('exceeded max depth');
    throw new JsonError(jsonProblem(text) ?? 'unexpected end of JSON input');
  }
}

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

/** What go-yaml calls the problems of its scanner, by how our reader words them. */
const scannerProblems: readonly (readonly [RegExp, string])[] = [
  [/^a ': ' cannot stand here/, 'mapping values are not allowed in this context'],
  [/^a ':' is missing after this key/, "could not find expected ':'"],
  [/^a list item/, 'block sequence entries are not allowed in this context'],
  [/^a quoted text is never closed/, 'found unexpected end of stream'],
  [/^unknown escape/, 'found unknown escape character'],
  [/is not allowed in YAML$/, 'control characters are not allowed'],
  [/cannot (begin|start)/, 'found character that cannot start any token'],
];

const parserProblems: { [expected: string]: string } = {
  'a key or less indentation': 'key',
  "'- ' or less indentation": "'-' indicator",
  'a value': 'node content',
};

/**
 * The reader's complaint in go-yaml's manner. That counts lines from 0 where its parser complains, from 1 where
 * its scanner does, and leaves the first line unsaid.
 */
function yamlProblem(text: string, error: Error): string {
  const at = (error as { where?: { line?: number } }).where?.line ?? 1;
  const reason = (error.message.split('\n')[0] as string).replace(/^line \d+: /, '');
  const expected = /^expected (.+?),? but (.*)/.exec(reason);
  if (expected) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    const line = /end/.test(expected[2] as string) ? lines : at - 1;
    return `yaml: ${line > 0 ? `line ${line}: ` : ''}did not find expected ${parserProblems[expected[1] as string] ?? expected[1]}`;
  }
  const known = scannerProblems.find(([pattern]) => pattern.test(reason))?.[1];
  return `yaml: ${at > 1 ? `line ${at}: ` : ''}${known ?? reason}`;
}
