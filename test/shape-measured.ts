import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type ExportShape,
  exportsIn,
  type FunctionShape,
  functionsIn,
  importedNames,
  type SourceText,
  wideComments,
} from './shape-of-sources.js';
import { sourceFiles, sourcesDirectory } from './sources.js';

/** A function of one screen has at most so many lines. Inclusive. */
export const functionLinesMax = 80;

/** A function has at most so many parameters; a group of named ones is one. Inclusive. */
export const parametersMax = 4;

/** Columns of a comment, inclusive. */
export const commentColumnsMax = 120;

/** A file with fewer lines than this, exclusive, and a single user belongs in with its user. */
const smallFileLines = 20;

/** What the sources are like, by file and name. */
export type Shape = {
  /** The longest first. */
  readonly functions: readonly FunctionShape[];
  readonly exports: readonly ExportShape[];
  /** Exported, and imported by nobody. */
  readonly unused: readonly ExportShape[];
  /** Exported, and imported by tests only. */
  readonly forTests: readonly ExportShape[];
  readonly wideComments: readonly string[];
  /** Files too small to stand alone, with the one file that imports each. */
  readonly small: readonly { readonly path: string; readonly lines: number; readonly user: string }[];
  /** Files of its own by folder. */
  readonly folders: ReadonlyMap<string, number>;
};

/** Measures all of `src`. */
export function measureShape(): Shape {
  const sources = sourceFiles();
  const within = importedNames(sources);
  const outside = importedNames([...filesBeside('test'), ...filesBeside('bin')]);
  const isImported = (
    { path, name }: ExportShape,
    by: ReadonlyMap<string, ReadonlySet<string>>,
    prefix: string,
  ): boolean => {
    const names = by.get(prefix + path);
    return names !== undefined && (names.has(name) || names.has('*'));
  };
  const exports = sources.filter(({ path }) => !path.endsWith('.d.ts')).flatMap(exportsIn);
  const elsewhere = exports.filter((one) => !isImported(one, within, ''));
  const folders = new Map<string, number>();
  for (const { path } of sources) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
  return {
    functions: sources.flatMap(functionsIn).sort((a, b) => b.lines - a.lines),
    exports,
    unused: elsewhere.filter((one) => !isImported(one, outside, 'src/')),
    forTests: elsewhere.filter((one) => isImported(one, outside, 'src/')),
    wideComments: sources.flatMap((source) => wideComments(source, commentColumnsMax)),
    small: smallFiles(sources),
    folders,
  };
}

function smallFiles(sources: readonly SourceText[]): Shape['small'] {
  const users = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const target of importedNames([source]).keys()) {
      users.set(target, (users.get(target) ?? new Set()).add(source.path));
    }
  }
  return sources.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1;
    const [user, ...others] = users.get(path) ?? [];
    return lines < smallFileLines && user !== undefined && others.length === 0 ? [{ path, lines, user }] : [];
  });
}

/** TypeScript and JavaScript files of a directory beside `src`, by their paths in the checkout; what they import of `dist/src` is called `src`. */
function filesBeside(directory: string): SourceText[] {
  const checkout = dirname(sourcesDirectory);
  return readdirSync(join(checkout, directory), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[jt]s$/.test(path))
    .map((path) => ({
      path: join(directory, path),
      text: readFileSync(join(checkout, directory, path), 'utf8').replaceAll('../dist/src/', '../src/'),
    }));
}
