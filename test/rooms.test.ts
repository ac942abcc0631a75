import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  fileLinesMax,
  folderFilesMax,
  folders,
  forbidden,
  forbiddenFileNames,
  packages,
  partOf,
  type Room,
  rooms,
  whyNot,
  whyNotFolder,
} from './rooms.js';
import { sourceFiles, sourcesDirectory } from './sources.js';

type Source = { readonly path: string; readonly room: string; readonly text: string };

const files: readonly Source[] = sourceFiles().map(({ path, text }) => ({ path, room: roomOf(path), text }));

test('every file lives in a room of the table', () => {
  assert.ok(files.length > 50, `only ${files.length} files were found: are these the sources?`);
  const known = new Set(rooms.map(({ name }) => name));
  assert.deepEqual(
    files.filter(({ room }) => !known.has(room)).map(({ path }) => path),
    [],
  );
});

test('imports go only where the tables of rooms and folders allow', () => {
  const broken = files.flatMap(({ path, room, text }) =>
    importsOf(text)
      .filter((target) => target.startsWith('.'))
      .flatMap((target) => {
        const imported = join(dirname(path), target).replace(/\.js$/, '.ts');
        const reason = whyNot(room, roomOf(imported)) ?? whyNotFolder(path, imported);
        return reason === null ? [] : [`${path} imports ${target}: ${reason}`];
      }),
  );
  assert.deepEqual(broken, []);
});

test('what kind of store there is knows the room of stores alone', () => {
  const insideOfStores = /\/store\/(maildir|memory)\//;
  const signsOfMaildir = /dovecot-(uidlist|keywords)|\bbase names?\b|,[SWU]=|:2,|\bdotlock|\d+ keywords/i;
  const outside = files.filter(({ room }) => room !== 'store');
  const importing = outside.filter(({ text }) => importsOf(text).some((target) => insideOfStores.test(target)));
  const planning = outside.filter(({ room }) => ['apply', 'merge', 'flow', 'check'].includes(room));
  assert.ok(planning.length > 100);
  const knowing = planning.filter(({ text }) => signsOfMaildir.test(text));
  assert.deepEqual(
    [importing, knowing].flat().map(({ path }) => path),
    [],
  );
});

test('every folder within a room is in the table of folders, and every folder of the table is there', () => {
  const there = new Set(
    files.flatMap(({ path }) => {
      const above = path.split('/').slice(0, -1);
      return above.map((_, depth) => above.slice(0, depth + 1).join('/'));
    }),
  );
  const split = [...there].filter((folder) => [...there].some((other) => dirname(other) === folder));
  assert.deepEqual([...folders.keys()].sort(), split.sort());
  const wrong = [...folders].flatMap(([folder, floors]) => {
    const parts = new Set(files.map(({ path }) => partOf(folder, path)).filter((part) => part !== null));
    const named = floors.flat();
    return [
      ...[...parts].filter((part) => !named.includes(part)).map((part) => `${folder}/${part} is not in the table`),
      ...named.filter((part) => !parts.has(part)).map((part) => `${folder}/${part} is not there`),
    ];
  });
  assert.deepEqual(wrong, []);
});

test('no folder has more files of its own, and no file more lines, than can be taken in', () => {
  const counts = new Map<string, number>();
  for (const { path } of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  assert.deepEqual(
    [...counts].filter(([, count]) => count > folderFilesMax),
    [],
  );
  assert.deepEqual(
    files.filter(({ text }) => text.split('\n').length - 1 > fileLinesMax).map(({ path }) => path),
    [],
  );
});

test('no files import each other in a circle, nor their types', () => {
  const imports = new Map(
    files.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter((target) => target.startsWith('.'))
        .map((target) => join(dirname(path), target).replace(/\.js$/, '.ts')),
    ]),
  );
  assert.deepEqual(circlesIn(imports), []);
});

test('packages are imported only by the rooms that own them, and every package has an owner', () => {
  const broken = files.flatMap(({ path, room, text }) =>
    importsOf(text)
      .filter((target) => !target.startsWith('.'))
      .flatMap((target) => {
        const owner = packages.get(target);
        if (owner === undefined)
          return target.startsWith('node:') ? [] : [`${path} imports ${target}: no room owns it`];
        return owner.rooms.includes(room) ? [] : [`${path} imports ${target}: ${owner.because}`];
      }),
  );
  assert.deepEqual(broken, []);
});

test('only terminal/ writes to the standard streams', () => {
  const broken = files.filter(
    ({ room, text }) =>
      room !== 'terminal' &&
      /\bconsole\.\w|\bprocess\s*\.\s*std(out|err|in)\b|\bstd(out|err|in)\b[^\n]*=\s*process\b/.test(text),
  );
  assert.deepEqual(
    broken.map(({ path }) => path),
    [],
  );
});

test('only cli/ looks at the environment, the home directory and the machine, and what runs before it', () => {
  const broken = files.filter(
    ({ room, text }) =>
      !['cli', 'startup'].includes(room) && /\bprocess\s*\.\s*(env|argv)\b|\bhomedir\b|\buserInfo\b/.test(text),
  );
  assert.deepEqual(
    broken.map(({ path }) => path),
    [],
  );
});

test('no file is called after nothing, exports by default, or only passes on', () => {
  const broken = files.flatMap(({ path, text }) => {
    const name = path.replace(/^.*\//, '').replace(/(\.d)?\.ts$/, '');
    const faults: string[] = [];
    if (path.split('/').some((part) => forbiddenFileNames.has(part.replace(/\.ts$/, ''))))
      faults.push('a name that says nothing');
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) faults.push('a name that is not kebab-case');
    if (/^export default\b/m.test(text)) faults.push('a default export');
    if (isBarrel(text)) faults.push('a barrel');
    return faults.map((fault) => `${path}: ${fault}`);
  });
  assert.deepEqual(broken, []);
});

test('the table: every edge downwards is allowed or forbidden with a reason, and none is both', () => {
  const expected: string[] = [];
  for (const from of rooms) {
    for (const to of rooms) {
      if (to.rank < from.rank && whyNot(from.name, to.name) !== null) expected.push(`${from.name} -> ${to.name}`);
    }
  }
  assert.deepEqual([...forbidden.keys()].sort(), expected.sort());
});

test('the table: no room imports one of its own rank or of a higher', () => {
  const odd: string[] = [];
  for (const { name, rank, mayImport } of rooms) {
    if (mayImport === 'everything') continue;
    for (const target of mayImport) {
      const found = rooms.find((room) => room.name === target);
      if (found === undefined || found.rank >= rank) odd.push(`${name} -> ${target}`);
    }
  }
  assert.deepEqual(odd, []);
});

test('src/README.md has the same table', () => {
  assert.deepEqual(tableIn(readFileSync(join(sourcesDirectory, 'README.md'), 'utf8')), rooms.map(comparable));
});

test('the reader of imports sees every kind', () => {
  const text = `import { a } from './a.js';
import type { B } from "../b/c.js";
import {
  c,
} from './c.js';
export { d } from './d.js';
import './e.js';
const f = await import('./f.js');
new Worker(new URL('./g-worker.js', import.meta.url));
// import { h } from './h.js' in a comment counts as well: better one too many
type I = import('./i.js').I;`;
  assert.deepEqual(importsOf(text).sort(), [
    '../b/c.js',
    './a.js',
    './c.js',
    './d.js',
    './e.js',
    './f.js',
    './g-worker.js',
    './h.js',
    './i.js',
  ]);
});

test('a circle would be found, and each only once', () => {
  const imports = new Map([
    ['a.ts', ['b.ts']],
    ['b.ts', ['c.ts', 'd.ts']],
    ['c.ts', ['a.ts', 'e.ts']],
    ['d.ts', ['d.ts']],
    ['e.ts', ['f.ts', 'gone.ts']],
    ['f.ts', ['e.ts']],
    ['g.ts', ['a.ts']],
  ]);
  assert.deepEqual(circlesIn(imports), ['a.ts b.ts c.ts', 'd.ts', 'e.ts f.ts']);
});

test('a forbidden import would be found', () => {
  assert.equal(whyNot('merge', 'merge'), null);
  assert.equal(whyNot('cli', 'merge'), null);
  assert.match(whyNot('store', 'replica') ?? '', /^a store knows messages/);
  assert.match(whyNot('mail', 'merge') ?? '', /^a room does not know/);
  assert.match(whyNot('apply', 'bundle') ?? '', /^rooms of one rank/);
  assert.match(whyNot('bundle', 'catalog') ?? '', /^a bundle is written/);
  assert.match(whyNot('attic', 'merge') ?? '', /^attic is not in the table/);
  assert.equal(whyNotFolder('flow/export/a.ts', 'flow/run/b.ts'), null);
  assert.equal(whyNotFolder('flow/a.ts', 'flow/export/b.ts'), null);
  assert.equal(whyNotFolder('flow/run/a.ts', 'merge/join/b.ts'), null);
  assert.match(whyNotFolder('flow/run/a.ts', 'flow/b.ts') ?? '', /built on it/);
  assert.match(whyNotFolder('flow/export/a.ts', 'flow/import/b.ts') ?? '', /one without the other/);
  assert.match(whyNotFolder('store/maildir/layout/a.ts', 'store/maildir/write/b.ts') ?? '', /built on it/);
  assert.match(whyNotFolder('store/interface/a.ts', 'store/maildir/write/b.ts') ?? '', /built on it/);
  assert.match(whyNotFolder('flow/attic/a.ts', 'flow/run/b.ts') ?? '', /not in the table/);
  assert.ok(isBarrel("export * from './a.js';\nexport { b } from './b.js';\n"));
  assert.ok(!isBarrel("import { a } from './a.js';\nexport const b = a;\n"));
});

/** `mail/flags.ts` is in `mail`, `failure.ts` and `failure.js` are `failure`. */
function roomOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.[jt]s$/, '');
}

function importsOf(text: string): string[] {
  const forms = [
    /\bfrom\s*(['"])([^'"\s]+)\1/g,
    /\bimport\s*(['"])([^'"\s]+)\1/g,
    /\bimport\s*\(\s*(['"])([^'"\s]+)\1/g,
    /\bnew\s+URL\s*\(\s*(['"])([^'"\s]+\.js)\1\s*,\s*import\.meta\.url/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[2] ?? ''));
}

/** The files of each circle, as one line; circles that share a file are one. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Map([...imports.keys()].map((path) => [path, reachedFrom(path, imports)]));
  const circles = [...imports.keys()]
    .filter((path) => reached.get(path)?.has(path))
    .map((path) => [...(reached.get(path) ?? [])].filter((other) => reached.get(other)?.has(path)).sort());
  return [...new Set(circles.map((circle) => circle.join(' ')))].sort();
}

/** Every file that is imported from here, through however many others. */
function reachedFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const ahead = [...(imports.get(start) ?? [])];
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    ahead.push(...(imports.get(path) ?? []));
  }
  return found;
}

function isBarrel(text: string): boolean {
  const statements = text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  return (
    statements.length > 0 && statements.every((statement) => /^export\b[\s\S]*\bfrom\s*['"][^'"]+['"]$/.test(statement))
  );
}

type Comparable = {
  readonly name: string;
  readonly rank: number;
  readonly mayImport: readonly string[] | 'everything';
};

function comparable({ name, rank, mayImport }: Room): Comparable {
  return { name, rank, mayImport: mayImport === 'everything' ? mayImport : [...mayImport].sort() };
}

/** The rows `| rank | room | question | lives there | may import |`. */
function tableIn(markdown: string): Comparable[] {
  return markdown
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .filter((cells) => /^\d+$/.test(cells[1] ?? ''))
    .map((cells) => {
      const may = cells[5] ?? '';
      const mayImport =
        may === 'everything'
          ? may
          : may === 'nothing'
            ? []
            : may
                .split(',')
                .map((name) => name.trim())
                .sort();
      return { name: roomOf((cells[2] ?? '').replaceAll('`', '')), rank: Number(cells[1]), mayImport };
    });
}
