import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { verifyBundle } from '../../src/check/verify-bundle.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import { counterLeapMax, ledgerEntriesMax, roundMax, uidLabelsMax, uidMax } from '../../src/replica/replica-limits.js';
import { message, newsOf } from '../bundle/sample.js';
import { letter, scratch } from '../end-to-end/site.js';
import { isThorough } from '../thoroughness.js';
import { bundleOf } from './forge-bundle.js';
import { bad, honestNews, makeVictim, ship, snapshot } from './victim.js';

// News that is written as it should be and cannot be true, or would do lasting harm: nothing of the mailbox is taken.

const texts = [message(1), message(2)];

type Lie = readonly [name: string, because: string, tell: (news: MailboxNews) => MailboxNews, says: RegExp];

const firstSave = (news: MailboxNews, change: (save: Instance) => Instance): MailboxNews => {
  const index = news.saves.findIndex(({ birth }) => birth.host === bad);
  return { ...news, saves: news.saves.map((save, at) => (at === index ? change(save) : save)) };
};
const withTick = (news: MailboxNews, host: string, serial: number, modseq: number): MailboxNews => ({
  ...news,
  clock: new Map(news.clock).set(host, { serial, modseq }),
  highestModseq: Math.max(news.highestModseq, modseq),
});
const claims = (
  news: MailboxNews,
  count: number,
  of: (index: number) => { label: string; lo: number; hi: number },
) => ({
  ...news,
  ledger: {
    claims: Array.from({ length: count }, (_, index) => ({ uidValidity: 7, ...of(index) })),
    agreements: [],
  },
});
const label = (index: number): string => index.toString(16).padStart(32, '0');

/** What only somebody can tell who knows what is usual here. */
const needsKnowledge: ReadonlySet<string> = new Set([
  'a modseq far ahead',
  'a serial of the sender far ahead',
  'a clock jump of a third host',
  'more resets of the UIDVALIDITY than ever happened',
]);

/** Lies of a million entries take seconds. */
const isTried = ([name]: Lie): boolean => isThorough || !largeLies.has(name);

const largeLies: ReadonlySet<string> = new Set([
  'a list of what lives that has millions of gaps',
  'more claims of UIDs than a mailbox has in a lifetime',
]);

const lies: readonly Lie[] = [
  [
    'a modseq far ahead',
    'the numbers of everybody would be used up',
    (news) => withTick(news, bad, 2, 2 ** 41),
    /far beyond anything seen/,
  ],
  [
    'a serial of the sender far ahead',
    'the numbers of everybody would be used up',
    (news) => withTick(news, bad, counterLeapMax + 9, 1),
    /far beyond anything seen/,
  ],
  [
    'a clock jump of a third host',
    'its next changes would be taken for known, and its new mail for expunged',
    (news) => withTick(news, ship, 2 ** 41, 1),
    /far beyond anything seen/,
  ],
  [
    'more resets of the UIDVALIDITY than ever happened',
    'no other UIDVALIDITY could ever win again',
    (news) => ({ ...news, validity: { resets: 2 ** 50, uidValidity: 7 } }),
    /leaves no others/,
  ],
  [
    'messages and no UIDVALIDITY',
    'they could not be delivered, and would be asked for again and again',
    (news) => ({ ...news, validity: null }),
    /no UIDVALIDITY/,
  ],
  [
    'UIDNEXT at its end',
    'no mail could be delivered any more',
    (news) => ({ ...news, uidNext: uidMax }),
    /leaves no UIDs/,
  ],
  [
    'a claim of nearly all UIDs',
    'every message of everybody would have to move, and there would be no UIDs to move to',
    (news) => claims(news, 1, () => ({ label: bad, lo: 1, hi: uidMax })),
    /cannot have been given out/,
  ],
  [
    'a UID above UIDNEXT',
    'the store would count on from there, and have no UIDs left',
    (news) => firstSave(news, (save) => ({ ...save, uid: { ...save.uid, uid: uidMax } })),
    /UIDNEXT/,
  ],
  [
    'a UID above all others in another UIDVALIDITY',
    'it may be the one that holds here',
    (news) => firstSave(news, (save) => ({ ...save, uid: { ...save.uid, uidValidity: 7, uid: uidMax } })),
    /UIDNEXT/,
  ],
  [
    'a message that was renumbered 2^53 times',
    'the next time could not be counted',
    (news) => firstSave(news, (save) => ({ ...save, uid: { ...save.uid, round: Number.MAX_SAFE_INTEGER } })),
    /more than its counters/,
  ],
  [
    'a message that was renumbered too often',
    'only the first few times matter',
    (news) => firstSave(news, (save) => ({ ...save, uid: { ...save.uid, round: roundMax + 1 } })),
    /more than its counters/,
  ],
  [
    'a flag from the future of another host',
    'it would win for ever',
    (news) =>
      firstSave(news, (save) => ({
        ...save,
        flags: new Map([['\\Seen', { on: true, modseq: 2 ** 52, host: ship }]]),
      })),
    /more than its counters know/,
  ],
  [
    'a mailbox that was deleted in the future',
    'nobody could ever make it again',
    (news) => ({ ...news, exists: { on: false, modseq: 2 ** 52, host: bad } }),
    /more than its counters know/,
  ],
  [
    'a message that its clock does not know',
    'it would come again and again',
    (news) => firstSave(news, (save) => ({ ...save, birth: { host: bad, serial: 99 } })),
    /more than its counters/,
  ],
  [
    'a clock above the highest modseq',
    'what is done next would count as known already',
    (news) => ({ ...news, clock: new Map(news.clock).set(ship, { serial: 0, modseq: news.highestModseq + 1 }) }),
    /above its highest modseq/,
  ],
  [
    'a claim above UIDNEXT',
    'the UIDNEXT of everybody would follow it',
    (news) => ({
      ...news,
      ledger: {
        ...news.ledger,
        claims: [
          ...news.ledger.claims,
          { uidValidity: news.validity?.uidValidity ?? 0, label: bad, lo: news.uidNext + 500, hi: news.uidNext + 500 },
        ],
      },
    }),
    /above its UIDNEXT/,
  ],
  [
    'a base that it does not know itself',
    'what it leaves out would count as told',
    (news) => ({ ...news, base: new Map([[ship, { serial: 1, modseq: 1 }]]) }),
    /builds upon more than it knows|news that never came/,
  ],
  [
    'a new message that does not live',
    'whether it was expunged or forgotten nobody could tell',
    (news) => ({ ...news, living: new Map([...news.living].filter(([host]) => host !== bad)) }),
    /not among those that live/,
  ],
  [
    'changes of a message that is new to whom it is told',
    'it would have them and not the message',
    (news) => ({ ...news, updates: [{ birth: { host: bad, serial: 9 }, flags: new Map([['\\Seen', news.exists]]) }] }),
    /changes of .* which its base does not know/,
  ],
  [
    'more alive than its clock knows',
    'what is not there could not be told from what was expunged',
    (news) => ({ ...news, living: new Map(news.living).set(ship, [[1, 9]]) }),
    /more lives in it/,
  ],
  [
    'messages that live and are not in it',
    'this host would say that it knows them, and nobody would send them',
    (news) => ({ ...news, saves: news.saves.filter(({ birth }) => birth.host !== bad) }),
    /are not in it/,
  ],
  [
    'more claims of UIDs than a mailbox has in a lifetime',
    'every later bundle of everybody would carry them, and one day be too large to be written',
    (news) => claims(news, ledgerEntriesMax + 1, (index) => ({ label: bad, lo: 3 * index + 1, hi: 3 * index + 1 })),
    /more than 65536 claims/,
  ],
  [
    'a list of what lives that has millions of gaps',
    'one day it would be longer than a bundle can hold, and the mailbox could never be sent again',
    (news) => {
      const first = 2 ** 39;
      const ranges = Array.from({ length: 1_000_000 }, (_, index) => [first + 2 * index, first + 2 * index] as const);
      return withTick({ ...news, living: new Map(news.living).set(ship, ranges) }, ship, first * 2 - 1, 1);
    },
    /longer than a bundle could hold/,
  ],
  [
    'one UID claimed by many',
    'to find out who is right would take hours',
    (news) => claims(news, uidLabelsMax + 1, (index) => ({ label: label(index), lo: 1, hi: 9 })),
    /more than 64 claims of one UID/,
  ],
  [
    'thousands of agreements about one UID',
    'to follow them would take hours',
    (news) => ({
      ...news,
      ledger: {
        claims: [],
        agreements: Array.from({ length: 2000 }, (_, index) => ({
          ...{ uidValidity: 7, lo: 1, hi: 9, a: label(index), b: label(index + 1) },
        })),
      },
    }),
    /more than 1024 agreements/,
  ],
];

describe('news that is refused, and nothing of the mailbox is changed', () => {
  for (const [name, because, tell, says] of lies.filter(isTried)) {
    test(`${name} (${because})`, async (t) => {
      const victim = await makeVictim(t as never, scratch(t), {
        fill: (site) => {
          for (const number of [1, 2, 3]) site.put(letter(`number ${number}`));
        },
      });
      await victim.take(await bundleOf([newsOf('INBOX', texts.slice(0, 1))], { texts: texts.slice(0, 1) }));
      const lie = tell(honestNews(victim, texts));
      const file = join(scratch(t), 'lie.tar.zst');
      writeFileSync(file, await bundleOf([lie], { texts, number: 43 }));
      const verified = await verifyBundle(file);
      assert.equal(verified.ok, needsKnowledge.has(name), String(verified.findings[0]?.message));
      if (!verified.ok) assert.match(verified.findings[0]?.message ?? '', says);
      const before = snapshot(victim);
      const report = await victim.take(await bundleOf([lie], { texts, number: 43 }));
      const after = snapshot(victim);
      const [refusal] = report.mailboxes.flatMap(({ refused }) => refused);
      assert.match(refusal?.failure.message ?? '', says);
      assert.match(refusal?.failure.message ?? '', /^merging mailbox INBOX: .*; nothing of this mailbox was taken$/);
      assert.match(refusal?.failure.hint ?? '', /sender/);
      assert.equal(report.mailboxes.length, 1);
      assert.equal(report.bundles[0]?.outcome, 'incomplete');
      assert.deepEqual(after.mail, before.mail);
      assert.deepEqual(after.files, before.files);
      // Once it says the truth, it is believed.
      await victim.take(await bundleOf([honestNews(victim, texts)], { texts, number: 44 }));
      assert.equal(victim.site.count('number'), 5);
    });
  }
});

test('a leap that others have believed keeps no new host out', async (t) => {
  const victim = await makeVictim(t as never, scratch(t), { fill: (site) => site.put(letter('number 1')) });
  await victim.take(await bundleOf([withTick(newsOf('INBOX', texts), ship, 2 ** 45, 2 ** 50)], { texts }));
  assert.equal(victim.site.count('number'), 3);
});
