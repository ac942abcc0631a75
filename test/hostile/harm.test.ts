import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Preamble } from '../../src/bundle/format/bundle-contents.js';
import { signStatement } from '../../src/bundle/format/signed-statement-json.js';
import { Failure } from '../../src/failure.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { vouchedHostsMax } from '../../src/replica/replica-limits.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';
import { message, newsOf, outgoing, preambleOf, statementBy, written } from '../bundle/sample.js';
import { letter } from '../end-to-end/site.js';
import { bundleOf } from './forge-bundle.js';
import { assertBundleRefused, assertRunStopped, texts, textsSent, victimWith } from './harm-done.js';
import { bad, honestNews, self, ship, snapshot } from './victim.js';

// What a host gone bad may say and be believed, as far as that goes; and what stops the whole run. In every case the mail that was there is
// there afterwards, and this host can go on.

describe('who wrote it', () => {
  const news = newsOf('INBOX', texts);
  const signedBy = async (name: string, changes: Partial<Preamble> = {}): Promise<Buffer> => {
    const contents = { preamble: { ...preambleOf([news]), ...changes }, news: [news], texts: texts.map(outgoing) };
    const keys = { signingKey: signingKeyOf(Buffer.alloc(32, name)), recipients: [] };
    return (await written(contents, {}, keys)).bytes;
  };
  const stranger = { hostId: ship, name: 'ship' };
  const cases: readonly (readonly [string, () => Promise<Buffer>, string, RegExp])[] = [
    ['a host that was never paired', () => signedBy('home', { from: stranger }), 'untrusted', /not paired with/],
    ['somebody in the name of a paired host', () => signedBy('x'), 'untrusted', /another key/],
    [
      'a paired host in the name of this one',
      () => signedBy('home', { from: { hostId: self, name: 'cabin' } }),
      'untrusted',
      /says that this host wrote it/,
    ],
    [
      'a paired host, of another account',
      () => signedBy('home', { account: 'bob' }),
      'bundle-not-for-us',
      /account bob/,
    ],
  ];
  for (const [who, make, code, says] of cases) {
    test(`${who}: refused`, async (t) => assertBundleRefused(await victimWith(t, 1), await make(), code, says));
  }

  test('a paired host for others: passed over in silence', async (t) => {
    const victim = await victimWith(t, 1);
    const before = snapshot(victim);
    const report = await victim.take(await signedBy('home', { to: [ship] }));
    assert.deepEqual([report.bundles[0]?.outcome, troublesOf(report)], ['old', []]);
    assert.deepEqual(snapshot(victim), before);
  });

  test('a host that was revoked: refused', async (t) => {
    const victim = await victimWith(t, 1);
    const { catalog } = victim.session;
    for (const host of catalog.pairedHosts()) catalog.putPairedHost({ ...host, isRevoked: true });
    await assertBundleRefused(victim, await bundleOf([news], { texts }), 'revoked', /was revoked/);
  });
});

describe('more than this host could ever say again', () => {
  const high = 2 ** 39;
  const crowd = (count: number, first: number): MailboxNews['clock'] => {
    const hostOf = (index: number): string => `f${(first + index).toString(16).padStart(31, '0')}`;
    return new Map(Array.from({ length: count }, (_, index) => [hostOf(index), { serial: high, modseq: high }]));
  };
  const withHosts = (news: MailboxNews, first: number): MailboxNews => ({
    ...news,
    clock: new Map([...news.clock, ...crowd(3000, first)]),
    highestModseq: high,
  });

  test('thousands of hosts: as many are taken up as one peer may vouch for, the rest is told once, and this host can still export', async (t) => {
    const victim = await victimWith(t, 2);
    const report = await victim.take(await bundleOf([withHosts(newsOf('INBOX', texts), 0)], { texts }));
    assert.match(troublesOf(report)[0]?.failure.message ?? '', /home named 2936 hosts beyond those/);
    assert.equal(victim.site.count('number'), 4);
    const again = await victim.take(
      await bundleOf([newsOf('INBOX', texts), withHosts(newsOf('Other', [message(11)]), 3000)], {
        ...{ texts: [...texts, message(11)], number: 43 },
      }),
    );
    assert.deepEqual(troublesOf(again), []);
    assert.equal(victim.session.catalog.knownHosts().filter((host) => host.startsWith('f')).length, vouchedHostsMax);
    assert.equal(await textsSent(victim), 5);
  });
});

describe('what stops the run', () => {
  test('it knows more of this host than this host does', async (t) => {
    const victim = await victimWith(t, 2);
    const news = honestNews(victim, texts);
    const ahead = { ...news, clock: new Map(news.clock).set(self, { serial: 9, modseq: 1 }) };
    const clocks = new Map([['INBOX', new Map([[self, { serial: 9, modseq: 1 }]])]]);
    const said = { account: 'alice', from: { hostId: self, name: 'cabin' }, number: 1, clocks };
    const nothing = {
      unheard: [],
      wanted: [],
      served: new Map(),
      strangers: new Map(),
      before: [],
      records: '0'.repeat(32),
    };
    const relayed = [signStatement({ ...said, ...nothing }, victim.session.keys().signingKey)];
    const shown = await bundleOf([ahead], { texts, relayed });
    await assertRunStopped(
      victim,
      shown,
      'identity',
      /a statement with the number 1 is signed with the key of this host, and was not made by it/,
    );
    await victim.take(await bundleOf([news], { texts }));
    assert.equal(victim.site.count('number'), 4);
  });

  test('but not that a peer merely says so: that is not believed, all else is used', async (t) => {
    const victim = await victimWith(t, 2);
    const news = honestNews(victim, texts);
    const ahead = { ...news, clock: new Map(news.clock).set(self, { serial: 9, modseq: 1 }) };
    const report = await victim.take(await bundleOf([ahead], { texts }));
    assert.match(troublesOf(report)[0]?.failure.message ?? '', /said more of what this host did than it shows/);
    assert.equal(victim.site.count('number'), 4);
  });

  test('it expunges everything, be it mailbox by mailbox, unless the user says so', async (t) => {
    const victim = await victimWith(t, 60, {
      fill(site) {
        for (let number = 1; number <= 60; number++) site.put(letter(`kept ${number}.`), { mailbox: 'Archive' });
      },
    });
    const empty = ['INBOX', 'Archive'].map((mailbox) => {
      const news = honestNews(victim, [], mailbox);
      const highestModseq = news.highestModseq + 1;
      const clock = new Map(news.clock).set(bad, { serial: 0, modseq: highestModseq });
      return { ...news, clock, highestModseq, living: new Map(), saves: [] };
    });
    await assertRunStopped(victim, await bundleOf(empty), 'guard', /would expunge 120 of 120 messages/);
    const report = await victim.take(await bundleOf(empty), { allowExpunge: true });
    assert.equal(
      report.mailboxes.flatMap(({ decisions }) => decisions).filter(({ kind }) => kind === 'expunged').length,
      120,
    );
    assert.equal(victim.site.count('number') + victim.site.count('kept', 'Archive'), 0);
  });
});

describe('statements', () => {
  const huge = Number.MAX_SAFE_INTEGER;

  test('of having heard what was never written are not noted', async (t) => {
    const victim = await victimWith(t, 2);
    const lie = await bundleOf([honestNews(victim, texts)], { texts, heard: new Map([[self, [[1, huge]]]]) });
    assert.deepEqual(troublesOf(await victim.take(lie)), []);
    assert.deepEqual(victim.session.catalog.peers().find(({ hostId }) => hostId === bad)?.heard, []);
    assert.equal(victim.site.count('number'), 4);
  });

  test('in the name of a host that speaks for itself, or of this one, are not believed', async (t) => {
    const victim = await victimWith(t, 1);
    const { catalog } = victim.session;
    const said = { hostName: 'ship', lastNumber: 3, lastHeardS: 1, taken: [], heard: [] };
    const nothing = { clocks: new Map(), heardOfUs: new Map(), told: new Map() };
    const direct = {
      ...said,
      ...nothing,
      hostId: ship,
      wanted: new Set<string>(),
      unheard: new Set<string>(),
      statements: new Map<string, { number: number; digest: string }>(),
      isDirect: true,
    };
    catalog.putPeer(direct);
    const clocks = new Map([['INBOX', new Map([[self, { serial: 99, modseq: 99 }]])]]);
    const relayed = [ship, self].map((host) => statementBy(host, 'bad', { number: huge, clocks, unheard: [bad] }));
    await victim.take(await bundleOf([], { relayed }));
    assert.deepEqual(
      catalog.peers().filter(({ hostId }) => hostId !== bad),
      [direct],
    );
  });

  test('in the name of a host that was never heard hold until it speaks for itself', async (t) => {
    const victim = await victimWith(t, 1);
    const { catalog } = victim.session;
    const clocks = new Map([['INBOX', new Map([[self, { serial: 99, modseq: 99 }]])]]);
    const lie = statementBy(ship, 'bad', { number: huge, clocks, unheard: [self] });
    await victim.take(await bundleOf([], { relayed: [lie] }));
    assert.equal(catalog.peers().find(({ hostId }) => hostId === ship)?.lastNumber, huge);
    const [host] = catalog.pairedHosts();
    const key = signingKeyOf(Buffer.alloc(32, 'ship'));
    if (host !== undefined) catalog.putPairedHost({ ...host, hostId: ship, name: 'ship', signingKey: key.publicKey });
    const preamble = { ...preambleOf([]), from: { hostId: ship, name: 'ship' }, number: 1 };
    const { bytes } = await written({ preamble, news: [], texts: [] }, {}, { signingKey: key, recipients: [] });
    await victim.take(bytes);
    const peer = catalog.peers().find(({ hostId }) => hostId === ship);
    assert.deepEqual([peer?.lastNumber, peer?.clocks.size, peer?.isDirect], [1, 0, true]);
  });

  test('that ask for everything get what is here, once', async (t) => {
    const victim = await victimWith(t, 3);
    const { catalog } = victim.session;
    const news = honestNews(victim, []);
    const held = news.saves.map(({ guid }) => guid);
    const wanted = [...held, ...Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(64, '0'))];
    await victim.take(await bundleOf([news], { wanted }));
    assert.equal(catalog.peers()[0]?.wanted.size, wanted.length);
    assert.equal(await textsSent(victim, { full: false, texts: 'unseen' }), 3);
  });
});

test('an import that is interrupted among the texts keeps those that came, for the next one, and changes nothing else', async (t) => {
  const victim = await victimWith(t, 1);
  const controller = new AbortController();
  const stop = new Failure('interrupted', 'stopped');
  const session = {
    ...victim.session,
    signal: controller.signal,
    listener: ({ kind }: { readonly kind: string }) => void (kind === 'progress' && controller.abort(stop)),
  };
  const file = join(victim.stick, 'x.tar.zst');
  writeFileSync(file, await bundleOf([honestNews(victim, texts)], { texts }));
  const before = snapshot(victim);
  const options = { dryRun: false, mailboxes: [], allowExpunge: false };
  await assert.rejects(importFrom(session, { files: [file] }, options), stop);
  const after = snapshot(victim);
  const isKept = (line: string): boolean => /^tmp\/mrepl\.[0-9a-f]{64} |^note "received-in-vain"/.test(line);
  const without = (lines: readonly string[]): string[] => lines.filter((line) => !isKept(line));
  assert.ok(after.files.some(isKept));
  assert.deepEqual({ ...after, files: without(after.files), hosts: without(after.hosts) }, before);
});
