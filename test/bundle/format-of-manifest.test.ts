import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SignedStatement } from '../../src/bundle/format/bundle-contents.js';
import { Failure } from '../../src/failure.js';
import { signDetached } from '../../src/trust/ssh/ssh-signature.js';
import {
  type Forgery,
  forged,
  headerWith,
  inFrames,
  type Json,
  type Parts,
  rawEntry,
  signed,
  signedText,
} from './forge.js';
import { outcome, refused } from './format-refusals.js';
import { home, plainKeys, statementBy } from './sample.js';

// Every MUST of mrepl-bundle(5) on the manifest, with a bundle that breaks it and is good in all else.

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

const refusedManifest = async (change: (manifest: Json, parts: Parts) => void, why: RegExp): Promise<void> =>
  refused(await forged({ change: (parts) => change(parts.manifest, parts) }), 'bundle-not-understood', why);

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
