import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from './sources.js';

// An argument list has room for some 120,000 values: a call whose list is as long as the mail works until somebody has more. So a list is never
// spread into a call, but where it is known to be short.

const short: ReadonlyMap<string, string> = new Map([
  ['catalog/tables/gone-here-still-at-peers-rows.ts', 'the columns of a birth'],
  ['catalog/tables/mailbox-rows.ts', 'the columns of a row'],
  ['catalog/sql/remember-reads.ts', 'the values of one statement'],
  ['catalog/sql/read-rows-in-chunks.ts', 'the key of a row'],
  ['catalog/sql/node-sqlite.ts', 'the values of one statement'],
  ['catalog/sql/database.ts', 'the values of one statement'],
  ['catalog/tables/trash-rows.ts', 'the columns of a birth'],
  ['cli/context/find-store-or-ask.ts', 'the three directories of a Maildir'],
  ['check/verify-bundle.ts', 'failure codes'],
  ['flow/import/open-incoming-bundles.ts', 'failure codes'],
  ['terminal/text/failure-text.ts', 'the lines of a stack, which V8 cuts off'],
  ['terminal/text/sections/scan-text.ts', 'the kinds of things a mailbox can lose'],
]);

/** Calls with a spread argument; not parameter lists (`...name: type`), nor lists and objects within the arguments. */
function spreadsIn(text: string): number {
  const code = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '');
  const calls = code.match(/(?<=[\w\])>])\(\s*(?:[^()[\]{}]*,\s*)?\.\.\.(?![\w$]+\??:)|\.apply\(/g) ?? [];
  const declared = code.match(/\brun\(sql, \.\.\.values\) \{|\ball\(sql, \.\.\.values\) \{|Reflect\.apply\(/g) ?? [];
  return calls.length - declared.length;
}

test('no list that may be long is spread into a call', () => {
  const found = sourceFiles().filter(({ text }) => spreadsIn(text) > 0);
  assert.deepEqual(
    found.map(({ path }) => path),
    [...short.keys()].sort(),
  );
});

test('a spread list would be found', () => {
  const spreads = [
    'list.push(...others);',
    'Math.max(0, ...sizes)',
    'list.push(\n  ...others.map((one) => one.name),\n);',
    'String.fromCharCode.apply(null, codes)',
  ];
  assert.deepEqual(spreads.map(spreadsIn), [1, 1, 1, 1]);
  const others = [
    '[...list, one]',
    'f([...list])',
    'f({ ...one })',
    'function f(first: A, ...rest: B[]): void',
    'new Set([...a])',
  ];
  assert.deepEqual(others.map(spreadsIn), [0, 0, 0, 0, 0]);
});
