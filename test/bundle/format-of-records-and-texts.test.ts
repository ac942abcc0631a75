import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { type Forgery, forged, forgedTexts, headerWith, type Json, type Parts } from './forge.js';
import { one, outcome, refused, textName, textsOf, two } from './format-refusals.js';
import { message } from './sample.js';

// Every MUST of mrepl-bundle(5) on record files, texts and the end mark, with a bundle that breaks it and is good in all else.

/** The mailbox is trouble, everything else is taken. */
async function mailboxRefused(forgery: Forgery, why: RegExp): Promise<void> {
  const read = await outcome(await forged(forgery));
  assert.ok(!(read instanceof Failure), String(read));
  assert.deepEqual(read.bundle.news, []);
  assert.deepEqual(
    read.bundle.troubles.map(({ subject, failure }) => [subject, failure.code]),
    [['INBOX', 'bundle-not-understood']],
  );
  assert.match(read.bundle.troubles[0]?.failure.message ?? '', why);
  assert.deepEqual([...read.texts.keys()], [one, two], 'the texts are taken all the same');
}

const badRecord = (number: number, change: (record: Json) => void, why: RegExp): Promise<void> =>
  mailboxRefused({ change: ({ records }) => change(records[number] as Json) }, why);

describe('record files', () => {
  test('must be what their hash says: else nothing is taken', async () => {
    const kept = { sha256: '0'.repeat(64) };
    const change = ({ manifest }: Parts): void => {
      Object.assign((manifest.mailboxes as Json[])[0] as Json, { kept });
    };
    await refused(await forged({ change }), 'bundle-damaged', /not what was written/);
  });

  for (const key of ['living', 'saves', 'updates']) {
    test(`must have as many messages as "${key}" says`, () =>
      mailboxRefused(
        { change: ({ manifest }) => Object.assign((manifest.mailboxes as Json[])[0] as Json, { [key]: 7 }) },
        /as many/,
      ));
  }

  test('must be of the mailbox, the base and the clock that the manifest says', async () => {
    const item = (manifest: Json): Json => (manifest.mailboxes as Json[])[0] as Json;
    await mailboxRefused({ change: ({ records }) => ((records[0] as Json).MBOX = 'Sent') }, /another mailbox/);
    await mailboxRefused({ change: ({ manifest }) => (item(manifest).base = [[0, 1, 1]]) }, /another base/);
    await mailboxRefused({ change: ({ manifest }) => (manifest.clocks = [['INBOX', [[0, 1, 1]]]]) }, /knows more than/);
    await mailboxRefused({ change: ({ manifest }) => (manifest.clocks = []) }, /knows more than/);
  });

  test('must begin with MBOX, and have no other', async () => {
    await mailboxRefused({ change: ({ records }) => records.shift() }, /not MBOX/);
    await mailboxRefused({ change: ({ records }) => records.push(records[0] as Json) }, /second MBOX/);
  });

  test('must have a line feed behind every line', () =>
    mailboxRefused({ recordText: (text) => text.slice(0, -1) }, /no end/));

  test('must have a record on every line', async () => {
    await mailboxRefused({ recordText: (text) => `${text}\n` }, /line 4: it is not JSON/);
    await mailboxRefused({ recordText: (text) => `${text}[]\n` }, /line 4: it is not a JSON object/);
    await mailboxRefused({ recordText: (text) => text.replace(/}\n/, '},\n') }, /line 1: it is not JSON/);
  });

  test('must not have lines of more than 16 MiB', () =>
    mailboxRefused({ recordText: (text) => `${text}{"NOVELTY":"${'x'.repeat(16 << 20)}"}\n` }, /too long/));

  test('must have one record for a message', () =>
    mailboxRefused({ change: ({ records }) => records.push(records[1] as Json) }, /second record/));

  const store = { STORE: [0, 9], f: [['\\Seen', 1, 1, 0]] };
  const fix = { UIDFIX: [0, 9], u: [1, 1, 1, 1, 0] };
  test('must have UIDFIX right before STORE', async () => {
    for (const added of [
      [store, fix],
      [fix, { ...fix, UIDFIX: [0, 8] }, store],
      [fix, fix],
      [store, store],
    ]) {
      await mailboxRefused({ change: ({ records }) => records.push(...added) }, /second record/);
    }
    const both = await outcome(
      await forged({
        change: ({ records, manifest }) => {
          records.push(fix, store);
          Object.assign((manifest.mailboxes as Json[])[0] as Json, { updates: 1 });
        },
      }),
    );
    assert.ok(!(both instanceof Failure));
    assert.equal(both.bundle.news[0]?.updates.length, 1);
  });

  const wrong: [string, number, (record: Json) => void][] = [
    ['UIDNEXT zero', 0, (r) => (r.n = 0)],
    ['UIDNEXT beyond 32 bit', 0, (r) => (r.n = 2 ** 32 + 1)],
    ['UIDVALIDITY zero', 0, (r) => (r.v = [0, 0])],
    ['UIDVALIDITY beyond 32 bit', 0, (r) => (r.v = [0, 2 ** 32])],
    ['a modseq that was rounded', 0, (r) => (r.m = 2 ** 53)],
    ['a modseq that is missing', 0, (r) => delete r.m],
    ['a truth that is none', 0, (r) => (r.x = [true, 1, 0])],
    ['a register of nobody', 0, (r) => (r.s = [1, 1, 9])],
    [
      'a host twice among the living',
      0,
      (r) =>
        (r.living = [
          [0, '1'],
          [0, '2'],
        ]),
    ],
    ['living ranges that overlap', 0, (r) => (r.living = [[0, '1:5,3']])],
    ['a label that is none', 0, (r) => (r.claims = [[1, 'home', '1']])],
    ['a label beyond the table', 0, (r) => (r.claims = [[1, 5, '1']])],
    ['a claim of nothing', 0, (r) => (r.claims = [[1, 0, '']])],
    ['a claim beyond 32 bit', 0, (r) => (r.claims = [[1, 0, '4294967296']])],
    ['a claim in no UIDVALIDITY', 0, (r) => (r.claims = [[0, 0, '1']])],
    ['an agreement with itself', 0, (r) => (r.agreed = [[1, 0, 0, '1']])],
    ['an agreement the wrong way round', 0, (r) => (r.agreed = [[1, 'b'.repeat(32), 0, '1']])],
    ['a mailbox name that is none', 0, (r) => (r.MBOX = '')],
    ['a birth of nobody', 1, (r) => (r.SAVE = [3, 1])],
    ['a birth numbered zero', 1, (r) => (r.SAVE = [0, 0])],
    ['a guid in capitals', 1, (r) => (r.g = 'A'.repeat(64))],
    ['a size that is negative', 1, (r) => (r.z = -1)],
    ['a size that is minus zero', 1, (r) => (r.z = 0.1)],
    ['a received date after the year 9999', 1, (r) => (r.d = 253_402_300_800)],
    ['a message born anew under no modseq', 1, (r) => (r.a = 0)],
    ['UID zero', 1, (r) => (r.u = [1, 0, 0, 1, 0])],
    ['a UID beyond 32 bit', 1, (r) => (r.u = [1, 2 ** 32, 0, 1, 0])],
    ['a register that is too short', 1, (r) => (r.u = [1, 1, 0, 1])],
    ['a flag that servers do not know', 1, (r) => (r.f = [['\\Recent', 1, 1, 0]])],
    ['a keyword with a blank', 1, (r) => (r.f = [['a b', 1, 1, 0]])],
    ['a keyword that is too long', 1, (r) => (r.f = [['a'.repeat(256), 1, 1, 0]])],
    [
      'a flag twice',
      1,
      (r) =>
        (r.f = [
          ['\\Seen', 1, 1, 0],
          ['\\Seen', 0, 2, 0],
        ]),
    ],
    ['too many flags', 1, (r) => (r.f = Array.from({ length: 4097 }, (_, i) => [`k${i}`, 1, 1, 0]))],
    ['a hint that is too long', 1, (r) => (r.h = 'x'.repeat(1025))],
    ['a hint that is none', 1, (r) => (r.h = 1)],
    ['a source that is none', 1, (r) => (r.from = ['INBOX', [0, 1]])],
    ['a source in no mailbox', 1, (r) => (r.from = ['../x', [0, 1], []])],
    ['brackets without end', 1, (r) => (r.x = JSON.parse('['.repeat(17) + ']'.repeat(17)))],
  ];
  for (const [what, number, change] of wrong)
    test(`must not have ${what}`, () => badRecord(number, change, /mailboxes\/0001\.jsonl/));

  test('must say EXPUNGE as births, though nothing depends on it', async () => {
    await mailboxRefused({ change: ({ records }) => records.splice(1, 0, { EXPUNGE: 'all' }) }, /EXPUNGE/);
    const read = await outcome(
      await forged({ change: ({ records }) => records.splice(1, 0, { EXPUNGE: [[0, '1:2']] }) }),
    );
    assert.ok(!(read instanceof Failure));
    assert.equal(read.bundle.news[0]?.saves.length, 2);
  });
});

describe('texts', () => {
  const withText = (name: string, content: Buffer): Promise<Buffer> =>
    forged({
      change: ({ texts, end }) => {
        texts.push({ name, content });
        Object.assign(end as Json, { texts: 3, bytes: ((end as Json).bytes as number) + content.length });
      },
    });

  test('must be what their name says', async () => {
    const change = ({ texts }: Parts): void => {
      const [text] = texts;
      if (text !== undefined) text.content = Buffer.from(String(text.content).replace('number', 'NUMBER'));
    };
    await textsOf(await forged({ change }), [two], new RegExp(`${one} is damaged`));
  });

  test('must be there once', async () => {
    await textsOf(await withText(textName(forgedTexts[0] as Buffer), forgedTexts[0] as Buffer), [one, two], /twice/);
  });

  test('must be some that a record or an answer speaks of', async () => {
    const other = message(3);
    await textsOf(await withText(textName(other), other), [one, two], /no record speaks of it/);
    const answers = await forged({
      change: ({ texts, end, manifest }) => {
        texts.push({ name: textName(other), content: other });
        manifest.answers = [guidOfCanonical(other)];
        Object.assign(end as Json, { texts: 3, bytes: ((end as Json).bytes as number) + other.length });
      },
    });
    const read = await outcome(answers);
    assert.ok(!(read instanceof Failure));
    assert.deepEqual([...read.texts.keys()], [one, two, guidOfCanonical(other)]);
    assert.deepEqual(read.damage, []);
  });

  test('must have the size that their record says', async () => {
    const change = ({ records }: Parts): void => {
      const [, save] = records;
      if (save !== undefined) save.z = (save.z as number) + 1;
    };
    await textsOf(await forged({ change }), [two], /not as large as its record/);
  });

  test('must be the mail that their record names by its second digest', async () => {
    const change = ({ records }: Parts): void => {
      const [, save] = records;
      if (save !== undefined) save.s = two;
    };
    await textsOf(await forged({ change }), [two], /is another mail than its record says/);
  });

  test('must not be larger than 256 MiB, and are not read then', async () => {
    const change: Forgery['entries'] = (all) => {
      const [, , text] = all;
      const size = `${((256 << 20) + 1).toString(8).padStart(11, '0')} `;
      if (text !== undefined) all[2] = { ...text, header: headerWith(text.header, 124, size) };
    };
    await textsOf(await forged({ entries: change }), [], /larger than 268435456/);
  });
});

describe('the end', () => {
  for (const key of ['mailboxes', 'texts', 'bytes']) {
    test(`must have the "${key}" that are in it`, async () => {
      await textsOf(
        await forged({ change: ({ end }) => Object.assign(end as Json, { [key]: 9 }) }),
        [one, two],
        /its end speaks of/,
      );
      await textsOf(await forged({ change: ({ end }) => delete (end as Json)[key] }), [one, two], /end\.json/);
    });
  }

  test('must not be larger than 4096 bytes', async () => {
    await textsOf(
      await forged({ change: ({ end }) => ((end as Json).novelty = 'x'.repeat(5000)) }),
      [one, two],
      /does not belong there/,
    );
  });
});
