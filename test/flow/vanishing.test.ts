import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { exportTo } from '../../src/flow/export/run-export.js';
import type { Session } from '../../src/flow/session/account-session.js';
import { letter, scratch } from '../end-to-end/site.js';
import { makeParty, options, type Party, sessionOf } from '../scenes/party.js';

test('mail that somebody expunges while a run looks at it is not there, and nobody is troubled', async (t) => {
  const { party, stick } = await makeScene(t);
  const [first = ''] = [1, 2, 3].map((number) => party.store.user.deliver('INBOX', letter(`number ${number}.`)));
  const session = sessionOf(party);
  const store: Session['store'] = {
    ...session.store,
    digest(mailbox, refs) {
      party.store.user.expunge('INBOX', first);
      return session.store.digest(mailbox, refs);
    },
  };
  const during = await exportTo({ ...session, store }, { directory: stick }, options);
  assert.deepEqual(during.scan.troubles, []);
  assert.equal(during.bundles[0]?.texts, 2);
  party.store.user.deliver('INBOX', letter('number 4.'));
  const after = await exportTo(session, { directory: stick }, options);
  assert.deepEqual(after.scan.troubles, []);
  assert.equal(after.bundles[0]?.texts, 1);
});

test('a text that could not be read when its bundle was written, twice, goes with the next one, and nobody speaks of room', async (t) => {
  const { party, stick } = await makeScene(t);
  party.store.user.deliver('INBOX', letter('number 1.'));
  const session = sessionOf(party);
  // It is tried when the bundle is written; before the second bundle, where it can be read; when that is written; and so on.
  const isReadable = [false, true, false, true, true];
  const store: Session['store'] = {
    ...session.store,
    async readText(mailbox, ref) {
      if (isReadable.shift() === false) throw new Failure('store-damaged', 'reading: not just now');
      return session.store.readText(mailbox, ref);
    },
  };
  const texts: number[] = [];
  for (let run = 1; run <= 3; run++) {
    const { bundles, troubles } = await exportTo({ ...session, store }, { directory: stick }, options);
    texts.push(bundles[0]?.texts ?? -1);
    assert.deepEqual(
      troubles.map(({ failure }) => failure.code),
      run < 3 ? ['store-damaged'] : [],
    );
  }
  assert.deepEqual(texts, [0, 0, 1]);
  assert.deepEqual(isReadable, []);
});

async function makeScene(t: { after(clean: () => void): void }): Promise<{ party: Party; stick: string }> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const party = await makeParty(directory, 'home', 1);
  t.after(() => party.catalog.close());
  return { party, stick };
}
