import assert from 'node:assert/strict';
import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import type { Preamble } from '../../src/bundle/format/bundle-contents.js';
import { signStatement } from '../../src/bundle/format/signed-statement-json.js';
import { Failure } from '../../src/failure.js';
import type { ExportOptions } from '../../src/flow/export/export-options.js';
import { exportTo } from '../../src/flow/export/run-export.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import { uidNextMax, vouchedHostsMax } from '../../src/replica/replica-limits.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';
import { message, newsOf, outgoing, preambleOf, statementBy, written } from '../bundle/sample.js';
import { letter, scratch } from '../end-to-end/site.js';
import { viewMaildir } from '../maildir-view.js';
import { bundleOf } from './forge-bundle.js';
import { bad, honestNews, makeVictim, self, ship, snapshot, type Victim, type VictimOptions } from './victim.js';

// What a host gone bad may say and be believed, as far as that goes; and what stops the whole run. In every case the mail that was there is
// there afterwards, and this host can go on.

const texts = [message(1), message(2)];

type Clean = Parameters<typeof makeVictim>[0] & { after(clean: () => void): void };

/** With so many letters in its INBOX. */
const victimWith = (t: unknown, count: number, options: VictimOptions = {}): Promise<Victim> =>
  makeVictim(t as Clean, scratch(t as Clean), {
    ...options,
    fill: (site) => {
      for (let number = 1; number <= count; number++) site.put(letter(`number ${number}.`));
      options.fill?.(site);
    },
  });

const withSaves = (news: MailboxNews, change: (save: Instance, index: number) => Instance): MailboxNews => {
  let index = 0;
  const saves = news.saves.map((save) => (save.birth.host === bad ? change(save, index++) : save));
  return { ...news, saves };
};

/** The bundle is refused as a whole, and nothing is changed. */
async function assertBundleRefused(victim: Victim, bytes: Uint8Array, code: string, says: RegExp): Promise<void> {
  const before = snapshot(victim);
  const report = await victim.take(bytes);
  const [bundle] = report.bundles;
  assert.equal(bundle?.outcome, 'refused');
  assert.equal(bundle.failure?.code, code);
  assert.match(bundle.failure.message, says);
  assert.ok(bundle.failure.hint !== undefined);
  assert.deepEqual(snapshot(victim), before);
}

/** The whole run stops, and nothing is changed. */
async function assertRunStopped(victim: Victim, bytes: Uint8Array, code: string, says: RegExp): Promise<void> {
  const before = snapshot(victim);
  await assert.rejects(victim.take(bytes), (failure) => {
    assert.ok(failure instanceof Failure);
    assert.equal(failure.code, code);
    assert.match(failure.message, says);
    assert.match(failure.message, /nothing was changed$/);
    assert.ok(failure.hint !== undefined);
    return true;
  });
  assert.deepEqual(snapshot(victim), before);
}

/** Texts that a bundle written now would carry if it had to carry all. */
async function textsSent({ session }: Victim, changes: Partial<ExportOptions> = {}): Promise<number> {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const all = { dryRun: false, full: true, texts: 'always', plain: true, mailboxes: [], allowExpunge: false } as const;
  const report = await exportTo(session, { sink }, { ...all, ...changes });
  return report.bundles[0]?.texts ?? 0;
}

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

describe('names', () => {
  const hints = [
    '../../evil',
    '/etc/passwd',
    'a/b',
    '.hidden',
    '..',
    '.',
    '',
    'x:2,FS',
    'a b',
    'a\nb',
    'a\u0000b',
    '\ud800',
    '\u202e',
    'ä',
    'x,S=1',
    'x,S=99999,W=99999',
    'x,U=7',
    'dovecot-uidlist',
    'mrepl.x',
    'x'.repeat(1024),
    'CON',
    '-rf',
    '$(id)',
  ];

  for (const uidList of [true, false]) {
    test(`hints lead nowhere, ${uidList ? 'with' : 'without'} a UID list`, async (t) => {
      const victim = await victimWith(t, 1, { uidList });
      const many = hints.map((_, index) => message(100 + index));
      const news = withSaves(honestNews(victim, many), (save, index) => ({ ...save, hint: hints[index] ?? '' }));
      const report = await victim.take(await bundleOf([news], { texts: many }));
      assert.deepEqual(
        report.mailboxes.flatMap(({ troubles }) => troubles),
        [],
      );
      const { INBOX: inbox } = viewMaildir(victim.site.maildir);
      assert.equal(inbox?.messages.length, 1 + hints.length);
      for (const { base } of inbox.messages) {
        assert.match(base, /^[!-.0-9;-~]{1,200}$/);
        assert.doesNotMatch(base, /^\.|,U=|S=1$|99999/);
      }
      const folders = readdirSync(victim.site.maildir).filter((name) => !name.startsWith('dovecot'));
      assert.deepEqual(folders.sort(), ['cur', 'new', 'tmp']);
      assert.deepEqual(readdirSync(join(victim.site.maildir, 'tmp')), []);
    });
  }

  test('a mailbox that the store cannot call by its name has one of its own', async (t) => {
    for (const name of ['a.b', '~root', 'x'.repeat(300), '..cur', '\\2e\\2e']) {
      const victim = await victimWith(t, 1);
      const report = await victim.take(await bundleOf([newsOf(name, texts)], { texts }));
      assert.deepEqual(
        report.mailboxes.flatMap(({ troubles }) => troubles),
        [],
      );
      const folders = readdirSync(victim.site.maildir).filter((folder) => folder.startsWith('.'));
      assert.equal(folders.length, 1);
      assert.match(folders[0] ?? '', /^\.[^.]+$/);
      assert.equal(victim.site.count('number'), 1);
    }
  });

  test('a mailbox named like a file of the mail server does not take its place', async (t) => {
    for (const name of ['subscriptions', 'dovecot-uidlist', 'INBOX/dovecot.index']) {
      const victim = await victimWith(t, 1, { spec: (site) => `${site.store}:LAYOUT=fs` });
      await victim.take(await bundleOf([newsOf(name, texts)], { texts }));
      assert.ok(!existsSync(join(victim.site.maildir, name, 'cur')));
      assert.equal(victim.site.count('number'), 1);
    }
  });

  test('a mailbox whose directory is that of another has one of its own', async (t) => {
    // As on file systems where case does not count: two names, one directory.
    const victim = await victimWith(t, 1, {
      fill(site) {
        site.put(letter('kept'), { mailbox: 'Archive' });
        symlinkSync(site.folder('Archive'), site.folder('archive'));
      },
    });
    await victim.take(await bundleOf([newsOf('archive', texts)], { texts }));
    await victim.take([]);
    assert.equal(victim.site.count('kept', 'Archive'), 1);
    assert.equal(readdirSync(join(victim.site.folder('Archive'), 'cur')).length, 1);
    const own = readdirSync(victim.site.maildir).filter((name) => /^\.archive&,,0-_/.test(name));
    assert.equal(own.length, 1);
    const within = ['cur', 'new'].flatMap((part) => readdirSync(join(victim.site.maildir, own[0] ?? '', part)));
    assert.equal(within.length, texts.length);
  });
});

describe('numbers', () => {
  test('a UIDNEXT as high as it may be leads to another UIDVALIDITY, under which all mail is', async (t) => {
    const victim = await victimWith(t, 3);
    const before = viewMaildir(victim.site.maildir).INBOX;
    await victim.take(await bundleOf([{ ...honestNews(victim, texts), uidNext: uidNextMax }], { texts }));
    const { INBOX: after } = viewMaildir(victim.site.maildir);
    assert.equal(after?.messages.length, 5);
    assert.notEqual(after.uidValidity, before?.uidValidity);
    assert.deepEqual(
      after.messages.map(({ uid }) => uid),
      [1, 2, 3, 4, 5],
    );
    victim.site.deliver(letter('number 6.'));
    await victim.take([]);
    assert.equal(viewMaildir(victim.site.maildir).INBOX?.messages.at(-1)?.uid, 6);
  });

  test('a size that is not that of the text is not believed where the text is here', async (t) => {
    const held = letter('held');
    const victim = await victimWith(t, 1, { fill: (site) => site.put(held) });
    const lie = { sizeBytes: 7, hint: 'x,S=7', guid: guidOfCanonical(Buffer.from(held)) };
    const news = withSaves(newsOf('Copies', [message(1)]), (save) => ({ ...save, ...lie }));
    const also = withSaves(newsOf('Others', texts), (save, index) => (index === 0 ? { ...save, sizeBytes: 9 } : save));
    await victim.take(await bundleOf([news, also, newsOf('Sent', texts)], { texts }));
    for (const mailbox of ['INBOX', 'Copies', 'Others', 'Sent']) {
      for (const { sizeBytes } of victim.session.catalog.load(mailbox)?.state.instances.values() ?? []) {
        assert.ok(sizeBytes > 9, `${mailbox}: ${sizeBytes}`);
      }
      for (const file of victim.site.files('', mailbox)) assert.doesNotMatch(file, /S=[79]\b/);
    }
    assert.equal(victim.site.count('held', 'Copies'), 1);
    // The same message, said to be born there, takes the place of the one that is here.
    const twin = withSaves(newsOf('INBOX', [message(1)]), (save) => ({ ...save, ...lie }));
    await victim.take(await bundleOf([twin], { number: 43 }));
    const inbox = [...(victim.session.catalog.load('INBOX')?.state.instances.values() ?? [])];
    assert.deepEqual(
      inbox.map(({ sizeBytes }) => sizeBytes > 9),
      [true, true],
    );
    assert.equal(await textsSent(victim), 4);
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

test('an import that fails among the texts leaves none of them behind', async (t) => {
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
  assert.deepEqual(snapshot(victim), before);
});
