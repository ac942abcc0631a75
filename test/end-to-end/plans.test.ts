import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makePlannedScene } from './planned-scene.js';

/** What was printed, without what depends on the machine: where the stick is, and what is free. */
function said(text: string, stick: string): string {
  return text
    .replaceAll(stick, '/media/usb')
    .replace(/\d+(?:\.\d)? (?:[kMGT]B) free/g, '48 GB free')
    .replace(/\d\.\d kB, (intact|signed)/, '4.3 kB, $1')
    .replaceAll(/ \\\n {6}/g, ' ') // where a command breaks depends on the length of the directory's name
    .replace("10 -> 12 (cabin's), 10 -> 13 (home's)", "10 -> 12 (home's), 10 -> 13 (cabin's)") // by the ids of the hosts
    .replace(/\d{10} -> \d{10}: mail/, '1795435200 -> 1795262400: mail');
}

function isWithin(text: string, columns: number): void {
  const commands = /^ {2}mrepl /; // a command is to be copied as it is, and the directory of a test has a long name
  const wide = text.split('\n').filter((line) => line.length > columns && !commands.test(line));
  assert.deepEqual(wide, []);
}

describe('plans', () => {
  test('the dry run of an import, at 60 columns', async (t) => {
    const { home, stick } = await makePlannedScene(t, { columns: 60 });
    const out = await home.mrepl('import', stick, '--dry-run');
    isWithin(out, 60);
    assert.equal(
      said(out, stick),
      `\
From cabin, bundle 2, made 2 days ago; 4.3 kB, intact,
  signed.

GOES      4 messages
  INBOX     1
  Receipts  3
TRASH     4 messages, until 23 Dec (see mrepl restore)
COMES     3 messages, 418 bytes
  INBOX                      2  newest: "Ferry times have
                                changed", 21 Nov
  Lists/Saili...and islands  1  a new mailbox; newest: "Race
                                on Sunday", 21 Nov
MOVES     1 message  INBOX -> Archive/2026
FLAGS     3 messages  2 read, 1 flagged, 1 answered
SAME      1 message is on both sides: one copy of it; flags
            change on 1
MAILBOX   Archive/2026 is created
UIDS      2 messages get another UID:
  INBOX   10 -> 12 (home's), 10 -> 13 (cabin's): given out
          twice
  Photos  UIDVALIDITY 1795435200 -> 1795262400: mail
          programs load it anew
CONFLICT  1 INBOX 1: cabin expunged it, home changed its
            flags: it goes
HERE      since the last run:
  INBOX   1 new message, flags of 1 message
  Photos  mailbox created, 1 new message
ROOM      418 bytes needed, 48 GB free

Nothing was changed. To do it:
  mrepl import /media/usb
Message by message:
  mrepl import /media/usb --dry-run --details
`,
    );
  });

  test('--details: every message under what happens to it, with sender and subject', async (t) => {
    const { home, stick } = await makePlannedScene(t, { columns: 60 });
    const planned = await home.mrepl('import', stick, '-n', '--details');
    isWithin(planned, 60);
    assert.match(
      planned,
      /^GOES {2}Receipts\nRECEIVED {4}UID {2}FROM {2}SUBJECT {10}SIZE\n2026-11-20 {4}1 {2}Test {2}receipt 1\./m,
    );
    assert.match(planned, /^MOVES {2}INBOX -> Archive\/2026\n.*\n2026-11-20 {2}2->1 {2}Test {2}inbox 2\./m);
    const plan = await home.json('import', stick, '-n', '--details');
    const done = await home.json('import', stick, '--details');
    const messages = (lines: typeof plan): unknown[] => lines.filter(({ kind }) => kind === 'message');
    assert.equal(messages(plan).length, 13);
    assert.deepEqual(messages(done), messages(plan));
  });

  test('a sync: what it would do, what it did, and what the other host did then, at 80 columns', async (t) => {
    const { home, cabin, stick } = await makePlannedScene(t, { columns: 80 });
    const planned = await home.mrepl('sync', stick, '-n');
    isWithin(planned, 80);
    const done = await home.mrepl('sync', stick);
    isWithin(done, 80);
    assert.match(
      said(planned, stick),
      /\nNothing was changed\. To do it:\n {2}mrepl sync \/media\/usb\nMessage by message:\n/,
    );
    const [first, ...plan] = said(done, stick).split('\n\n');
    // Where the lines of the summary break depends on the length of the medium's path.
    const summary = (first ?? '').replaceAll(/\s+/g, ' ');
    assert.match(summary, /^\/media\/usb: imported 1 bundle from cabin: 4 new messages \(538 bytes\), /);
    assert.equal(
      plan.join('\n\n'),
      `\
From cabin, bundle 2, made 2 days ago; 4.3 kB, signed.

GOES      4 messages were expunged
  INBOX     1
  Receipts  3
TRASH     4 messages, until 23 Dec (see mrepl restore)
COMES     3 messages, 418 bytes
  INBOX                                          2
  Lists/Sailing club of...rn fjords and islands  1  a new mailbox
MOVES     1 message  INBOX -> Archive/2026
FLAGS     3 messages  2 read, 1 flagged, 1 answered
SAME      1 message is on both sides: one copy of it; flags change on 1
MAILBOX   Archive/2026 was created
UIDS      2 messages got another UID:
  INBOX   10 -> 12 (home's), 10 -> 13 (cabin's): given out twice
  Photos  UIDVALIDITY 1795435200 -> 1795262400: mail programs load it anew
CONFLICT  1 INBOX 1: cabin expunged it, home changed its flags: it went
It is on the medium now; unmount that before you pull it out.
`,
    );
    assert.match(await cabin.mrepl('sync', stick), /: imported 1 bundle from home: [^\n]*\n/);
  });
});
