import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from '../../sources.js';

// What is noted under a key has one file that knows the key, what stands there, and what ends it.

const facts = 'catalog/facts/';

/** Files beside the facts that may call them by key, each with the reason. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ['catalog/open-catalog.ts', 'an account is set up while nothing but the catalog is there'],
  ['catalog/dump-catalog.ts', 'shows whatever is there'],
]);

/** The calls by key in a source, as they stand there. */
function callsByKey(text: string): readonly string[] {
  return [...text.matchAll(/\b\w*catalog\.(?:note|setNote|notes)\(|\.setNote\(/gi)].map(([call]) => call);
}

test('facts are read and written by key in the files of their own alone', () => {
  const calls = sourceFiles().filter(({ path, text }) => !path.startsWith(facts) && callsByKey(text).length > 0);
  assert.deepEqual(calls.map(({ path }) => path).sort(), [...exceptions.keys()].sort());
  assert.equal(
    callsByKey("session.catalog.note('a'); ownCatalog.notes(); x.setNote(key, null); passedOver.note(file)").length,
    3,
  );
});

test('no two facts have one key', () => {
  const keys = sourceFiles()
    .filter(({ path }) => path.startsWith(facts))
    .flatMap(({ text }) => [...text.matchAll(/^const (?:key|prefix|\w+Key) = '([^']+)'/gm)].map(([, key = '']) => key));
  assert.ok(keys.length > 20, `only ${keys.length} keys were found`);
  assert.deepEqual(
    keys.filter((key, at) => keys.indexOf(key) !== at),
    [],
  );
});
