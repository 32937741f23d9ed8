import { readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, Loader, Message, OnResolveArgs, Plugin } from 'esbuild';
import { EvenkeelError, nearest } from '../../model/index.js';
import type { OwnPackage } from './package.js';

const namespace = 'evenkeel-script';

export interface Bundle {
  code: string;
  /** The source map, as JSON. */
  map: string;
  /** What esbuild warned of, as `file:line: text`. */
  warnings: string[];
}

/**
 * Makes one module of a script and of what it imports from files beside it. Packages stay outside: they are loaded
 * from where the script finds them. Our own package is replaced by what the script is given under `key`.
 * @param given names that the script can import from our package and that it is given
 * @throws EvenkeelError SCRIPT_SYNTAX, SCRIPT_NOT_FOUND
 */
export async function bundleScript(options: {
  file: string;
  outfile: string;
  key: string;
  given: readonly string[];
  own: OwnPackage;
}): Promise<Bundle> {
  // esbuild takes a while to load, and scripts are the only ones who need it.
  const esbuild = await import('esbuild');
  const { file, outfile, key, given, own } = options;
  try {
    const result = await esbuild.build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      outfile,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20.20',
      sourcemap: 'external',
      sourcesContent: false,
      // "module" would pick files for bundlers that Node does not take for modules.
      conditions: ['node'],
      logLevel: 'silent',
      legalComments: 'none',
      keepNames: true,
      // Scripts in CommonJS ask for `require`, which a module does not have.
      banner: {
        js: `import { createRequire as __evenkeelRequire } from 'node:module'; const require = __evenkeelRequire(${JSON.stringify(pathToFileURL(file).href)});`,
      },
      define: {
        'import.meta.url': '__evenkeel_url',
        'import.meta.filename': '__evenkeel_filename',
        'import.meta.dirname': '__evenkeel_dirname',
        __filename: '__evenkeel_filename',
        __dirname: '__evenkeel_dirname',
      },
      plugins: [ownModule({ key, given, own }), packagesOutside, ownPlaces],
    });
    const text = (suffix: string) => result.outputFiles.find((output) => output.path.endsWith(suffix))?.text ?? '';
    return { code: text('.mjs'), map: text('.map'), warnings: result.warnings.map(describeMessage) };
  } catch (error) {
    throw syntaxError(error as BuildFailure, file, own);
  }
}

/** `evenkeel` as the script sees it: what it is given, and the rest of the real package where it asks for it. */
function ownModule({ key, given, own }: { key: string; given: readonly string[]; own: OwnPackage }): Plugin {
  return {
    name: 'evenkeel',
    setup(build) {
      build.onResolve({ filter: /^evenkeel(\/|$)/ }, ({ path, namespace: from }) => {
        if (from === namespace) return { path: own.entry('evenkeel') ?? 'evenkeel', external: true, sideEffects: false };
        if (path === 'evenkeel') return { path, namespace };
        const entry = own.entry(path);
        if (entry !== undefined) return { path: entry, external: true };
        return {
          errors: [
            { text: `the package has no entry "${path}"; there ${own.entries.length === 1 ? 'is' : 'are'} ${own.entries.join(', ')}` },
          ],
        };
      });
      build.onLoad({ filter: /.*/, namespace }, () => {
        const rest = own.names.filter((name) => !given.includes(name));
        return {
          contents: [
            `const given = globalThis[Symbol.for('evenkeel.scripts')].get(${JSON.stringify(key)});`,
            ...given.map((name, i) => `const g${i} = given[${JSON.stringify(name)}]; export { g${i} as ${name} };`),
            rest.length === 0 ? '' : `export { ${rest.join(', ')} } from 'evenkeel';`,
          ].join('\n'),
          loader: 'js',
        };
      });
    },
  };
}

/** Packages are loaded by Node from where the script finds them, unless they are TypeScript. */
const packagesOutside: Plugin = {
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async (args: OnResolveArgs) => {
      if (args.pluginData === namespace || args.namespace === namespace || isAbsolute(args.path) || args.kind === 'entry-point')
        return undefined;
      if (args.path.startsWith('node:')) return { path: args.path, external: true };
      const found = await build.resolve(args.path, {
        resolveDir: args.resolveDir,
        kind: args.kind,
        importer: args.importer,
        pluginData: namespace,
      });
      if (found.errors.length > 0 || found.external) return found;
      if (!/[\\/]node_modules[\\/]/.test(found.path) || !/\.([cm]?js|node)$/.test(found.path)) return found;
      return { path: args.kind.startsWith('require') ? found.path : pathToFileURL(found.path).href, external: true };
    });
  },
};

const loaders: { [extension: string]: Loader } = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
};

/** Modules that ask where they are get the place of their source, not of the bundle. */
const ownPlaces: Plugin = {
  name: 'places',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!/import\.meta|__dirname|__filename/.test(source)) return undefined;
      const names = { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) };
      const head = Object.entries(names).map(([name, value]) => `const __evenkeel_${name} = ${JSON.stringify(value)};`);
      // On the first line, so that all lines keep their numbers.
      return { contents: `${head.join('')}${source.replace(/^#!/, '//')}`, loader: loaders[extname(path)] ?? 'ts' };
    });
  },
};

function syntaxError(failure: BuildFailure, file: string, own: OwnPackage): EvenkeelError {
  if (!Array.isArray(failure.errors) || failure.errors.length === 0)
    return new EvenkeelError(
      'SCRIPT_SYNTAX',
      `the script could not be read: ${failure instanceof Error ? failure.message : String(failure)}`,
      { where: { file }, cause: failure },
    );
  const errors = failure.errors.map((message) => one(message, file, own));
  const first = errors[0] as EvenkeelError;
  if (errors.length > 1) first.details['errors'] = errors.map((error) => error.toJSON());
  return first;
}

function one({ text, location }: Message, file: string, own: OwnPackage): EvenkeelError {
  const where =
    location === null
      ? { file }
      : {
          file: isAbsolute(location.file) ? location.file : `${dirname(file)}/${location.file}`,
          line: location.line,
          column: location.column + 1,
        };
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (missing !== undefined) {
    const beside = /^[./]/.test(missing);
    return new EvenkeelError(
      'SCRIPT_SYNTAX',
      beside ? `there is no file "${missing}" to import` : `the package "${missing}" is not installed`,
      {
        where,
        hint: beside
          ? 'Paths are relative to the file that imports them.'
          : `Install it beside the script: npm install ${missing
              .split('/')
              .slice(0, missing.startsWith('@') ? 2 : 1)
              .join('/')}`,
      },
    );
  }
  const unknown = /^No matching export in "evenkeel-script:evenkeel" for import "([^"]+)"/.exec(text)?.[1];
  if (unknown !== undefined) {
    const near = nearest(unknown, [...own.names, 'task', 'workflow']);
    return new EvenkeelError('SCRIPT_SYNTAX', `evenkeel exports no "${unknown}"`, {
      where,
      hint: near === undefined ? 'Types are imported with "import type".' : `Did you mean "${near}"?`,
    });
  }
  return new EvenkeelError('SCRIPT_SYNTAX', text, { where });
}

function describeMessage({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${location.line}: ${text}`;
}
