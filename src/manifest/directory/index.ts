import {
  count,
  EvenkeelError,
  type FileTree,
  type KubeObject,
  type Manifest,
  parseJson,
  printable,
  stringifyJson,
} from '../../model/index.js';
import { readManifests } from '../objects.js';
import { gatherProblems, type Problems } from '../problems.js';
import { parseYaml } from '../yaml/index.js';
import { type FoundFile, findFiles } from './find.js';
import { compileGlob } from './glob.js';

export { compileGlob };

/** Results of parsing by the contents' id, so that what has not changed is neither read nor parsed again. */
export interface ParseCache {
  get(ids: readonly string[]): Promise<Map<string, string>>;
  put(entries: readonly { key: string; value: string }[]): Promise<void>;
}

export interface LoadDirectoryOptions {
  /** Also read folders below. Default true. */
  recurse?: boolean;
  /** Read only files that match one of these globs, relative to the path. */
  include?: readonly string[];
  /** Leave out files that match one of these globs. */
  exclude?: readonly string[];
  /** Default 32 MiB. */
  maxFileBytes?: number;
  /** Default 50000. */
  maxFiles?: number;
  /** Default 512 MiB. */
  maxTotalBytes?: number;
  cache?: ParseCache;
}

export interface LoadedDirectory {
  /** By path, then as they stand in the file. */
  manifests: Manifest[];
  /** Every file that was read. */
  read: { path: string; id: string }[];
  warnings: string[];
  /** Kustomization files that were met and not read: they are no manifests. */
  kustomizationFiles: string[];
}

const MiB = 1024 * 1024;
const manifestName = /\.(?:yaml|yml|json)$/i;
const kustomizationName = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;
const hidden = /(?:^|\/)\.[^/]/;

/**
 * Reads the manifests below a path: *.yaml, *.yml and *.json. Names that begin with a dot are left out unless
 * `include` names them; a path that is a single file is read whatever its name.
 * @param path folder or file in the tree; '' is the root
 * @throws EvenkeelError MANIFEST_* and FILE_TOO_LARGE; the mistakes of all files together, see `details.problems`
 */
export async function loadDirectory(tree: FileTree, path: string, options: LoadDirectoryOptions = {}): Promise<LoadedDirectory> {
  const { recurse = true, maxFileBytes = 32 * MiB, maxFiles = 50_000, maxTotalBytes = 512 * MiB, cache } = options;
  const directory = path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/');
  const include = options.include?.map(compileGlob);
  const exclude = options.exclude?.map(compileGlob) ?? [];
  const result: LoadedDirectory = { manifests: [], read: [], warnings: [], kustomizationFiles: [] };

  const found = await findFiles(tree, directory, {
    recurse,
    maxFiles,
    isManifestName: (name) => manifestName.test(name),
    wants: (name, kind) => {
      if (exclude.some((matches) => matches(name))) return false;
      if (kind === 'symlink') return include !== undefined || !hidden.test(name);
      if (kustomizationName.test(name)) {
        result.kustomizationFiles.push(directory === '' ? name : `${directory}/${name}`);
        return false;
      }
      if (!manifestName.test(name)) return false;
      return include === undefined ? !hidden.test(name) : include.some((matches) => matches(name));
    },
  });
  for (const submodule of found.submodules) result.warnings.push(`${printable(submodule)} is a Git submodule and is not read`);
  for (const link of found.dangling) result.warnings.push(`${printable(link)} is a symbolic link to nothing`);

  const problems = gatherProblems();
  const known = await cached(found.files, cache);
  const missing = [...new Map(found.files.filter(({ entry }) => !known.has(entry.id)).map(({ entry }) => [entry.id, entry])).values()];
  const contents = await tree.read(missing, maxFileBytes);
  const bytes = new Map(missing.map((entry, index) => [entry.id, contents[index] as Uint8Array]));
  const total = contents.reduce((sum, content) => sum + content.length, 0);
  if (total > maxTotalBytes)
    throw new EvenkeelError(
      'MANIFEST_TOO_LARGE',
      `the manifest files hold ${Math.ceil(total / MiB)} MiB together, more than ${Math.floor(maxTotalBytes / MiB)} MiB`,
      {
        where: { file: directory },
        hint: 'Choose a narrower path, or exclude what holds no manifests.',
      },
    );
  const fresh = new Map<string, string>();
  for (const file of found.files) {
    result.read.push({ path: file.path, id: file.entry.id });
    const old = known.get(file.entry.id);
    const parsed = old ?? readFile(file, bytes.get(file.entry.id) as Uint8Array, problems);
    if (parsed === undefined) continue;
    result.manifests.push(...parsed.manifests.map(({ object, line, column }) => ({ object, source: { file: file.path, line, column } })));
    result.warnings.push(...parsed.warnings.map((warning) => `${printable(file.path)}${warning}`));
    if (old === undefined && !parsed.manifests.some(({ object }) => holdsSecret(object)))
      fresh.set(cacheKey(file.entry.id), stringifyJson(parsed));
  }
  problems.throwIfAny();
  if (cache && fresh.size > 0) await cache.put([...fresh].map(([key, value]) => ({ key, value })));
  return result;
}

/** What is kept of a file: all that depends on its contents and not on its path. */
interface ParsedFile {
  manifests: { object: KubeObject; line: number; column: number }[];
  /** What follows the path: most begin with `:line:column: `. */
  warnings: string[];
}

/** To be raised whenever the same bytes are read differently than before. */
const cacheVersion = 1;

function cacheKey(id: string): string {
  return `${cacheVersion}:${id}`;
}

async function cached(files: readonly FoundFile[], cache: ParseCache | undefined): Promise<Map<string, ParsedFile>> {
  const known = new Map<string, ParsedFile>();
  if (!cache) return known;
  const ids = new Map(files.map(({ entry }) => [cacheKey(entry.id), entry.id]));
  for (const [key, text] of await cache.get([...ids.keys()])) {
    const id = ids.get(key);
    if (id !== undefined) known.set(id, parseJson(text) as unknown as ParsedFile);
  }
  return known;
}

/** Secrets are kept nowhere in clear, so a file that holds one is parsed each time. */
function holdsSecret(object: KubeObject): boolean {
  return object.kind === 'Secret';
}

function readFile(file: FoundFile, bytes: Uint8Array, problems: Problems): ParsedFile | undefined {
  return problems.attempt(() => {
    const documents = parseYaml(decode(file.path, bytes), { file: file.path });
    const manifests = readManifests(documents, file.path);
    return {
      manifests: manifests.map(({ object, source }) => ({ object, line: source.line ?? 1, column: source.column ?? 1 })),
      warnings:
        documents.length === 0
          ? [' holds no Kubernetes object']
          : documents.flatMap(({ warnings }) => warnings.map(({ message, line, column }) => `:${line}:${column}: ${printable(message)}`)),
    };
  });
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new EvenkeelError('MANIFEST_NOT_UTF8', `${printable(file)} is not UTF-8 text${utf16 ? ', but UTF-16' : ''}`, {
      where: { file },
      hint: utf16
        ? 'Save the file as UTF-8.'
        : `Save the file as UTF-8, or exclude it if it is no manifest (${count(bytes.length, 'byte')}).`,
      cause,
    });
  }
}
