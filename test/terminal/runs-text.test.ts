import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import type { Report } from '../../src/terminal/output/output-interface.js';
import { text } from './report-text.js';
import {
  busyScan,
  cabin,
  exportReport,
  home,
  idleExport,
  idleImport,
  importReport,
  initReport,
  mendedScan,
  quietScan,
  verbose,
} from './samples.js';

// What init, import, export and sync say to a person.

test('init says what was found and what to do next', async () => {
  assert.equal(
    await text(initReport),
    `\
This host is now home in the account alice.
  store    maildir:/home/alice/Maildir: 1 mailbox with 12,345 messages, left as they are
  catalog  /home/alice/.local/share/mrepl/alice/catalog.db

Next:
  mrepl pair DIR               # leaves its identity card on the stick mounted at DIR
  mrepl init --account alice   # on the other host, under the same account name
  mrepl pair DIR               # there, and here once more: each takes up the other
  mrepl sync DIR               # from then on, on either host, whenever the stick is there`,
  );
});

test('a dry run of an import says everything a person decides by', async () => {
  assert.equal(
    await text(importReport),
    `\
Here since the last run
  Old is called Lists/New now
  INBOX: 3 new messages, flags of 2 messages, 1 written anew, 1 expunged, UIDVALIDITY 7 -> 9, names of keywords were lost, and are given again

Bundles
  home-000042.tar.zst  from home, 3.1 MB, made 2026-11-24 10:00 (2 hours ago)
  home-000041.tar.zst  from home, 900 bytes, made 2026-11-23 11:00 (25 hours ago): nothing new in it
  ship-000007.tar.zst  12 bytes: reading ship-000007.tar.zst: it is cut off after 12 bytes; it was not used

INBOX
  UIDVALIDITY  1700000000 -> 1600000000: mail programs will fetch this mailbox anew
  mailbox      is subscribed
  new          4 messages (1.2 kB): UIDs 101:103, 1 without a UID yet
  awaited      1 message (500 bytes): UID 90
  same mail    1 message on both sides already: one copy, the flags of both
  written anew 1 message: UID 13 -> UID 107, by home
  expunged     1 message: UID 9, by home
               1 message: UID 12, by host c3c3c3c3
  flags        2 messages: \\Seen set: UIDs 17:18
               1 message: \\Flagged and work set, \\Seen removed: UID 40
               1 message: \\Flagged follows it from "Lists/old stuff", where it was set meanwhile
  renumbered   1 message: UID 55 -> 103 (below UIDNEXT: mail is only added at the end)
               2 messages: UIDs 61:62 -> 104:105 (the UID was given out twice)
               1 message: gets UID 106 (UIDVALIDITY has changed)
  conflict     UID 20: \\Flagged set by cabin, removed by home: cabin wins
               a message: work removed by host c3c3c3c3, set by cabin: host c3c3c3c3 wins
               a message: expunged by home, flags changed by cabin: the expunge wins
  not storable keyword vacation: the mailbox has no room for more; kept in the catalog and passed on

Drafts
  mailbox      is created

Gone
  mailbox      is deleted

Kept
  mailbox      was deleted by cabin, but stays: there is mail in it that was not known there

Texts
  3 texts from the bundles (1.2 kB), 1 linked from copies in this store, 2 not here yet

/media/usb: would import 1 bundle from home: 4 new messages (1.2 kB), 1 message whose text was waited for, 1 message on both sides already, \
flags of 4 messages, 1 written anew, 2 expunged, 4 renumbered, UIDVALIDITY changed in 1 mailbox, 1 mailbox created, 1 mailbox deleted, 1 subscription, 4 conflicts settled; \
2 texts not here yet, to be asked for by the next export`,
  );
});

test('an import that was done takes one line', async () => {
  assert.equal(
    await text({ ...importReport, dryRun: false }),
    `\
/media/usb: imported 1 bundle from home: 4 new messages (1.2 kB), 1 message whose text was waited for, 1 message on both sides already, \
flags of 4 messages, 1 written anew, 2 expunged, 4 renumbered, UIDVALIDITY changed in 1 mailbox, 1 mailbox created, 1 mailbox deleted, 1 subscription, 4 conflicts settled; \
2 texts not here yet, to be asked for by the next export`,
  );
  assert.equal(await text(idleImport), '/media/usb: nothing new to import');
  assert.equal(await text({ ...idleImport, source: '-' }), 'standard input: nothing new to import');
});

test('with --verbose an import that was done is told in full as well', async () => {
  const full = await text({ ...importReport, dryRun: false }, verbose);
  assert.match(full, /^Here since the last run\n/);
  assert.match(full, /\n {2}renumbered {3}1 message: UID 55 -> 103/);
  assert.match(full, /: imported 1 bundle from home: /);
});

test('what could not be used for a mailbox is told with it', async () => {
  const failure = new Failure(
    'bundle-not-understood',
    'INBOX in home-000042.tar.zst builds on news that is missing here',
  );
  const [first] = importReport.mailboxes;
  assert.ok(first !== undefined);
  const mailbox = { ...first, decisions: [], unstorable: [], refused: [{ subject: 'home-000042.tar.zst', failure }] };
  assert.match(
    await text({ ...importReport, mailboxes: [mailbox] }),
    /\nINBOX\n {2}trouble {6}INBOX in home-000042\.tar\.zst builds on news that is missing here\n/,
  );
});

test('long lists are cut, but for --verbose', async () => {
  const decisions = Array.from({ length: 40 }, (_, index) => ({
    kind: 'renumbered' as const,
    birth: { host: home, serial: index },
    from: 2 * index + 1,
    to: 200 + index,
    why: 'conflict' as const,
  }));
  const expunged = Array.from({ length: 40 }, (_, index) => ({
    kind: 'expunged' as const,
    birth: { host: home, serial: 100 + index },
    guid: '',
    uid: 1000 + 2 * index,
    by: cabin,
  }));
  const report: Report = {
    ...importReport,
    mailboxes: [
      { mailbox: 'INBOX', decisions: [...decisions, ...expunged], refused: [], unstorable: [], troubles: [] },
    ],
  };
  const short = await text(report);
  assert.match(
    short,
    /expunged {5}40 messages: UIDs 1000,1002,1004,1006,1008,1010,1012,1014 and 32 more ranges, by cabin\n/,
  );
  assert.match(short, /UID 15 -> 207 [^\n]*\n {15}and 32 more \(--verbose shows all\)\n/);
  const full = await text(report, verbose);
  assert.match(full, /UID 79 -> 239/);
  assert.match(full, /,1078, by cabin\n/);
  assert.doesNotMatch(full, /more/);
});

test('an export takes one line, a dry run says what is in it', async () => {
  assert.equal(
    await text(exportReport),
    `\
/media/usb: exported cabin-000005.tar.zst (1.2 MB): 3 new messages, changes of 1 message, 3 texts (4.1 kB) in 2 mailboxes, \
for home and ship; removed 1 bundle that nobody needs any more`,
  );
  assert.equal(await text(idleExport), '/media/usb: nothing new to export');
  const [bundle] = exportReport.bundles;
  assert.ok(bundle !== undefined);
  assert.equal(
    await text({ ...exportReport, dryRun: true, bundles: [{ ...bundle, sizeBytes: null }] }),
    `\
Here since the last run
  Old is called Lists/New now
  INBOX: 3 new messages, flags of 2 messages, 1 written anew, 1 expunged, UIDVALIDITY 7 -> 9, names of keywords were lost, and are given again

What the bundle says
MAILBOX     NEW  CHANGED  MESSAGES
INBOX         3        1    12,345
Lists/work    0        0         1

It builds on 1 bundle of ours that already lies there.
cabin-000003.tar.zst is not needed any more and goes.
/media/usb: would export cabin-000005.tar.zst: 3 new messages, changes of 1 message, 3 texts (4.1 kB) in 2 mailboxes, \
for home and ship; would remove 1 bundle that nobody needs any more`,
  );
});

test('an export that only acknowledges, or only tells of expunges, says so', async () => {
  const [bundle] = exportReport.bundles;
  assert.ok(bundle !== undefined);
  const bare = { ...bundle, texts: 0, textBytes: 0, to: [], sealed: false };
  assert.equal(
    await text({ ...exportReport, removed: [], bundles: [{ ...bare, mailboxes: [] }] }),
    '/media/usb: exported cabin-000005.tar.zst (1.2 MB): says what has been received; not sealed, as no host is paired yet',
  );
  assert.equal(
    await text({ ...exportReport, removed: [], bundles: [{ ...bundle, mailboxes: [] }] }),
    '/media/usb: exported cabin-000005.tar.zst (1.2 MB): 3 texts (4.1 kB) that somebody asked for, for home and ship',
  );
  assert.equal(
    await text({
      ...exportReport,
      removed: [],
      bundles: [{ ...bare, mailboxes: [{ mailbox: 'INBOX', saves: 0, updates: 0, living: 9 }] }],
    }),
    '/media/usb: exported cabin-000005.tar.zst (1.2 MB): news in 1 mailbox; not sealed, as no host is paired yet',
  );
  assert.equal(
    await text({ ...exportReport, removed: [], bundles: [{ ...bare, to: ['home'], mailboxes: [] }] }),
    '/media/usb: exported cabin-000005.tar.zst (1.2 MB): says what has been received, for home; not sealed',
  );
  assert.equal(
    await text({ ...exportReport, removed: [], bundles: [], hasReaders: false }),
    '/media/usb: nothing exported, as every peer was revoked',
  );
});

test('a series of bundles takes one line, too; a dry run says of each what is in it, and what is left', async () => {
  const [bundle] = exportReport.bundles;
  assert.ok(bundle !== undefined);
  const second = { ...bundle, fileName: 'cabin-000006.tar.zst', mailboxes: bundle.mailboxes.slice(0, 1) };
  const series = { ...exportReport, removed: [], scan: quietScan, bundles: [bundle, second] };
  assert.equal(
    await text(series),
    `\
/media/usb: exported 2 bundles, cabin-000005.tar.zst and cabin-000006.tar.zst (2.5 MB): 6 new messages, changes of 2 messages, \
6 texts (8.2 kB) in 2 mailboxes, for home and ship`,
  );
  const mailboxes = [{ mailbox: 'INBOX', messages: 1200, textBytes: 34_000_000 }];
  const left = { limit: 'room', mailboxes, messages: 1200, textBytes: 34_000_000, askedTexts: 0 } as const;
  assert.match(
    await text({ ...series, dryRun: true, left }),
    /What cabin-000006\.tar\.zst says\n(.*\n)*What is left for next time\nMAILBOX +NEW +SIZE\nINBOX +1200 +34 MB\n/,
  );
});

test('a sync takes one line for both halves', async () => {
  const done = { ...importReport, dryRun: false };
  const sync: Report = {
    kind: 'sync',
    target: '/media/usb',
    otherAccounts: [],
    import: done,
    export: exportReport,
    failure: null,
  };
  assert.match(await text(sync), /^\/media\/usb: imported 1 bundle from home: .*; exported cabin-000005\.tar\.zst .*$/);
  assert.equal(
    await text({ ...sync, import: idleImport, export: idleExport }),
    '/media/usb: nothing new on either side',
  );
  assert.equal(await text({ ...sync, import: null, export: idleExport }), '/media/usb: nothing new on either side');
  assert.match(await text({ ...sync, import: idleImport }), /^\/media\/usb: exported [^\n]*$/);
  const failure = new Failure('medium-absent', 'importing from /media/usb: no such directory');
  assert.equal(await text({ ...sync, import: null, export: null, failure }), '');
});

test('what was damaged and was put right is said, in one line and in full', async () => {
  const sync: Report = {
    kind: 'sync',
    target: '/media/usb',
    otherAccounts: [],
    import: idleImport,
    export: { ...idleExport, scan: mendedScan },
    failure: null,
  };
  const did = 'replaced 1 damaged text; took 1 message written anew for new';
  assert.equal(await text(sync), `/media/usb: ${did}`);
  assert.match(
    await text({ ...idleImport, dryRun: false, scan: mendedScan }),
    new RegExp(`: ${did}; nothing new to import$`),
  );
  assert.match(await text({ ...idleExport, scan: mendedScan }), new RegExp(`: ${did}; nothing new to export$`));
  const inFull = await text({ ...idleExport, scan: mendedScan }, verbose);
  assert.match(inFull, /^ {2}INBOX: 1700000001\.M1P1\.home was damaged, and holds its text again$/m);
  assert.match(inFull, /^ {2}Work: 1700000002\.M1P1\.home was written anew, and is a new message from now on$/m);
});

test('what was seen in the store is told once in the dry run of a sync', async () => {
  const sync: Report = {
    kind: 'sync',
    target: '/media/usb',
    otherAccounts: [],
    import: { ...importReport, scan: busyScan },
    export: { ...exportReport, dryRun: true, scan: busyScan },
    failure: null,
  };
  assert.equal((await text(sync)).split('Here since the last run').length, 2);
});
