import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import type { Report } from '../../src/terminal/output/output-interface.js';
import { initReport } from './account-samples.js';
import { text } from './report-text.js';
import {
  busyScan,
  cabin,
  exportReport,
  home,
  idleExport,
  idleImport,
  importReport,
  mendedScan,
  nowS,
  quietScan,
  verbose,
} from './run-samples.js';

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
From home, bundle 42, made 2 hours ago; 3.1 MB, intact, signed.

ANEW      1 message written anew: the text of before goes into the trash
  INBOX  1
TRASH     2 messages, until 24 Dec (see mrepl restore)
COMES     2 messages, 2 bytes
  INBOX  2  newest: "Ferry times have changed", 23 Nov
MOVES     2 messages  within INBOX
FLAGS     4 messages  2 read, 1 work, 2 flagged, 1 unread
SAME      1 message is on both sides: one copy of it
MAILBOX   these change themselves:
  INBOX   is subscribed
  Drafts  is created
  Gone    is deleted
UIDS      4 messages in INBOX: UIDVALIDITY 1700000000 -> 1600000000: mail programs load it anew; 55 -> 103 (home's): mail is only added at the end; 61:62 -> 104:105 (home's): given out twice; none -> 106 (home's): UIDVALIDITY changes
CONFLICT  4 what each side did, and what holds:
  INBOX 20  flagged by cabin, unflagged by home: flagged, as cabin's change counts as the later
  INBOX     no work by host c3c3c3c3, work by cabin: no work, as host c3c3c3c3's change counts as the later
  INBOX 9   home expunged it, cabin changed its flags: it goes
  Kept      cabin deleted the mailbox: it stays, as there is other mail in it
TEXTS     1 message gets the text that was missing; 2 texts would not be here yet: the next export asks for them; cabin should have them
  INBOX  1
KEYWORDS  no room for these in the mailbox; kept in the catalog and passed on
  INBOX  vacation
HERE      since the last run:
  Old    is called Lists/New now
  INBOX  3 new messages, flags of 2 messages, 1 written anew, 1 expunged, UIDVALIDITY 7 -> 9, names of keywords were lost, and are given again
ROOM      1.2 kB needed, 48 GB free

Nothing was changed. To do it:
  mrepl import /media/usb
Message by message:
  mrepl import /media/usb --dry-run --details`,
  );
});

test('an import that was done takes one line where nothing is unusual', async () => {
  const calm: Report = {
    ...importReport,
    dryRun: false,
    ...{ trashed: 0, newest: [], intact: false },
    withheld: [],
    mailboxes: [
      {
        mailbox: 'INBOX',
        decisions: [{ kind: 'new', birth: { host: home, serial: 1 }, guid: '', sizeBytes: 1200, uid: 7 }],
        refused: [],
        unstorable: [],
        troubles: [],
      },
    ],
  };
  assert.equal(
    await text(calm),
    '/media/usb: imported 1 bundle from home: 1 new message (1.2 kB); 2 texts not here yet, to be asked for by the next export',
  );
  assert.equal(await text(idleImport), '/media/usb: nothing new to import');
  assert.equal(await text({ ...idleImport, source: '-' }), 'standard input: nothing new to import');
  assert.match(
    await text(calm, verbose),
    /\n\nFrom home, bundle 42, .*\n\nCOMES {5}1 message, 1\.2 kB\n {2}INBOX {2}1\n/,
  );
});

test('what is unusual about an import that was done is told behind that line, as what happened', async () => {
  const [first = '', ...rest] = (await text({ ...importReport, dryRun: false })).split('\n');
  assert.equal(
    first,
    `\
/media/usb: imported 1 bundle from home: 4 new messages (1.2 kB), 1 message whose text was waited for, 1 message on both sides already, \
flags of 4 messages, 1 written anew, 2 expunged, 4 renumbered, UIDVALIDITY changed in 1 mailbox, 1 mailbox created, 1 mailbox deleted, 1 subscription, 4 conflicts settled; \
2 texts not here yet, to be asked for by the next export`,
  );
  const told = rest.join('\n');
  assert.match(
    told,
    /^\nFrom home, bundle 42, .*\n\nANEW {6}1 message written anew: the text of before is in the trash\n/,
  );
  assert.match(told, /\n {2}Drafts {2}was created\n/);
  assert.match(told, /\n {2}INBOX 9 {3}home expunged it, cabin changed its flags: it went\n/);
  assert.doesNotMatch(told, /HERE|ROOM|To do it/);
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
  assert.match(short, /1 -> 200 \(home's\), .*15 -> 207 \(home's\), and 32 more: given out twice\n/);
  const full = await text(report, verbose);
  assert.match(full, /, 79 -> 239 \(home's\): given out twice\n/);
  const many = Array.from({ length: 40 }, (_, index) => ({
    mailbox: `Lists/${index}`,
    decisions: expunged,
    refused: [],
    unstorable: [],
    troubles: [],
  }));
  assert.match(
    await text({ ...report, mailboxes: many } as Report),
    /^GOES {6}1600 messages\n( {2}Lists\/\d +40 {2}by cabin\n){8} {2}and 32 more +\(--verbose shows all\)\n/m,
  );
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
To home and ship: cabin-000005.tar.zst, sealed, built upon 1 bundle there.

COMES     3 messages, 4.0 kB
  INBOX  3
FLAGS     1 message with other flags, or another UID
TEXTS     3 texts, 4.1 kB
REMOVES   1 bundle there that nobody needs any more
  cabin-000003.tar.zst
HERE      since the last run:
  Old    is called Lists/New now
  INBOX  3 new messages, flags of 2 messages, 1 written anew, 1 expunged, UIDVALIDITY 7 -> 9, names of keywords were lost, and are given again
ROOM      1.2 MB of texts, 7.0 GB free there

Nothing was written. To do it:
  mrepl import /media/usb
Message by message:
  mrepl import /media/usb --dry-run --details`,
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
      bundles: [
        {
          ...bare,
          mailboxes: [{ mailbox: 'INBOX', saves: 0, savedBytes: 0, updates: 0, living: 9, expunged: 0, moved: [] }],
        },
      ],
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
    /^COMES {5}6 messages, 8\.0 kB\n {2}INBOX {2}6\n(.*\n)*LEFT {6}left for next time, as the room on the medium is used up:\n {2}INBOX {2}1200 {2}34 MB\n/m,
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
  assert.match(
    await text(sync),
    /^\/media\/usb: imported 1 bundle from home: .*; exported cabin-000005\.tar\.zst .*\n\nFrom home, /,
  );
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
  assert.match(inFull, /^ {2}INBOX {2}1700000001\.M1P1\.home was damaged, and holds its text again$/m);
  assert.match(inFull, /^ {2}Work {3}1700000002\.M1P1\.home was written anew, and is a new message from now on$/m);
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
  assert.equal((await text(sync)).split('HERE ').length, 2);
});

test('a subject in a plan is shortened as it is shown: escapes of what is not seen make its words longer', async () => {
  const family = '👨\u200d👩\u200d👧\u200d👦'.repeat(3);
  const report = { ...importReport, newest: [{ mailbox: 'INBOX', receivedS: nowS, subject: `${family} at the sea` }] };
  const [newest = ''] = /newest: .*/.exec(await text(report)) ?? [];
  assert.match(newest, /^newest: "[^"]{1,48}", 24 Nov$/);
});
