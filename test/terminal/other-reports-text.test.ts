import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { doctorReport, inspectReport, pairReport, peersReport, statusReport, verifyReport } from './account-samples.js';
import { text } from './report-text.js';
import { forgetReport, nowS, restoreReport, verbose, view } from './run-samples.js';

// What all commands but runs say to a person.

test('status says where things stand and what to do next, then a line for each mailbox', async () => {
  assert.equal(
    await text(statusReport),
    `\
account alice on host cabin: maildir:/home/alice/Maildir
12,346 messages in 2 mailboxes, as of the last run

home  lacks 12 new messages in 2 mailboxes; heard of 2026-11-21 12:00 (3 days ago)
ship  lacks changes in 1 mailbox, and 11 texts that it asked for; heard of 2026-11-24 11:59 (1 minute ago)

Written, and not confirmed yet:
  "/media/my stick": cabin-000005.tar.zst.age (1.2 MB), just now, for home and ship

2 messages here wait for the text
1 text had no room in earlier exports

Next, to bring it to home:
  mrepl sync '/media/my stick'
Then, take "/media/my stick" to home and ship. There, and then here once more:
  mrepl sync '/media/my stick'
Then, for what is wrong here, and its remedy:
  mrepl doctor

MAILBOX  MESSAGES  UIDVALIDITY  UIDNEXT  MODSEQ  LACKS
INBOX      12,345   1600000000    20001      97  2 texts; at home
日本語          1            -        1       3
and 1 deleted mailbox (--verbose shows them)`,
  );
  assert.match(await text(statusReport, verbose), /\nGone \(deleted\) .* at home and ship$/);
});

test('status of two hosts that are in step has no more to say than that', async () => {
  const [home, ship] = statusReport.peers;
  assert.ok(home !== undefined && ship !== undefined);
  const none = { messages: 0, mailboxes: 0 };
  const all = { mailboxesBehind: 0, wantedTexts: 0, lacks: none, unwritten: none };
  const inStep = { ...home, ...all, inStep: true, inStepSinceS: nowS - 7200 };
  const unheard = { ...ship, ...all, lastHeardS: null };
  const peers = [inStep, unheard];
  const told = await text({ ...statusReport, peers, mailboxes: [], unconfirmed: [], textsLeft: 0, next: [] });
  assert.match(told, /^home {2}in step since 2026-11-24 10:00 \(2 hours ago\)$/m);
  assert.match(told, /^ship {2}nothing heard of it yet$/m);
  assert.match(told, /^Nothing waits, as far as is known here\.$/m);
  assert.match(told, /^No mailbox has been seen yet/m);
});

test('one stick is told from another that was mounted in its place', async () => {
  const [bundle] = statusReport.unconfirmed;
  assert.ok(bundle !== undefined);
  const second = { ...bundle, number: 6, medium: 'fedcba9876543210fedcba9876543210' };
  const through = { ...bundle, number: 7, fileName: '-', directory: null, medium: null };
  const told = await text({ ...statusReport, unconfirmed: [bundle, second, second, through] });
  assert.match(told, /"\/media\/my stick" \(stick 0123\): cabin-000005/);
  assert.match(told, /"\/media\/my stick" \(stick fedc\): 2 bundles, the last cabin-000005.tar.zst.age \(2.5 MB\)/);
  assert.match(told, / {2}a pipe: /);
});

test('status on a terminal of 60 columns keeps UIDVALIDITY, UIDNEXT and modseq of a mailbox on one line', async () => {
  const told = await text(statusReport, { ...view, columns: 60 });
  assert.match(told, /^INBOX +12,345 +1600000000 +20001 +97 {2}\S/m);
});

test('status says in which mailboxes messages are damaged', async () => {
  const mailboxes = statusReport.mailboxes.map((mailbox) => ({ ...mailbox, damaged: mailbox.messages > 1 ? 3 : 0 }));
  assert.match(await text({ ...statusReport, mailboxes }), /^INBOX .* 2 texts; 3 damaged; at home$/m);
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
  const told = await text({ ...statusReport, mailboxes: [long] }, { ...view, columns: 76 });
  assert.match(told, /^Lists\/a-\S+and-on +12,345 +1600000000 +20001 +97 {2}2 texts; at home$/m);
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
  const planned = await text({ ...done, dryRun: true });
  assert.match(planned, /^COMES {5}2 messages, 2\.5 kB\n {2}Lists\/cats {2}1 {2}newest: "Cats.* and dogs", 15 Oct\n/);
  assert.match(planned, /\n {2}INBOX {7}1 {2}newest: without a subject, 15 Oct\n\nEXPUNGED /);
  assert.match(planned, /\nwould restore 2 messages .*\n\nNothing was changed\. To do it:\n/);
  const room = { neededBytes: 2468, freeBytes: 1000 };
  const tight = await text({ ...done, dryRun: true, room });
  assert.match(tight, /\nROOM {6}at most 2\.5 kB needed, 1\.0 kB free\n\nEXPUNGED /);
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
/media/usb: the card of home is there (home.card). Its fingerprint is
    7g3k-2m9x-pd4q-h8vw-0c5r-t6zb
CARD OF  FINGERPRINT
cabin    7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  paired now
ship     7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  not paired
If "mrepl peers" on ship shows this fingerprint, pair with it:
  mrepl pair /media/usb --fingerprint 7g3k-2m9x-pd4q-h8vw-0c5r-t6zb
Next, to leave what this host has for cabin:
  mrepl sync /media/usb`,
  );
  assert.match(
    await text({ ...pairReport, hosts: [] }),
    /\nNo card of another host is there\. This host is paired with cabin\.$/,
  );
});

test('peers show what they may do', async () => {
  assert.equal(
    await text(peersReport),
    `\
This host is home in the account alice. Its fingerprint is
    7g3k-2m9x-pd4q-h8vw-0c5r-t6zb
PEER   RIGHT    FINGERPRINT                    LAST HEARD OF                  VOUCHES FOR
cabin  append   7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  2026-11-24 11:00 (1 hour ago)  2 hosts
ship   revoked  7g3k-2m9x-pd4q-h8vw-0c5r-t6zb  never
Nothing of ship is taken from now on; what was merged before stays.
64 hosts known on its word alone were forgotten.
Of one host that it vouched for there are messages or flags here: they stay.
cabin wrote for ship, too, when last heard of: what it takes of ship comes here, unless it is revoked there as well:
  mrepl peers revoke ship`,
  );
  const peers = peersReport.peers.map((peer) => ({ ...peer, vouchesFor: 0 }));
  assert.doesNotMatch(await text({ ...peersReport, peers, revoked: null }), /VOUCHES|taken/);
  assert.match(await text({ ...peersReport, peers: [] }), /paired with no other host yet/);
});
