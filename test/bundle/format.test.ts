import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { openCodec } from '../../src/bundle/archive/open-zstd-codec.js';
import type { SignedStatement } from '../../src/bundle/format/bundle-contents.js';
import { Failure } from '../../src/failure.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { signDetached } from '../../src/trust/ssh/ssh-signature.js';
import {
  type Forgery,
  forged,
  forgedTar,
  forgedTexts,
  headerWith,
  inFrames,
  type Json,
  type Parts,
  type RawEntry,
  rawEntry,
  signed,
  signedText,
} from './forge.js';
import { home, inPieces, message, plainKeys, type Read, readAll, statementBy } from './sample.js';

// Every MUST of mrepl-bundle(5), with a bundle that breaks it and is good in all else.

const cabin = 'c'.repeat(32);

/** The statement of the sender, but for what is given. */
const said = ({
  hostId = home,
  ...changes
}: {
  hostId?: string;
  number?: number;
  account?: string;
  records?: string;
}): SignedStatement => statementBy(hostId, 'home', { number: 42, ...changes });

const [one, two] = forgedTexts.map((text) => guidOfCanonical(text)) as [string, string];

async function outcome(bytes: Buffer): Promise<Read | Failure> {
  try {
    return await readAll(inPieces(bytes, 1 << 20));
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
}

/** Nothing is taken from it. */
async function refused(bytes: Buffer, code: string, why: RegExp): Promise<void> {
  const read = await outcome(bytes);
  assert.ok(read instanceof Failure, 'it was taken');
  assert.equal(read.code, code, read.message);
  assert.match(read.message, why);
}

const refusedManifest = async (change: (manifest: Json, parts: Parts) => void, why: RegExp): Promise<void> =>
  refused(await forged({ change: (parts) => change(parts.manifest, parts) }), 'bundle-not-understood', why);

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

/** These texts are taken, and something is said of the rest. */
async function textsOf(bytes: Buffer, taken: readonly string[], why: RegExp): Promise<void> {
  const read = await outcome(bytes);
  assert.ok(!(read instanceof Failure), String(read));
  assert.deepEqual([...read.texts.keys()], taken);
  assert.match(read.damage.map(({ message }) => message).join('\n'), why);
}

test('what the forge makes is good as long as nothing is changed', async () => {
  for (const bytes of [await forged(), await forged({ change: () => undefined })]) {
    const read = await outcome(bytes);
    assert.ok(!(read instanceof Failure), String(read));
    assert.deepEqual([...read.damage, ...read.bundle.troubles], []);
    assert.equal(read.bundle.news.length, 1);
    assert.deepEqual([...read.texts.keys()], [one, two]);
  }
});

describe('frames', () => {
  test('may begin anywhere', async () => {
    const tar = await forgedTar();
    for (const width of [1000, 512, 700]) {
      const edges = Array.from({ length: Math.ceil(tar.length / width) - 1 }, (_, index) => (index + 1) * width);
      const read = await outcome(await inFrames(tar, edges));
      assert.ok(!(read instanceof Failure), String(read));
      assert.equal(read.texts.size, 2);
      assert.deepEqual(read.damage, []);
    }
  });

  const zstd = (bytes: Buffer, ...options: string[]): Buffer =>
    execFileSync('zstd', ['-qc', ...options], { input: bytes, maxBuffer: 1 << 30 });

  test('must say how much they hold', async () => {
    await refused(zstd(await forgedTar()), 'bundle-damaged', /does not say how much/);
  });

  test('may have a checksum', async () => {
    const tar = await forgedTar();
    const read = await outcome(zstd(tar, '--check', `--stream-size=${tar.length}`));
    assert.ok(!(read instanceof Failure), String(read));
    assert.deepEqual(read.damage, []);
  });

  test('must not hold more than 4 MiB, nor nothing', async () => {
    const content = message(1, 5 << 20);
    const tar = await forgedTar({ entries: (entries) => entries.splice(2, 2, rawEntry(textName(content), content)) });
    await refused(zstd(tar, `--stream-size=${tar.length}`), 'bundle-damaged', /more than 4194304/);
    const nothing = Buffer.from('28b52ffd2000010000', 'hex');
    await refused(Buffer.concat([nothing, await forged()]), 'bundle-damaged', /holds nothing/);
    await textsOf(Buffer.concat([await forged(), nothing]), [one, two], /follows its end|holds nothing/);
  });

  test('must not be skippable', async () => {
    const skippable = Buffer.alloc(12);
    skippable.writeUInt32LE(0x184d2a50, 0);
    skippable.writeUInt32LE(4, 4);
    await refused(Buffer.concat([skippable, await forged()]), 'bundle-damaged', /does not begin like/);
    await textsOf(Buffer.concat([await forged(), skippable]), [one, two], /follows its end|does not begin like/);
  });

  test('must not need a large window or a dictionary', async () => {
    const codec = await openCodec('wasm');
    const good = Buffer.from(codec.compressFrame(await forgedTar()));
    const headerBytes = good[4] === 0x60 ? 7 : 9;
    const size = Buffer.alloc(4);
    size.writeUInt32LE((await forgedTar()).length);
    const wide = Buffer.concat([Buffer.from('28b52ffd8070', 'hex'), size, good.subarray(headerBytes)]);
    await refused(wide, 'bundle-damaged', /window/);
    good[4] = (good[4] ?? 0) | 1;
    await refused(good, 'bundle-damaged', /dictionary/);
  });

  test('must be all there is', async () => {
    await refused(Buffer.from('PK\u0003\u0004 something else'), 'bundle-damaged', /no bundle/);
    await refused(Buffer.alloc(0), 'bundle-damaged', /it is empty/);
    await textsOf(Buffer.concat([await forged(), Buffer.from('x')]), [one, two], /byte|follows/);
  });
});

describe('the archive', () => {
  const swap =
    (a: number, b: number) =>
    (entries: RawEntry[]): void => {
      const [x, y] = [entries[a], entries[b]];
      if (x !== undefined && y !== undefined) [entries[a], entries[b]] = [y, x];
    };

  test('must have its entries in order', async () => {
    await refused(await forged({ entries: swap(0, 1) }), 'bundle-damaged', /not the first/);
    await refused(await forged({ entries: swap(1, 2) }), 'bundle-damaged', /not where it should be/);
    await textsOf(await forged({ entries: swap(3, 4) }), [one], /is in it|follows its end|speaks of/);
  });

  test('must have all of them', async () => {
    await refused(await forged({ entries: (all) => all.splice(0, 1) }), 'bundle-damaged', /not the first/);
    await refused(await forged({ entries: (all) => all.splice(1, 1) }), 'bundle-damaged', /not where it should be/);
    await textsOf(await forged({ entries: (all) => all.splice(2, 1) }), [two], /speaks of 2 texts.*1 with/);
    await textsOf(await forged({ change: (parts) => (parts.end = null) }), [one, two], /without end\.json/);
  });

  for (const name of [
    '../evil',
    '/etc/passwd',
    'bundle.json',
    'texts/ab/note.txt',
    `texts/00/${'1'.repeat(64)}.eml`,
    '\u001b[2J',
  ]) {
    test(`must not have others, such as ${JSON.stringify(name)}`, async () => {
      await textsOf(
        await forged({ entries: (all) => all.splice(2, 0, rawEntry(name, 'x')) }),
        [one, two],
        /does not belong there/,
      );
    });
  }

  test('must have headers that are right to the byte', async () => {
    const wrong: [number, string][] = [
      [0, '\0'],
      [100, '000644 '],
      [108, '000001 '],
      [116, '000001 '],
      [124, '\x80\0\0\0\0\0\0\0\0\0\0\x01'],
      [136, '00000000001 '],
      [156, '1'], // a hard link
      [156, '2'], // a symbolic link
      [156, '3'], // a device
      [156, '5'], // a directory
      [156, '7'],
      [156, 'x'], // pax
      [156, 'g'], // pax, global
      [156, 'L'], // GNU, a long name
      [156, 'S'], // GNU, sparse
      [156, '\0'],
      [157, 'target'],
      [257, 'ustar  \0'],
      [265, 'root'],
      [329, '000001 '],
      [345, 'prefix'],
      [511, 'x'],
    ];
    for (const [at, bytes] of wrong) {
      const change: Forgery['entries'] = (all) => {
        const [, , text] = all;
        if (text !== undefined) all[2] = { ...text, header: headerWith(text.header, at, bytes) };
      };
      const read = await outcome(await forged({ entries: change }));
      assert.ok(!(read instanceof Failure));
      assert.ok(!read.texts.has(one), `${JSON.stringify(bytes)} at ${at}`);
      assert.match(read.damage[0]?.message ?? '', /does not write|damaged/);
    }
  });

  test('must have checksums that are right', async () => {
    const change: Forgery['entries'] = (all) => {
      const header = Buffer.from(all[0]?.header ?? '');
      header[150] = (header[150] ?? 0) ^ 1;
      if (all[0] !== undefined) all[0] = { ...all[0], header };
    };
    await refused(await forged({ entries: change }), 'bundle-damaged', /does not write/);
  });

  test('must fill entries up with zeros', async () => {
    for (const index of [0, 1, 2]) {
      const change: Forgery['entries'] = (all) => {
        const entry = all[index];
        if (entry !== undefined) all[index] = { ...entry, padding: Buffer.alloc(entry.padding.length, 1) };
      };
      const read = await outcome(await forged({ entries: change }));
      const told = read instanceof Failure ? read : read.damage[0];
      assert.match(told?.message ?? '', /zeros/);
    }
  });

  test('must end with two blocks of zeros, and then end', async () => {
    await textsOf(await forged({ end: Buffer.alloc(512) }), [one, two], /cut off/);
    await textsOf(await forged({ end: Buffer.alloc(1024, 1) }), [one, two], /does not write/);
    await textsOf(await forged({ end: Buffer.alloc(1536) }), [one, two], /follows its end/);
    const second = Buffer.alloc(1024);
    second[1000] = 1;
    await textsOf(await forged({ end: second }), [one, two], /end of its archive/);
  });
});

describe('the manifest', () => {
  const keys = [
    'format',
    'version',
    'features',
    'account',
    'from',
    'to',
    'number',
    'made',
    'hosts',
    'clocks',
    'mailboxes',
    'heard',
    'witnessed',
    'unheard',
    'relayed',
    'statements',
    'before',
    'disowned',
    'equivocations',
    'fed',
    'fetch',
    'answers',
    'texts',
  ];
  for (const key of keys) {
    test(`must have "${key}"`, () =>
      refusedManifest((manifest) => {
        delete manifest[key];
      }, /./));
  }

  test('of another format, a newer version or an unknown feature is refused, with a hint', async () => {
    await refusedManifest((manifest) => (manifest.format = 'tar'), /does not say/);
    for (const [key, value] of [
      ['version', '3.0'],
      ['features', ['telepathy']],
    ] as const) {
      const read = await outcome(await forged({ change: ({ manifest }) => (manifest[key] = value) }));
      assert.ok(read instanceof Failure);
      assert.match(read.hint ?? '', /newer mrepl/);
    }
    await refusedManifest((manifest) => (manifest.version = '2'), /version/);
  });

  test('of an older version is refused, and what is to be done is said', async () => {
    const read = await outcome(await forged({ change: ({ manifest }) => (manifest.version = '1.0') }));
    assert.ok(read instanceof Failure);
    assert.equal(read.code, 'bundle-not-understood');
    assert.match(read.message, /written by mrepl 0\.1 .*; nothing of it is used, and nothing is lost/);
    assert.match(read.hint ?? '', /Install the newer mrepl on the host that wrote it/);
  });

  test('of a newer minor version, or with keys that are unknown, is read', async () => {
    const bytes = await forged({
      change: ({ manifest, records, end }) => {
        manifest.version = '2.7';
        for (const part of [manifest, ...records, end as Json]) part.novelty = [{ a: 1 }];
        (manifest.mailboxes as Json[])[0] = { ...(manifest.mailboxes as Json[])[0], novelty: true };
        records.push({ NOVELTY: 1 });
      },
    });
    const read = await outcome(bytes);
    assert.ok(!(read instanceof Failure), String(read));
    assert.equal(read.bundle.manifest.version, '2.7');
    assert.deepEqual([...read.damage, ...read.bundle.troubles], []);
    assert.equal(read.bundle.news[0]?.saves.length, 2);
  });

  const wrong: [string, (manifest: Json) => void][] = [
    ['an account without a name', (m) => (m.account = '')],
    ['an account with a long name', (m) => (m.account = 'ä'.repeat(128))],
    ['half a character', (m) => (m.account = '\ud800')],
    ['a sender that is not in the table', (m) => (m.from = { host: 1, name: 'x' })],
    ['a sender without a name', (m) => (m.from = { host: 0 })],
    ['a receiver twice', (m) => (m.to = [0, 0])],
    ['a receiver that is no index', (m) => (m.to = ['0'])],
    ['an index that is negative', (m) => (m.to = [-1])],
    ['an index that is no whole number', (m) => (m.to = [0.5])],
    ['number zero', (m) => (m.number = 0)],
    ['a number that was rounded', (m) => (m.number = 2 ** 53)],
    ['a number that is none', (m) => (m.number = '42')],
    ['a negative number', (m) => (m.number = -1)],
    ['a fraction', (m) => (m.made = 0.5)],
    ['a time before 1970', (m) => (m.made = -1)],
    ['a host id in capitals', (m) => (m.hosts = ['A'.repeat(32)])],
    ['a host twice', (m) => (m.hosts = [home, home])],
    [
      'more hosts than may be',
      (m) => (m.hosts = Array.from({ length: 4097 }, (_, i) => i.toString(16).padStart(32, 'b'))),
    ],
    ['a clock of no mailbox', (m) => (m.clocks = [['inbox', []]])],
    ['a mailbox that goes up', (m) => (m.clocks = [['a/../b', []]])],
    ['a mailbox with control characters', (m) => (m.clocks = [['a\u001b[2J', []]])],
    ['a mailbox with a long name', (m) => (m.clocks = [['a'.repeat(1025), []]])],
    ['a mailbox that is not in NFC', (m) => (m.clocks = [['A\u0308', []]])],
    [
      'two clocks of one mailbox',
      (m) =>
        (m.clocks = [
          ['INBOX', []],
          ['INBOX', []],
        ]),
    ],
    [
      'a host twice in a clock',
      (m) =>
        (m.clocks = [
          [
            'INBOX',
            [
              [0, 1, 1],
              [0, 2, 2],
            ],
          ],
        ]),
    ],
    ['a clock that is too long', (m) => (m.clocks = [['INBOX', [[0, 1, 1, 1]]]])],
    ['ranges that descend', (m) => (m.heard = [[0, '5,1']])],
    ['ranges that touch', (m) => (m.heard = [[0, '1:2,3']])],
    ['ranges with a leading zero', (m) => (m.heard = [[0, '01']])],
    ['ranges with a zero', (m) => (m.heard = [[0, '0']])],
    ['ranges with a blank', (m) => (m.heard = [[0, '1, 3']])],
    ['a range of one', (m) => (m.heard = [[0, '3:3']])],
    ['a range beyond 2^53', (m) => (m.heard = [[0, '9007199254740993']])],
    ['a host twice among the witnessed', (m) => (m.witnessed = [0, 0].map((host) => [host, []]))],
    ['witnessed numbers that do not ascend', (m) => (m.witnessed = [[0, [2, 1].map((n) => [n, '0'.repeat(32)])]])],
    ['a witnessed bundle without a digest', (m) => (m.witnessed = [[0, [[1, '0'.repeat(31)]]]])],
    [
      'more witnessed bundles than are read',
      (m) => (m.witnessed = [[0, Array.from({ length: 17 }, (_, n) => [n + 1, '0'.repeat(32)])]]),
    ],
    ['a host twice among the unheard', (m) => (m.unheard = [0, 0])],
    ['a statement passed on without its signature', (m) => (m.relayed = [{ text: '{}' }])],
    ['a statement that is none', (m) => (m.statement = signedText('{}'))],
    ['a statement that another signed', (m) => (m.statement = statementBy(home, 'other', { number: 42 }))],
    ['a statement of another host', (m) => (m.statement = said({ hostId: cabin }))],
    ['a statement of another bundle', (m) => (m.statement = said({ number: 41 }))],
    ['a statement of another account', (m) => (m.statement = said({ account: 'bob' }))],
    [
      'a statement with a signature of something else',
      (m) => (m.statement = { ...said({}), text: `${said({}).text} ` }),
    ],
    ['a host twice among the statements', (m) => (m.statements = [0, 0].map((host) => [host, 1, '0'.repeat(32)]))],
    ['a statement without a number', (m) => (m.statements = [[0, 0, '0'.repeat(32)]])],
    ['a statement without a digest', (m) => (m.statements = [[0, 1, '0'.repeat(31)]])],
    ['earlier statements that do not ascend', (m) => (m.before = [2, 1].map((n) => [n, '0'.repeat(32)]))],
    ['an earlier statement of its own number', (m) => (m.before = [[42, '0'.repeat(32)]])],
    [
      'more earlier statements than are read',
      (m) => (m.before = Array.from({ length: 33 }, (_, n) => [n + 1, '0'.repeat(32)])),
    ],
    ['a statement of other records', (m) => (m.statement = said({ records: '1'.repeat(32) }))],
    ['a host twice among the disowned', (m) => (m.disowned = [0, 0])],
    ['one statement that is to contradict itself', (m) => (m.equivocations = [[said({})]])],
    [
      'more equivocations than are read',
      (m) => (m.equivocations = Array.from({ length: 17 }, () => [said({}), said({})])),
    ],
    ['more that fetch than may be', (m) => (m.fed = Array.from({ length: 17 }, (_, n) => `a${n}`))],
    ['one that fetches in capitals', (m) => (m.fed = ['mbSync'])],
    ['one that fetches twice', (m) => (m.fed = ['mbsync', 'mbsync'])],
    ['a guid that is too short', (m) => (m.fetch = ['ab'])],
    ['a guid twice', (m) => (m.answers = ['0'.repeat(64), '0'.repeat(64)])],
    ['texts that are too large', (m) => (m.texts = { count: 1, bytes: 2 ** 40 })],
    ['many features', (m) => (m.features = Array(65).fill('x'))],
    ['a feature with a long name', (m) => (m.features = ['x'.repeat(65)])],
    ['brackets without end', (m) => (m.novelty = JSON.parse('['.repeat(20) + ']'.repeat(20)))],
    [
      'records that are too large',
      (m) => ((m.mailboxes as Json[])[0] = { ...(m.mailboxes as Json[])[0], kept: { size: 2 ** 30 + 1 } }),
    ],
    [
      'a record file of nothing',
      (m) => ((m.mailboxes as Json[])[0] = { ...(m.mailboxes as Json[])[0], kept: { size: 0 } }),
    ],
    [
      'another record file',
      (m) => ((m.mailboxes as Json[])[0] = { ...(m.mailboxes as Json[])[0], file: 'mailboxes/0002.jsonl' }),
    ],
    [
      'a hash that is none',
      (m) => ((m.mailboxes as Json[])[0] = { ...(m.mailboxes as Json[])[0], kept: { sha256: 'x' } }),
    ],
  ];
  for (const [what, change] of wrong)
    test(`must not have ${what}`, () => refusedManifest(change, /reading bundle\.json/));

  test('must not name a mailbox twice', () =>
    refusedManifest((manifest) => {
      const [file] = manifest.mailboxes as Json[];
      manifest.mailboxes = [file, { ...file, file: 'mailboxes/0002.jsonl' }];
    }, /twice/));

  test('must be JSON in UTF-8', async () => {
    for (const text of [
      '{',
      '[]',
      'null',
      '{"format":"\xff"}',
      '\ufeff{}',
      `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`,
    ]) {
      const bytes = Buffer.from(text, text.includes('\xff') ? 'latin1' : 'utf8');
      const forgery: Forgery = { entries: (all) => all.splice(0, 1, rawEntry('bundle.json', bytes)) };
      await refused(await forged(forgery), 'bundle-not-understood', /reading bundle\.json/);
    }
  });

  test('must be followed by its signature', async () => {
    await refused(await forged({ signature: null }), 'bundle-damaged', /bundle\.sig is not where it should be/);
    for (const signature of [
      (manifest: Buffer) => signed(Buffer.concat([manifest, Buffer.from(' ')])),
      (manifest: Buffer) => signed(manifest).subarray(1),
      (manifest: Buffer) => `${String(signed(manifest))} `,
      (manifest: Buffer) => signDetached(plainKeys.signingKey, 'mrepl-card', manifest),
      () => '',
      () => 'x'.repeat(1 << 20),
    ]) {
      await refused(await forged({ signature }), 'bundle-damaged', /not what was written and signed/);
    }
  });

  test('must not be larger than 64 MiB, and is not read then', async () => {
    const header = rawEntry('bundle.json', '').header;
    const huge = headerWith(header, 124, `${((64 << 20) + 1).toString(8).padStart(11, '0')} `);
    await refused(await inFrames(Buffer.concat([huge, Buffer.alloc(4096)])), 'bundle-damaged', /larger than 67108864/);
  });
});

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

function textName(text: Buffer): string {
  const guid = guidOfCanonical(text);
  return `texts/${guid.slice(0, 2)}/${guid}.eml`;
}
