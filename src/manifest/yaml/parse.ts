import { EvenkeelError, type Json, printable } from '../../model/index.js';
import { type Chunk, looksLikeJson, splitDocuments } from './documents.js';
import { Fault } from './fault.js';
import { readJsonValues } from './json.js';
import { type Place, parseDocument } from './parser.js';

export interface ParseYamlOptions {
  /** For messages. */
  file: string;
  /** How deep lists and mappings may be nested. Default 500. */
  maxDepth?: number;
  /** Default 50000. */
  maxDocuments?: number;
  /** In UTF-16 code units. Default 32 Mi. */
  maxLength?: number;
}

export interface Position {
  /** Both count from 1. */
  line: number;
  column: number;
}

export interface ParsedDocument extends Position {
  value: Json;
  /** What Kubernetes reads without complaint but nobody meant: keys that stand twice, text after the document's end. */
  warnings: ({ message: string } & Position)[];
  /**
   * Where a field or item is written: the key for a field, the beginning for an item, the nearest that
   * exists where the path leads nowhere.
   */
  locate(path: readonly (string | number)[]): Position;
}

const defaults = { maxDepth: 500, maxDocuments: 50_000, maxLength: 32 * 1024 * 1024 };

/**
 * Reads YAML or JSON as kubectl reads a file: documents cut at `---`, YAML 1.1 by the rules of go-yaml v2,
 * text that begins with `{` as a stream of JSON. Empty documents are left out.
 * @throws EvenkeelError MANIFEST_YAML_INVALID, MANIFEST_JSON_INVALID, MANIFEST_TEMPLATE, MANIFEST_TOO_DEEP,
 * MANIFEST_ALIASES, MANIFEST_TOO_LARGE
 */
export function parseYaml(text: string, options: ParseYamlOptions): ParsedDocument[] {
  const limits = { ...defaults, ...options };
  if (text.length > limits.maxLength)
    throw new EvenkeelError('MANIFEST_TOO_LARGE', `the file holds more than ${limits.maxLength} characters`, {
      where: { file: options.file },
      hint: 'Split the file, or exclude it if it holds no manifests.',
    });
  return looksLikeJson(text) ? parseJsonStream(text, limits) : parseYamlStream(text, limits);
}

type Limits = Required<ParseYamlOptions>;

function parseYamlStream(text: string, limits: Limits): ParsedDocument[] {
  const whole: Chunk = { text, line: 0 };
  const documents: ParsedDocument[] = [];
  // Warnings of documents that are empty, kept for the next one that is not.
  let waiting: ParsedDocument['warnings'] = [];
  for (const chunk of guard(whole, limits, 'yaml', () => splitDocuments(text, limits.maxDocuments))) {
    const parsed = guard(chunk, limits, 'yaml', () => parseDocument(chunk.text, { maxDepth: limits.maxDepth }));
    if (parsed === undefined) continue;
    const position = positions(chunk);
    const warnings = waiting;
    for (const lint of parsed.lints) warnings.push({ message: lint.message, ...position(lint.offset) });
    if (parsed.ignoredFrom !== undefined)
      warnings.push({
        message: 'what follows the end of the document here is ignored, as Kubernetes ignores it',
        ...position(parsed.ignoredFrom),
      });
    if (parsed.value === null) continue;
    waiting = [];
    let place: Place | undefined;
    documents.push({
      value: parsed.value,
      ...position(parsed.at),
      warnings,
      locate: (path) => {
        place ??= parseDocument(chunk.text, { maxDepth: limits.maxDepth, places: true })?.place ?? { at: parsed.at };
        return position(follow(place, path));
      },
    });
  }
  documents[documents.length - 1]?.warnings.push(...waiting);
  return documents;
}

function parseJsonStream(text: string, limits: Limits): ParsedDocument[] {
  const whole: Chunk = { text, line: 0 };
  const position = positions(whole);
  const documents: ParsedDocument[] = [];
  for (const { value, start, end } of guard(whole, limits, 'json', () => readJsonValues(text, limits.maxDepth))) {
    if (documents.length >= limits.maxDocuments)
      throw toError(new Fault('size', `more than ${limits.maxDocuments} documents in one file`, start), whole, limits, 'json');
    if (value === null) continue;
    let place: Place | undefined;
    documents.push({
      value,
      ...position(start),
      warnings: [],
      locate: (path) => {
        place ??= placesOfJson(text.slice(start, end), limits.maxDepth);
        return position(start + follow(place, path));
      },
    });
  }
  return documents;
}

/** JSON is nearly YAML: what the YAML reader refuses (a tab, a very long key) costs the position only. */
function placesOfJson(text: string, maxDepth: number): Place {
  try {
    return parseDocument(text, { maxDepth: maxDepth + 1, places: true, jsonEscapes: true })?.place ?? { at: 0 };
  } catch (error) {
    if (error instanceof Fault) return { at: 0 };
    throw error;
  }
}

function follow(root: Place, path: readonly (string | number)[]): number {
  let place = root;
  let at = root.at;
  for (const step of path) {
    const field = place.fields?.get(String(step));
    const item = typeof step === 'number' ? place.items?.[step] : undefined;
    if (field) {
      at = field.key;
      place = field.value;
    } else if (item) {
      at = item.at;
      place = item;
    } else break;
  }
  return at;
}

/** Line and column of offsets into a chunk, counted from the beginning of the file. */
function positions(chunk: Chunk): (offset: number) => Position {
  let starts: number[] | undefined;
  let asked = 0;
  return (offset) => {
    // Most documents are asked for their beginning only: a table of all lines would cost more than it saves.
    const known = starts ?? lineStarts(chunk.text, asked++ === 0 ? offset : chunk.text.length);
    if (asked > 1) starts = known;
    let low = 0;
    let high = known.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((known[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: chunk.line + low + 1, column: offset - (known[low] as number) + 1 };
  };
}

function lineStarts(text: string, end: number): number[] {
  const starts = [0];
  for (let at = 0; at < end; at++) {
    const c = text.charCodeAt(at);
    if (c === 10 || (c === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  return starts;
}

function guard<T>(chunk: Chunk, limits: Limits, format: 'yaml' | 'json', read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) throw toError(error, chunk, limits, format);
    throw error;
  }
}

function toError(fault: Fault, chunk: Chunk, limits: Limits, format: 'yaml' | 'json'): EvenkeelError {
  const where = { file: limits.file, ...positions(chunk)(Math.min(fault.offset, chunk.text.length)) };
  const message = printable(fault.message);
  switch (fault.kind) {
    case 'depth':
      return new EvenkeelError('MANIFEST_TOO_DEEP', message, {
        where,
        hint: 'No Kubernetes object is nested as deeply; exclude the file if it is no manifest.',
      });
    case 'aliases':
      return new EvenkeelError('MANIFEST_ALIASES', message, { where, hint: 'Write the repeated parts out, or use fewer aliases (*name).' });
    case 'size':
      return new EvenkeelError('MANIFEST_TOO_LARGE', message, { where, hint: 'Split the file, or exclude it if it holds no manifests.' });
  }
  const line = lineAt(chunk.text, fault.offset);
  const template = fault.kind === 'syntax' ? findTemplate(line, chunk.text) : findTemplate(line, line);
  if (template !== undefined)
    return new EvenkeelError('MANIFEST_TEMPLATE', `${message}: this looks like a Helm template that was not rendered (${template})`, {
      where,
      hint: 'Templates are rendered from a chart (a folder with Chart.yaml); as a plain manifest the file cannot be read. Render it first, or exclude it. A {{ }} that is meant as text must be quoted.',
    });
  return new EvenkeelError(format === 'json' ? 'MANIFEST_JSON_INVALID' : 'MANIFEST_YAML_INVALID', message, {
    where,
    hint: hintFor(line, format),
  });
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end).slice(0, 2000);
}

/** `{{ .Values.x }}` on the line of the mistake, or a line of template control (`{{- if …`) anywhere. */
function findTemplate(line: string, text: string): string | undefined {
  if (/\{\{/.test(line) && !/["'][^"']*\{\{/.test(line)) return '{{ … }}';
  return /^[ \t]*\{\{-?[ \t]*(?:if|else|end|range|with|include|template|define|toYaml|\/\*|\.|\$)/m.test(text) ? '{{- … }}' : undefined;
}

function hintFor(line: string, format: 'yaml' | 'json'): string {
  if (format === 'json') return 'The file begins with "{", so it is read as JSON; the mistake is at, or just before, this place.';
  if (/^ *\t/.test(line)) return 'Replace the tab by spaces: YAML does not allow tabs in indentation.';
  if (/^[<=>]{7}/.test(line)) return 'This is a merge conflict that was committed; resolve it.';
  if (/^[ -]*[^"'#\s][^"'#]*: [^"'#{[|>]*: /.test(line)) return 'Quote the value: a text that holds ": " must stand in quotes.';
  if (/:\s+[@`%]/.test(line)) return 'Quote the value: a text cannot begin with @, ` or %.';
  return 'Look at the indentation and quotes of this line and of the one before it.';
}
