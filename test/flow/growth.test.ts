import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberUnlinked, unlinkedDepartures, unlinkedMax } from '../../src/catalog/facts/pending-moves.js';
import type { Catalog } from '../../src/catalog/interface/catalog.js';
import { syncWith } from '../../src/flow/sync-with-directories.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, options, sessionOf, sync } from '../scenes/party.js';

// What a run does is in proportion to what there is to do, and what is remembered has an end.

/** The catalog, with a count of how often its bundles were read in full. */
function counting(catalog: Catalog): { readonly catalog: Catalog; count(): number } {
  let count = 0;
  const counted = {
    ...catalog,
    get identity() {
      return catalog.identity;
    },
    exports() {
      count += 1;
      return catalog.exports();
    },
  };
  return { catalog: counted, count: () => count };
}

/** How often they are read by an import of as many bundles. */
async function readsFor(t: { after(clean: () => void): void }, bundles: number): Promise<number> {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  cabin.store.user.deliver('INBOX', 'Subject: own\n\n');
  await sync(cabin, stick);
  for (let n = 0; n < bundles; n++) {
    home.store.user.deliver('INBOX', `Subject: ${n}\n\n`);
    await sync(home, stick);
  }
  const { catalog, count } = counting(cabin.catalog);
  const [report] = await syncWith({ ...sessionOf(cabin), catalog }, [stick], options);
  assert.equal(report?.import?.bundles.filter(({ outcome }) => outcome === 'taken').length, bundles);
  return count();
}

test('the bundles written are read as often for many that arrive as for one', async (t) => {
  const [one, many] = [await readsFor(t, 1), await readsFor(t, 6)];
  assert.equal(many, one);
});

test('what went while a mailbox was out of sight is remembered up to a limit, the newest of it', async (t) => {
  const { home } = await makePair(t, scratch(t));
  const sources = (from: number, count: number) => ({
    mailbox: 'INBOX',
    clock: new Map(),
    messages: Array.from({ length: count }, (_, n) => ({
      birth: { host: home.catalog.identity.hostId, serial: from + n },
      guid: (from + n).toString(16).padStart(64, '0'),
    })),
  });
  rememberUnlinked(home.catalog, [sources(1, 10), sources(11, unlinkedMax - 5)]);
  const kept = unlinkedDepartures(home.catalog).flatMap(({ messages }) => messages.map(({ birth }) => birth.serial));
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [unlinkedMax, 6, unlinkedMax + 5]);
});
