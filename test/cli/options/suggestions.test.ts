import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggestedCommand } from '../../../src/cli/options/suggestions.js';
import { nearestWord } from '../../../src/config/nearest-word.js';

const commands = ['init', 'pair', 'peers', 'export', 'import', 'sync', 'status', 'restore', 'rejoin', 'rename', 'help'];

test('a mistyped word is told from one that means nothing', () => {
  for (const [typed, meant] of [
    ['statsu', 'status'],
    ['exprot', 'export'],
    ['sycn', 'sync'],
    ['snc', 'sync'],
    ['restroe', 'restore'],
    ['IMPORT', 'import'],
    ['peer', 'peers'],
    ['sta', 'status'],
  ] as const) {
    assert.equal(nearestWord(typed, commands), meant, typed);
  }
  for (const typed of ['', 'x', 'frobnicate', 'zzz', 'ab']) assert.equal(nearestWord(typed, commands), null, typed);
});

test('words of other programs lead to the command that does it here', () => {
  assert.equal(suggestedCommand('unpair', commands), 'peers revoke');
  assert.equal(suggestedCommand('push', commands), 'export');
  assert.equal(suggestedCommand('frobnicate', commands), null);
});
