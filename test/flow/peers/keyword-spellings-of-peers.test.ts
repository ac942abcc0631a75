import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from '../../../src/catalog/interface/catalog.js';
import { spellingsMax } from '../../../src/catalog/interface/mailbox-catalog.js';
import { noteSpellingsOf } from '../../../src/flow/peers/keyword-spellings-of-peers.js';
import { type Flag, type FlagSpelling, flagOf } from '../../../src/mail/flags.js';

test('one peer teaches spellings of keywords as far as it leaves as much room to others, from run to run', () => {
  const known = new Map<Flag, FlagSpelling>();
  const notes = new Map<string, string | null>();
  const catalog = {
    spellings: () => known,
    noteSpellings: (list: readonly FlagSpelling[]) => list.forEach((each) => void known.set(flagOf(each), each)),
    note: (key: string) => notes.get(key) ?? null,
    setNote: (key: string, value: string | null) => void notes.set(key, value),
  } as unknown as Catalog;
  const [bad, good] = ['b'.repeat(32), 'a'.repeat(32)];
  for (let run = 0; run < 5; run++) {
    const spelling = Array.from({ length: 4000 }, (_, n) => `Bad${run * 4000 + n}`);
    noteSpellingsOf(catalog, [{ from: bad, spelling }]);
  }
  assert.equal(known.size, spellingsMax / 2);
  noteSpellingsOf(catalog, [{ from: good, spelling: ['ToDo', 'Bad1', 'lower'] }]);
  assert.equal(known.get('todo'), 'ToDo');
  assert.equal(known.size, spellingsMax / 2 + 1);
});
