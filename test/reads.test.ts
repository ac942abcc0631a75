import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from './sources.js';

// What others may have prepared is opened in one way (fs/open-untrusted-file), which no FIFO holds up and no size fills the memory. Whoever reads a whole
// file in another way has to be here.

/** Files that read a whole file by themselves, and why nobody else can have put another one there, or it is bounded. */
const mayRead: ReadonlyMap<string, string> = new Map([
  ['catalog/lock/lock-owner.ts', 'a file of /proc'],
  ['cli/commands/support-facts.ts', 'a file of the system'],
  ['cli/context/installation-root.ts', 'a file of this program'],
  ['medium/places-unlike-a-medium.ts', 'a file of /proc'],
  ['packaging/make-package.ts', 'files of this program'],
  ['packaging/third-party-licences.ts', 'files of this program'],
  ['startup/compiled-code-file.ts', 'by descriptor, of this user`s own, and bounded'],
  ['startup/load-with-compiled-code.ts', 'a file of this program'],
  ['store/imap/look/text-cache.ts', 'of this user`s own, in a directory that only this user can write to'],
  ['terminal/format/frames-in-sources.ts', 'files of this program'],
  ['terminal/html/self-contained-page.ts', 'a file of this program'],
  ['trust/identity/host-key-file.ts', 'by descriptor, of this user`s own, and bounded'],
]);

test('whole files are read in the one way that nobody can hold up or fill the memory with, but for those named here', () => {
  const readers = sourceFiles()
    .filter(({ path }) => !path.startsWith('fs/'))
    .filter(({ text }) =>
      /^import [^;]*\b(?:readFile(?:Sync)?|createReadStream)\b[^;]* from 'node:fs(?:\/promises)?';/m.test(text),
    )
    .map(({ path }) => path);
  assert.deepEqual(readers.sort(), [...mayRead.keys()].sort());
});
