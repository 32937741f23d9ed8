import { EvenkeelError, type Json, setOwn } from '../model/index.js';
import {
  anyOf,
  boolean,
  data,
  list,
  type ModuleDescription,
  optional,
  optionalParameter,
  options,
  parameter,
  record,
  text,
} from './describe/types.js';
import { dataOf } from './files/yaml.js';
import type { ModuleHost } from './host.js';

type Data = { [key: string]: Json };

/** Values from files and from the command line, one layer over the other. */
export interface ValuesModule {
  /** Reads files in order, a later one over an earlier one, and the run's own `--param`s over all of them. */
  load(files: string | string[], options?: { params?: boolean; optional?: boolean }): Promise<Data>;
  /** A new object: mappings are merged, lists and everything else replaced; null takes a key away. */
  merge(...layers: (Data | undefined)[]): Data;
  /** What stands at a path like `image.tag` or `hosts[0].name`. */
  get(values: unknown, path: string, fallback?: Json): Json | undefined;
  /** What `--param` and `--values` gave. */
  params(): Data;
}

export function openValues(host: Pick<ModuleHost, 'workingDirectory' | 'folders' | 'params'>): ValuesModule {
  const params = (): Data => structuredClone({ ...host.params });
  return {
    async load(files, { params: withParams = true, optional: mayBeAbsent = false } = {}) {
      const layers: Data[] = [];
      for (const file of typeof files === 'string' ? [files] : files) {
        const layer = await dataOf(host, file, mayBeAbsent);
        if (layer !== undefined) layers.push(layer);
      }
      return merge([...layers, ...(withParams ? [params()] : [])]);
    },
    merge: (...layers) => merge(layers.filter((layer) => layer !== undefined)),
    get: (values, path, fallback) => getAt(values, path) ?? fallback,
    params,
  };
}

function merge(layers: readonly Data[]): Data {
  const out: Data = {};
  for (const layer of layers)
    for (const [key, value] of Object.entries(layer)) {
      const below = Object.hasOwn(out, key) ? out[key] : undefined;
      if (value === null) delete out[key];
      else if (isMapping(value)) setOwn(out, key, merge(isMapping(below) ? [below, value] : [value]));
      else setOwn(out, key, structuredClone(value));
    }
  return out;
}

function isMapping(value: unknown): value is Data {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Own members only; a key with a dot in it is written in quotes: `annotations["example.com/x"]`. */
export function getAt(root: unknown, path: string): Json | undefined {
  let at: unknown = root;
  for (const step of stepsOf(path)) {
    if (at === null || typeof at !== 'object') return undefined;
    if (Array.isArray(at)) at = typeof step === 'number' ? at[step] : undefined;
    else at = Object.hasOwn(at, String(step)) ? (at as Data)[String(step)] : undefined;
  }
  return at as Json | undefined;
}

function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  const step = /\.?(?:\[(?:([0-9]{1,9})|"((?:[^"\\]|\\.)*)")\]|([^.[\]"\s]+))/y;
  while (step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null || (steps.length === 0 && path.startsWith('.')))
      throw new EvenkeelError('ARGUMENT_INVALID', `"${path.slice(0, 100)}" is not a path`, {
        where: { field: 'path' },
        hint: 'Write it like image.tag, hosts[0].name or annotations["example.com/x"].',
      });
    if (found[1] !== undefined) steps.push(Number(found[1]));
    else steps.push(found[2] === undefined ? (found[3] as string) : found[2].replace(/\\(.)/g, '$1'));
  }
  return steps;
}

export const valuesDescription: ModuleDescription<ValuesModule> = {
  summary: 'Values from files and from the command line, one layer over the other.',
  functions: {
    load: {
      summary: "Reads YAML or JSON files in order, a later one over an earlier one, and the run's parameters over all of them.",
      parameters: [
        parameter('files', anyOf(text, list(text)), 'A file or several, relative to the working directory'),
        options({
          params: optional(boolean, 'Lay the parameters of the run over the files. Default true'),
          optional: optional(boolean, 'Files that do not exist are left out. Default false'),
        }),
      ],
      returns: { type: data },
      async: true,
      throws: ['FILE_NOT_FOUND', 'FILE_OUTSIDE', 'DATA_INVALID'],
    },
    merge: {
      summary: 'Lays values over each other: mappings are merged, lists and everything else replaced, null takes a key away.',
      parameters: [{ ...optionalParameter('layers', record(data), 'From the lowest to the highest'), repeated: true }],
      returns: { type: data },
      async: false,
    },
    get: {
      summary: 'What stands at a path like `image.tag` or `hosts[0].name`. Items count from 0.',
      parameters: [
        parameter('values', data, 'Where it is looked for'),
        parameter('path', text, 'Names with dots between them, items in brackets'),
        optionalParameter('fallback', data, 'What is returned where there is nothing'),
      ],
      returns: { type: data, optional: true },
      async: false,
    },
    params: {
      summary: 'The parameters of the run: what `--param` and `--values` gave.',
      parameters: [],
      returns: { type: data },
      async: false,
    },
  },
};
