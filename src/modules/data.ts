import { createHash } from 'node:crypto';
import { formatYaml, formatYamlDocuments, parseYaml } from '../manifest/index.js';
import { EvenkeelError, type Json, parseJson, stringifyJson } from '../model/index.js';
import { boolean, bytes, choice, data, list, type ModuleDescription, optional, options, parameter, text } from './describe/types.js';

/** JSON and YAML as Kubernetes reads them, and the usual encodings. Integers beyond 2^53 survive as bigint. */
export interface DataModule {
  parseJson(text: string): Json;
  toJson(value: unknown, options?: { pretty?: boolean }): string;
  /** One document; nothing at all is null. */
  parseYaml(text: string): Json;
  parseYamlDocuments(text: string): Json[];
  toYaml(value: unknown, options?: { sortKeys?: boolean }): string;
  toYamlDocuments(values: unknown[], options?: { sortKeys?: boolean }): string;
  encodeBase64(value: string | Uint8Array): string;
  /** Text where the bytes are UTF-8, else the bytes. */
  decodeBase64(text: string): string | Uint8Array;
  hash(value: string | Uint8Array, options?: { algorithm?: 'sha256' | 'sha512' | 'sha1' | 'md5' }): string;
}

const what = 'the text';

export const dataModule: DataModule = {
  parseJson(source) {
    try {
      return parseJson(source);
    } catch (error) {
      // The engine's message quotes what it read, which may be a secret: only the place is kept.
      const at = /position [0-9]+(?: \(line [0-9]+ column [0-9]+\))?|deeper than [0-9]+ levels/.exec((error as Error).message)?.[0];
      throw new EvenkeelError('DATA_INVALID', `the text is not JSON${at === undefined ? '' : ` (${at})`}`, {
        hint: 'Check for a missing quote, comma or brace; YAML is read by data.parseYaml.',
      });
    }
  },
  toJson: (value, { pretty = false } = {}) => stringifyJson(value, pretty ? 2 : 0),
  parseYaml(source) {
    const documents = parseYaml(source, { file: what });
    if (documents.length > 1)
      throw new EvenkeelError('DATA_INVALID', `the text holds ${documents.length} YAML documents`, {
        where: { line: documents[1]?.line },
        hint: 'Read all of them with data.parseYamlDocuments.',
      });
    return documents[0]?.value ?? null;
  },
  parseYamlDocuments: (source) => parseYaml(source, { file: what }).map((document) => document.value),
  toYaml: (value, yamlOptions = {}) => formatYaml(value, yamlOptions),
  toYamlDocuments: (values, yamlOptions = {}) => formatYamlDocuments(values, yamlOptions),
  encodeBase64: (value) => Buffer.from(value as string).toString('base64'),
  decodeBase64(source) {
    const plain = source
      .replace(/[\r\n\t ]/g, '')
      .replaceAll('-', '+')
      .replaceAll('_', '/');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.replace(/=+$/, '').length % 4 === 1)
      throw new EvenkeelError('DATA_INVALID', 'the text is not base64', { hint: 'It holds A-Z, a-z, 0-9, "+" and "/" only.' });
    return textIfUtf8(Buffer.from(plain, 'base64'));
  },
  hash: (value, { algorithm = 'sha256' } = {}) => createHash(algorithm).update(value).digest('hex'),
};

/** Bytes as text where they are UTF-8 without a byte-order mark; else as they are. */
function textIfUtf8(raw: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return raw;
  }
}

const yamlOptions = options({ sortKeys: optional(boolean, 'Keys in order, as kubectl prints them. Default: as they stand') });
const yamlErrors = ['MANIFEST_YAML_INVALID', 'MANIFEST_TOO_DEEP', 'MANIFEST_ALIASES', 'MANIFEST_TOO_LARGE'];

export const dataDescription: ModuleDescription<DataModule> = {
  summary: 'JSON and YAML as Kubernetes reads them, and the usual encodings.',
  functions: {
    parseJson: {
      summary: 'Reads JSON. Integers of 64 bits survive.',
      parameters: [parameter('text', text, 'JSON')],
      returns: { type: data },
      async: false,
      throws: ['DATA_INVALID'],
    },
    toJson: {
      summary: 'Writes JSON.',
      parameters: [
        parameter('value', data, 'What is written'),
        options({ pretty: optional(boolean, 'Two spaces a level. Default: one line') }),
      ],
      returns: { type: text },
      async: false,
    },
    parseYaml: {
      summary: 'Reads one YAML document as Kubernetes reads it: `yes` is true, `012` is ten, a date is a text.',
      parameters: [parameter('text', text, 'YAML')],
      returns: { type: data, summary: 'null where there is nothing' },
      async: false,
      throws: ['DATA_INVALID', ...yamlErrors],
    },
    parseYamlDocuments: {
      summary: 'Reads all documents of a text with `---` between them. Empty ones are left out.',
      parameters: [parameter('text', text, 'YAML')],
      returns: { type: list(data) },
      async: false,
      throws: yamlErrors,
    },
    toYaml: {
      summary: 'Writes YAML that every reader understands alike: what another could take for a number or a date is quoted.',
      parameters: [parameter('value', data, 'What is written'), yamlOptions],
      returns: { type: text },
      async: false,
    },
    toYamlDocuments: {
      summary: 'Writes several documents with `---` between them.',
      parameters: [parameter('values', list(data), 'What is written'), yamlOptions],
      returns: { type: text },
      async: false,
    },
    encodeBase64: {
      summary: 'Writes base64, as the `data` of a Secret holds it.',
      parameters: [parameter('value', bytes, 'A text or bytes')],
      returns: { type: text },
      async: false,
    },
    decodeBase64: {
      summary: 'Reads base64, also the form for URLs.',
      parameters: [parameter('text', text, 'base64')],
      returns: { type: bytes, summary: 'A text where the bytes are UTF-8' },
      async: false,
      throws: ['DATA_INVALID'],
    },
    hash: {
      summary: 'A hash in hexadecimal digits.',
      parameters: [
        parameter('value', bytes, 'A text or bytes'),
        options({ algorithm: optional(choice('sha256', 'sha512', 'sha1', 'md5'), 'Default sha256') }),
      ],
      returns: { type: text },
      async: false,
    },
  },
};
