import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { sourceFiles, sourcesDirectory } from './sources.js';

const manual = join(dirname(sourcesDirectory), 'man');

/** The titles in each manual page, in capitals, without the numbers of rules. */
const titles: ReadonlyMap<string, readonly string[]> = new Map(
  readdirSync(manual).map((name) => {
    const text = readFileSync(join(manual, name), 'utf8');
    const found = [...text.matchAll(/^\.S[HS] "?(.*?)"?$/gm)].map(([, title = '']) => title.replace(/^\d+\. /, ''));
    return [name.replace(/\.(\d)$/, '($1)'), found.map((title) => title.toUpperCase())];
  }),
);

/** What is wrong with the pages and sections that comments of this text cite. */
function wrongCitations(text: string): string[] {
  const comments = text.replace(/\n\s*(?:\*|\/\/) ?/g, ' ');
  return [...comments.matchAll(/\b(mrepl-\w+\(\d\))(?:, "?([A-Z][^.;:)"]*))?/g)].flatMap(
    ([cited, page = '', section]) => {
      const known = titles.get(page);
      if (known === undefined) return [cited];
      return section === undefined || known.some((title) => section.toUpperCase().startsWith(title)) ? [] : [cited];
    },
  );
}

test('the pages and sections that comments cite are in the repository', () => {
  assert.ok(titles.size >= 5, 'the manual pages were not found');
  const broken = sourceFiles().flatMap(({ path, text }) => [
    ...wrongCitations(text).map((cited) => `${path}: ${cited}`),
    ...[...text.matchAll(/(?<!C2SP )\b[\w-]+\.md\b/g)].map(([page]) => `${path}: ${page}`),
  ]);
  assert.deepEqual(broken, []);
});

/** A path in backticks, or the last part of one, that `src` has no file or folder for. */
function lostPaths(text: string, paths: readonly string[]): string[] {
  const said = [...text.matchAll(/`([a-z][a-z0-9-]*(?:[/.-][a-z0-9-]+)+\/?)`/g)].map(([, path = '']) => path);
  const isThere = (path: string): boolean =>
    paths.some((one) => {
      const known = `/${one}`;
      return path.endsWith('/')
        ? known.includes(`/${path}`)
        : known.replace(/\.ts$/, '').endsWith(`/${path.replace(/\.ts$/, '')}`);
    });
  return said.filter((path) => !/^(?:bin|man|test)\/|\.\d$|^test$/.test(path) && !isThere(path));
}

test('the files and folders that the map and the glossary name are there', () => {
  const paths = sourceFiles().map(({ path }) => path);
  for (const page of ['README.md', 'GLOSSARY.md']) {
    const text = readFileSync(join(sourcesDirectory, page), 'utf8');
    assert.deepEqual(lostPaths(text, [...paths, 'README.md', 'GLOSSARY.md']), [], page);
  }
  assert.deepEqual(lostPaths('`mail/flags`, `flags-of-old`, `mail/`, `attic/`', ['mail/flags.ts']), ['flags-of-old']);
});

test('a citation of what is not there would be found', () => {
  assert.deepEqual(wrongCitations('// See mrepl-sync(7), WHAT A BUNDLE SAYS and Texts.'), []);
  assert.deepEqual(wrongCitations('/** (mrepl-bundle(5),\n * "STAMPED LINES"). */'), []);
  assert.deepEqual(wrongCitations('// mrepl-sync(7), NOTHING, and mrepl-gone(7)'), [
    'mrepl-sync(7), NOTHING, and mrepl-gone(7',
  ]);
  assert.deepEqual(wrongCitations('// mrepl-gone(7)'), ['mrepl-gone(7)']);
});
