// Prints what the sources are like: `npm run shape`. `test/shape.test.ts` holds the ceilings.
import { functionLinesMax, measureShape, parametersMax } from './shape-measured.js';

const shown = 15;
const shape = measureShape();

function list(title: string, lines: readonly string[], max = Number.POSITIVE_INFINITY): void {
  console.log(`\n${title}: ${lines.length}`);
  for (const line of lines.slice(0, max)) console.log(`  ${line}`);
  if (lines.length > max) console.log(`  and ${lines.length - max} more`);
}

/** `merge/ 12 of 40`, by folder, of those that have any. */
function byFolder(some: readonly { readonly path: string }[], all: readonly { readonly path: string }[]): string[] {
  const folderOf = ({ path }: { readonly path: string }): string => path.replace(/[^/]*$/, '') || './';
  const folders = [...new Set(some.map(folderOf))].sort();
  const count = (items: readonly { readonly path: string }[], folder: string): number =>
    items.filter((item) => folderOf(item) === folder).length;
  return folders.map((folder) => `${folder} ${count(some, folder)} of ${count(all, folder)}`);
}

const long = shape.functions.filter(({ lines }) => lines > functionLinesMax);
list(
  `functions above ${functionLinesMax} lines (${shape.functions.length} in all)`,
  long.map(({ lines, path, name, line }) => `${lines} ${path}:${line} ${name}`),
);
list(
  `functions with more than ${parametersMax} parameters`,
  shape.functions
    .filter(({ parameters }) => parameters > parametersMax)
    .map(({ parameters, path, name, line }) => `${parameters} ${path}:${line} ${name}`),
);
const nameOf = ({ path, name }: { readonly path: string; readonly name: string }): string => `${path} ${name}`;
list('exports that nobody imports', shape.unused.filter(({ isType }) => !isType).map(nameOf));
list('exported types that nobody imports', shape.unused.filter(({ isType }) => isType).map(nameOf), shown);
list('exports that only tests import', shape.forTests.map(nameOf), shown);
const functions = shape.exports.filter(({ isFunction }) => isFunction);
const silent = functions.filter(({ hasDocstring }) => !hasDocstring);
console.log(`\nexported functions without a docstring: ${silent.length} of ${functions.length}`);
for (const line of byFolder(silent, functions)) console.log(`  ${line}`);
list(
  'files under 20 lines with one user',
  shape.small.map(({ lines, path, user }) => `${lines} ${path} <- ${user}`),
);
list('comment lines above 120 columns', shape.wideComments, shown);
list(
  'files by folder',
  [...shape.folders].sort(([, a], [, b]) => b - a).map(([folder, count]) => `${count} ${folder}`),
);
