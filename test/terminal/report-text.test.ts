import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import type { Report } from '../../src/terminal/output/output-interface.js';
import type { View } from '../../src/terminal/output/view-options-and-names.js';
import { reportBlocks } from '../../src/terminal/text/dispatch-report-to-text.js';
import {
  busyScan,
  cabin,
  doctorReport,
  exportReport,
  forgetReport,
  home,
  idleExport,
  idleImport,
  importReport,
  initReport,
  inspectReport,
  mendedScan,
  nowS,
  pairReport,
  peersReport,
  quietScan,
  restoreReport,
  statusReport,
  verbose,
  verifyReport,
  view,
} from './samples.js';
import { shown } from './shown.js';

function text(report: Report, as: View = view): Promise<string> {
  return shown(reportBlocks(report, as));
}

test('init says what was found and what to do next', async () => {
  assert.equal(
    await text(initReport),
    `\
This host is now home in the account alice.
  store    maildir:/home/alice/Maildir: 1 mailbox with 12,345 messages, left as they are
  catalog  /home/alice/.local/share/mrepl/alice/catalog.db

Next:
  mrepl pair DIR                     # leaves its identity card on the stick mounted at DIR
  mrepl init STORE --account alice   # on the other host, under the same account name
  mrepl pair DIR                     # there, and here once more: each takes up the other
  mrepl sync DIR                     # from then on, on either host, whenever the stick is there`,
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

test('status aligns its tables by width and hides deleted mailboxes', async () => {
  assert.equal(
    await text(statusReport),
    `\
account alice on host cabin: maildir:/home/alice/Maildir
last export: bundle 5, 2026-11-24 11:59 (just now)

MAILBOX  MESSAGES  WAITING  UIDVALIDITY  UIDNEXT  MODSEQ  PEERS
INBOX      12,345        2   1600000000    20001      97  home lacks something
日本語          1        0            -        1       3  know all of it
and 1 deleted mailbox (--verbose shows them)

PEER  LAST HEARD OF                    BUNDLE  MAILBOXES BEHIND  TEXTS WANTED
home  2026-11-21 12:00 (3 days ago)        42                 2             0
ship  2026-11-24 11:59 (1 minute ago)       7                 1            11`,
  );
  assert.match(await text(statusReport, verbose), /\nGone \(deleted\) .* home and ship lack something\n/);
  assert.match(
    await text({ ...statusReport, peers: [], mailboxes: [], lastExport: null }),
    /^[^\n]+\nnothing exported yet\n/,
  );
});

test('status shows a column of damaged messages where there are any', async () => {
  const mailboxes = statusReport.mailboxes.map((mailbox) => ({ ...mailbox, damaged: mailbox.messages > 1 ? 3 : 0 }));
  const shownText = await text({ ...statusReport, mailboxes });
  assert.match(shownText, /^MAILBOX {2}MESSAGES {2}WAITING {2}DAMAGED {2}UIDVALIDITY/m);
  assert.match(shownText, /^INBOX {6}12,345 {8}2 {8}3 /m);
});

test('doctor says what is wrong, then what is worth knowing, each with what to do', async () => {
  assert.equal(
    await text(doctorReport),
    `\
account alice on host home: maildir:/home/alice/Maildir: 3 mailboxes, 120 messages
read and compared: 119 texts (3.1 MB)

wrong: the message 1700000001.M1P1.home in INBOX is damaged: it does not hold what it did
  do: Exchange with cabin: the next bundle asks for the text. Or put the file back from a backup.

note: by the clock of this host, nothing was heard of ship for 100 days
  do: Run "mrepl sync DIR" there; if it is gone for good: mrepl peers revoke ship

1 thing is wrong`,
  );
  assert.match(await text({ ...doctorReport, findings: [] }), /\n\nall is sound$/);
  assert.match(
    await text({ ...doctorReport, deep: false, findings: [] }),
    /all is sound, as far as can be seen without --deep$/,
  );
});

test('the mailbox column gives way on a narrow terminal', async () => {
  const [inbox] = statusReport.mailboxes;
  assert.ok(inbox !== undefined);
  const long = { ...inbox, mailbox: 'Lists/a-very-long-mailbox-name-that-goes-on-and-on' };
  const lines = (await text({ ...statusReport, mailboxes: [long] }, { ...view, columns: 90 })).split('\n');
  assert.equal(lines[4], 'Lists/a-very-lon...    12,345        2   1600000000    20001      97  home lacks something');
  assert.ok(lines.every((line) => line.length <= 90));
});

test('inspect shows what a bundle says', async () => {
  assert.equal(
    await text(inspectReport),
    `\
/media/usb/mrepl/alice/home-000042.tar.zst: mrepl bundle, format 1, 3.1 MB
  account  alice
  from     home (a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1)
  for      cabin and host c3c3c3c3
  sealed   yes
  signed   with ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGhvbWVob21laG9tZWhvbWVob21laG9tZWhvbWVob21l
  number   42
  made     2026-11-24 10:00 (2 hours ago)
  texts    100 message texts, 3.0 MB
  asks for 1 text

MAILBOX  MESSAGES  NEW  CHANGED  UIDVALIDITY  UIDNEXT  MODSEQ  SAYS
INBOX         100  100        0   1600000000      103      97  everything`,
  );
  const [mailbox] = inspectReport.mailboxes;
  assert.ok(mailbox !== undefined);
  for (const [fromEmptyBase, says] of [
    [true, /the first part$/],
    [false, /the next part$/],
  ] as const) {
    assert.match(await text({ ...inspectReport, mailboxes: [{ ...mailbox, fromEmptyBase, part: true }] }), says);
  }
  assert.match(
    await text({ ...inspectReport, mailboxes: [], texts: 0 }),
    /\nIt has news of no mailbox: it only says what its sender has received\.$/,
  );
  assert.match(
    await text({ ...inspectReport, mailboxes: [] }),
    /\nIt has news of no mailbox: it brings texts that were asked for\.$/,
  );
});

test('verify says intact, or what is not', async () => {
  assert.equal(await text(verifyReport), 'home-000042.tar.zst: intact: 3.1 MB, 104 records, 100 texts (3.0 MB)');
  const findings = [new Failure('bundle-damaged', 'text 4711... does not match its hash')];
  assert.equal(
    await text({ ...verifyReport, ok: false, texts: 99, findings }),
    'home-000042.tar.zst: damaged: 3.1 MB, of which could be read: 104 records, 99 texts (3.0 MB)\n  text 4711... does not match its hash',
  );
});

test('log takes one line for a run, whatever its details are', async () => {
  const records = [
    {
      atS: nowS - 3600,
      what: 'import',
      details: {
        source: '/media/usb',
        bundles: [{ fileName: 'home-000042.tar.zst', from: 'home', number: 42, outcome: 'incomplete' }],
        mailboxes: [
          { mailbox: 'INBOX', decisions: { new: 3, flags: 1 } },
          { mailbox: 'Sent', decisions: { new: 1, flags: 9 } },
        ],
        texts: { arrived: 4, bytes: 1000, linked: 0, waiting: 0 },
      },
    },
    {
      atS: nowS,
      what: 'export',
      details: { target: '/media/usb', fileName: 'cabin-000005.tar.zst', texts: 1, sizeBytes: 812 },
    },
    { atS: nowS, what: 'scan', details: { bundles: 'x', mailboxes: [1, null], texts: null } },
  ];
  assert.equal(
    await text({ kind: 'log', records }),
    `\
2026-11-24 11:00  1 hour ago  import   /media/usb: home-000042.tar.zst from home (incomplete): 4 new messages, flags of 10 messages, 4 texts (1.0 kB)
2026-11-24 12:00  just now    export   /media/usb: cabin-000005.tar.zst (812 bytes): 1 text
2026-11-24 12:00  just now    scan`,
  );
  assert.equal(await text({ kind: 'log', records: [] }), 'Nothing has been exchanged yet.');
});

test('restore shows what there is, and says in one line what it did', async () => {
  assert.equal(
    await text(restoreReport),
    `\
EXPUNGED     BY             MAILBOX     MESSAGE   RECEIVED      SIZE  SUBJECT
2 hours ago  cabin          Lists/cats  d4d4d4d4  2026-10-15  1.2 kB  Cats\\x1b[2J and dogs
2 hours ago  host c3c3c3c3  INBOX       e5e5e5e5  2026-10-15  1.2 kB  -
and 1 message whose text is in its mailbox again`,
  );
  assert.match(await text(restoreReport, verbose), / cabin-000009\.tar\.zst\.age +Lists\/cats +17 +d4d4d4d4 /);
  assert.equal(await text({ ...restoreReport, messages: [] }), 'Nothing that was expunged here can be brought back.');
  const done = { ...restoreReport, isListing: false };
  assert.equal(
    await text({ ...done, messages: [] }),
    'There is nothing of the kind in the trash: "mrepl restore" shows what there is.',
  );
  assert.equal(await text(done), 'restored 2 messages to Lists/cats and INBOX; 1 message is in its mailbox already');
  const [one, , there] = restoreReport.messages;
  assert.ok(one !== undefined && there !== undefined);
  assert.equal(
    await text({ ...done, dryRun: true, messages: [there, there] }),
    'nothing would be restored; 2 messages are in their mailboxes already',
  );
  const outcomes = ['waiting', 'damaged', 'damaged'] as const;
  assert.equal(
    await text({ ...done, messages: outcomes.map((outcome) => ({ ...one, outcome })) }),
    'nothing was restored; 1 message is still to be delivered; 2 messages are damaged',
  );
  const many = Array.from({ length: 50 }, (_, n) => ({ ...one, mailbox: `box ${n}` }));
  const lines = (await text({ ...restoreReport, messages: many })).split('\n');
  assert.deepEqual([lines.length, lines.at(-1)], [42, 'and 10 before these (--verbose shows all)']);
  assert.match(lines[1] ?? '', / box 10 /);
  assert.equal(await text({ ...done, messages: many }), 'restored 50 messages to 50 mailboxes');
});

test('forget shows what waits and who should have it, and says in one line what it did', async () => {
  assert.equal(
    await text(forgetReport),
    `\
MAILBOX     UID  MESSAGE   RECEIVED      SIZE  SHOULD HAVE IT
INBOX        12  a7a7a7a7  2026-10-15  1.2 kB  nobody
Lists/cats    -  b8b8b8b8  2026-11-23   99 kB  home and ship`,
  );
  assert.equal(await text({ ...forgetReport, messages: [] }), 'No message waits for its text here.');
  const done = { ...forgetReport, isListing: false };
  assert.equal(
    await text({ ...done, messages: [] }),
    'No such message waits for its text: "mrepl forget" shows those that there are.',
  );
  const [lost, held] = forgetReport.messages;
  assert.ok(lost !== undefined && held !== undefined);
  const forgotten = { ...lost, outcome: 'forgotten' } as const;
  assert.equal(await text({ ...done, messages: [forgotten, forgotten] }), 'forgot 2 messages of INBOX');
  assert.equal(
    await text({ ...done, messages: [forgotten, held] }),
    'forgot 1 message of INBOX; 1 message was left, whose text home and ship should have',
  );
  assert.match(
    await text({ ...done, dryRun: true }),
    /^MAILBOX(.*\n){4}would forget 1 message of INBOX; 1 message would be left, whose text home and ship should have$/,
  );
  const many = Array.from({ length: 50 }, () => lost);
  assert.match(await text({ ...forgetReport, messages: many }), /\nand 10 after these \(--verbose shows all\)$/);
});

test('pairing shows fingerprints, and how to take up who was not', async () => {
  assert.equal(
    await text(pairReport),
    `\
/media/usb: the card of home is there (home.card), its fingerprint is 7g3k-2m9x-pd4q-h8vw-0c5r-t6zb
CARD OF  FINGERPRINT
cabin    7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  paired now
ship     7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  not paired
To pair with ship: if "mrepl peers" shows this fingerprint there,
  mrepl pair /media/usb --fingerprint 7g3k-2m9x-pd4q-h8vw-0c5r-t6zb`,
  );
  assert.match(await text({ ...pairReport, hosts: [] }), /\nThere is no card of another host yet\.$/);
});

test('peers show what they may do', async () => {
  assert.equal(
    await text(peersReport),
    `\
This host is home in the account alice; its fingerprint is 7g3k-2m9x-pd4q-h8vw-0c5r-t6zb
PEER   RIGHT    FINGERPRINT                    LAST HEARD OF                  VOUCHES FOR
cabin  append   7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  2026-11-24 11:00 (1 hour ago)  2 hosts
ship   revoked  7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  never
Nothing of ship is taken from now on; what was merged before stays.
64 hosts known on its word alone were forgotten.
Of one host that it vouched for there are messages or flags here: they stay.
cabin wrote for ship, too, when last heard of: run "mrepl peers revoke" there as well, or what it takes of ship comes here.`,
  );
  const peers = peersReport.peers.map((peer) => ({ ...peer, vouchesFor: 0 }));
  assert.doesNotMatch(await text({ ...peersReport, peers, revoked: null }), /VOUCHES|taken/);
  assert.match(await text({ ...peersReport, peers: [] }), /paired with no other host yet/);
});
