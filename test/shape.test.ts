import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionLinesMax, measureShape, parametersMax } from './shape-measured.js';
import { exportsIn, functionsIn, importedNames, wideComments } from './shape-of-sources.js';

// What the sources may be like: `npm run shape` prints what they are like. Ceilings only ever go down.

/** Functions above the limit, each with the reason why it is not two. */
const longFunctions: ReadonlyMap<string, string> = new Map([]);

const unusedExportsMax = 5;
const unusedTypesMax = 41;
const silentExportsMax = 0;
const smallFilesMax = 3;
const wideCommentsMax = 0;

const shape = measureShape();
const nameOf = ({ path, name }: { readonly path: string; readonly name: string }): string => `${path} ${name}`;

test('the sources are measured', () => {
  assert.ok(shape.functions.length > 1500, `only ${shape.functions.length} functions were found`);
  assert.ok(shape.exports.length > 1000, `only ${shape.exports.length} exports were found`);
});

test('no function is longer than a screen, but for those that are named with a reason', () => {
  const long = shape.functions.filter(({ lines }) => lines > functionLinesMax);
  assert.deepEqual(long.map(nameOf).sort(), [...longFunctions.keys()].sort());
});

test('no function has more parameters than can be told apart', () => {
  assert.deepEqual(shape.functions.filter(({ parameters }) => parameters > parametersMax).map(nameOf), []);
});

test('not more than before is exported for nobody', () => {
  const values = shape.unused.filter(({ isType }) => !isType);
  const types = shape.unused.filter(({ isType }) => isType);
  assert.ok(values.length <= unusedExportsMax, `${values.length}: ${values.map(nameOf).join(', ')}`);
  assert.ok(types.length <= unusedTypesMax, `${types.length}: ${types.map(nameOf).join(', ')}`);
});

test('not more exported functions than before are without a docstring', () => {
  const silent = shape.exports.filter(({ isFunction, hasDocstring }) => isFunction && !hasDocstring);
  assert.ok(silent.length <= silentExportsMax, `${silent.length}: ${silent.map(nameOf).join(', ')}`);
});

test('not more files than before are too small to stand alone', () => {
  const small = shape.small.map(({ path, user }) => `${path} <- ${user}`);
  assert.ok(small.length <= smallFilesMax, `${small.length}: ${small.join(', ')}`);
});

test('not more lines of comments than before are wider than they should be', () => {
  assert.ok(shape.wideComments.length <= wideCommentsMax, shape.wideComments.join(', '));
});

test('functions are measured by where they end', () => {
  const text = `/** A comment with a { in it. */
export async function first<T extends readonly (string | number)[]>(
  one: (x: number) => Map<string, T>,
  { two, three }: { readonly two: string; readonly three: string },
): Promise<{
  readonly result: string;
}> {
  const inner = (a: number, b: number, c: number, d: number, e: number): number => {
    return a + b + c + d + e;
  };
  const short = (a: number) => a;
  if (short(1) === 1) {
    return { result: two };
  }
  return { result: three };
}

class Some {
  method(): void {
    call({
      a: 1,
    });
  }
}
`;
  assert.deepEqual(
    functionsIn({ path: 'a.ts', text }).map(({ name, line, lines, parameters }) => [name, line, lines, parameters]),
    [
      ['first', 2, 15, 2],
      ['inner', 8, 3, 5],
      ['method', 19, 5, 0],
    ],
  );
});

test('exports and who imports them are found', () => {
  const a = {
    path: 'src/a.ts',
    text: '/** Said. */\nexport function f(): void {}\nexport type T = string;\nconst x = 1;\n',
  };
  const b = {
    path: 'src/b/b.ts',
    text: "import { f as g, type T } from '../a.js';\nimport * as all from './c.js';\nconst { d } = await import('./d.js');\n",
  };
  assert.deepEqual(
    exportsIn(a).map(({ name, isType, isFunction, hasDocstring }) => [name, isType, isFunction, hasDocstring]),
    [
      ['f', false, true, true],
      ['T', true, false, false],
    ],
  );
  assert.deepEqual(
    [...importedNames([a, b])].map(([path, names]) => [path, [...names]]),
    [
      ['src/a.ts', ['f', 'T']],
      ['src/b/c.ts', ['*']],
      ['src/b/d.ts', ['d']],
    ],
  );
});

test('wide comments are found, and wide code is not', () => {
  const text = ` // ${'x'.repeat(20)}\n/** ${'y'.repeat(20)}\n * ${'y'.repeat(20)} */\nconst z = '${'z'.repeat(20)}';\n`;
  assert.deepEqual(wideComments({ path: 'a.ts', text }, 20), ['a.ts:1', 'a.ts:2', 'a.ts:3']);
});
