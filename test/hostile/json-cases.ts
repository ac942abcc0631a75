import { mailboxesMax, wantedMax } from '../../src/bundle/format/bundle-limits.js';
import { type Forgery, forged, type Json, type Parts, rawEntry, signed } from '../bundle/forge.js';
import type { HostileCase } from './hostile-case.js';

// What is signed and hashed as it should be, and breaks a rule of the JSON in it.

type WrongManifest = readonly [name: string, because: string, change: (manifest: Json) => void];

const inManifest = ([name, because, change]: WrongManifest): HostileCase => ({
  ...{ name, because },
  make: () => forged({ change: ({ manifest }) => change(manifest) }),
  refused: 'bundle',
  code: 'bundle-not-understood',
  says: /^reading bundle\.json of .*home-000040\.tar\.zst: /,
});

type WrongRecord = readonly [name: string, because: string, record: number, change: (record: Json) => void];

const inRecord = ([name, because, record, change]: WrongRecord): HostileCase => ({
  ...{ name, because },
  make: () => forged({ change: ({ records }) => change(records[record] as Json) }),
  refused: 'mailbox',
  code: 'bundle-not-understood',
  says: /^reading mailboxes\/0001\.jsonl/,
});

const mailboxNames: readonly (readonly [name: string, what: string])[] = [
  ['', 'no name'],
  ['..', 'the directory above'],
  ['.', 'the directory itself'],
  ['../../etc', 'a way up'],
  ['a/../b', 'a way up and down'],
  ['/etc', 'an absolute path'],
  ['a//b', 'an empty part'],
  ['a/', 'an empty part at its end'],
  ['inbox', 'the inbox in small letters'],
  ['Inbox/a', 'a child of the inbox in small letters'],
  ['a\u0000b', 'a zero byte'],
  ['a\nb', 'a line feed'],
  ['a\u001b]0;b\u0007', 'an escape sequence'],
  ['a\u007f', 'a DEL'],
  ['a\u0085b', 'a C1 control character'],
  ['a\u2028b', 'a line separator'],
  ['A\u0308', 'a letter taken apart (NFD)'],
  ['\ud800', 'half a character'],
  ['a\ufffdb', 'what is left of invalid UTF-8'],
  ['x'.repeat(1025), 'more than 1024 bytes'],
  ['ä'.repeat(513), 'more than 1024 bytes, though fewer characters'],
];

const numbers: readonly (readonly [value: unknown, what: string])[] = [
  [2 ** 53, 'that was rounded'],
  [1e300, 'beyond all measure'],
  [-1, 'that is negative'],
  [0.5, 'that is a fraction'],
  ['7', 'that is a string'],
  [null, 'that is nothing'],
  [[], 'that is a list'],
  [{}, 'that is an object'],
  [true, 'that is a truth value'],
];

const keywords: readonly (readonly [keyword: string, what: string])[] = [
  ['', 'that is empty'],
  ['\\Recent', 'that only a session may have'],
  ['\\seen', 'that is a system flag in small letters'],
  ['\\Invented', 'that no server knows'],
  ['a b', 'with a blank'],
  ['a\r\nb', 'with a line break'],
  ['a\u0000', 'with a zero byte'],
  ['a(b', 'with a parenthesis'],
  ['a{3}', 'with a brace, as a literal begins'],
  ['a*', 'with a star'],
  ['a%', 'with a percent sign'],
  ['a"', 'with a quote'],
  ['a]', 'with a bracket'],
  ['a\\b', 'with a backslash'],
  ['schön', 'that is not ASCII'],
  ['k'.repeat(256), 'of more than 255 bytes'],
];

const brackets = (count: number): unknown => JSON.parse('['.repeat(count) + ']'.repeat(count));
const file = (manifest: Json): Json => (manifest.mailboxes as Json[])[0] as Json;
const guidOf = (index: number): string => index.toString(16).padStart(64, '0');

const invalidUtf8 = (where: string, refused: 'bundle' | 'mailbox', forgery: Forgery): HostileCase => ({
  name: `invalid UTF-8 in ${where}`,
  because: 'it would be read as something else than what was written',
  make: () => forged(forgery),
  refused,
  code: 'bundle-not-understood',
  says: /not JSON in UTF-8/,
});

export const jsonCases: readonly HostileCase[] = [
  ...(
    [
      ['17 brackets in the manifest', 'one more than the limit', (m) => (m.novelty = brackets(16))],
      [
        'more than 4096 hosts',
        'every clock grows with them',
        (m) => (m.hosts = Array.from({ length: 4097 }, (_, i) => i.toString(16).padStart(32, 'b'))),
      ],
      [
        'more texts asked for than may be',
        'each is looked up',
        (m) => (m.fetch = Array.from({ length: wantedMax + 1 }, (_, index) => guidOf(index))),
      ],
      [
        'more mailboxes than may be',
        'each is looked up, and this host would have to speak of them for ever',
        (m) => (m.clocks = Array.from({ length: mailboxesMax + 1 }, (_, index) => [`m${index}`, []])),
      ],
      [
        'a sender whose name is longer than 255 bytes',
        'it stands in reports and logs',
        (m) => (m.from = { host: 0, name: 'x'.repeat(256) }),
      ],
      ['a feature with a long name', 'it is told to the user', (m) => (m.features = ['x'.repeat(65)])],
      ['many features', 'each is compared', (m) => (m.features = Array(65).fill('x'))],
      ['a record file of more than 1 GiB', 'it would be in memory', (m) => (file(m).kept = { size: 2 ** 30 + 1 })],
      [
        'a record file of another name',
        'it would be read in place of another',
        (m) => (file(m).file = '../bundle.json'),
      ],
      ['a sender that is not in the table', 'nobody would have said it', (m) => (m.from = { host: 9, name: 'x' })],
      ['a bundle for nobody in particular twice', 'who it is for must be clear', (m) => (m.to = [0, 0])],
      ['ranges that descend', 'a search among them would miss some', (m) => (m.heard = [[0, '5,1']])],
      ['ranges beyond 2^53', 'they would be rounded', (m) => (m.heard = [[0, '1:9007199254740993']])],
      ['prototypes', 'no key of ours may be found in one', (m) => (m.from = { ['__proto__']: { host: 0, name: 'x' } })],
    ] satisfies WrongManifest[]
  ).map(inManifest),
  ...numbers.map(([value, what]) =>
    inManifest([`a bundle number ${what}`, 'numbers are compared and counted on', (m) => (m.number = value)]),
  ),
  ...mailboxNames.map(([name, what]) =>
    inManifest([
      `a mailbox whose name is or has ${what}`,
      'it becomes a directory, and two names of one mailbox would be two mailboxes',
      (m) => {
        m.clocks = [[name, []]];
        file(m).name = name;
      },
    ]),
  ),
  ...(
    [
      ['17 brackets in a record', 'one more than the limit', 1, (r) => (r.novelty = brackets(16))],
      [
        'more flags than may be',
        'every message could take megabytes',
        1,
        (r) => (r.f = Array.from({ length: 4097 }, (_, i) => [`k${i}`, 1, 1, 0])),
      ],
      ['a hint of more than 1024 bytes', 'no file system takes it', 1, (r) => (r.h = 'x'.repeat(1025))],
      ['UID 0', 'there is none', 1, (r) => (r.u = [1_700_000_000, 0, 0, 1, 0])],
      ['a UID beyond 32 bit', 'servers would wrap it', 1, (r) => (r.u = [1_700_000_000, 2 ** 32, 0, 1, 0])],
      ['a UIDVALIDITY beyond 32 bit', 'servers would wrap it', 0, (r) => (r.v = [0, 2 ** 32])],
      ['UIDVALIDITY 0', 'there is none', 0, (r) => (r.v = [0, 0])],
      ['a UIDNEXT beyond 32 bit', 'no UID would be left', 0, (r) => (r.n = 2 ** 32 + 1)],
      ['a claim beyond 32 bit', 'no UID would be left', 0, (r) => (r.claims = [[1, 0, '1:4294967296']])],
      ['a date after the year 9999', 'no server can say it', 1, (r) => (r.d = 253_402_300_800)],
      ['a guid that is a path', 'it becomes a file name in the spool', 1, (r) => (r.g = '../../../../evil')],
      ['a source that is no mailbox', 'it is looked up', 1, (r) => (r.from = ['../x', [0, 1], []])],
    ] satisfies WrongRecord[]
  ).map(inRecord),
  ...numbers.map(([value, what]) =>
    inRecord([`a modseq ${what}`, 'numbers are compared and counted on', 0, (r) => (r.m = value)]),
  ),
  ...keywords.map(([keyword, what]) =>
    inRecord([
      `a keyword ${what}`,
      'it goes into dovecot-keywords, and into what servers tell their clients',
      1,
      (r) => (r.f = [[keyword, 1, 1, 0]]),
    ]),
  ),
  ...['1.0', '1e0', '1E0', '-0', '10e-1'].flatMap((number): HostileCase[] => [
    {
      name: `a modseq written as ${number}`,
      because: 'one reader would take it for the number that it is, and another refuse it',
      make: () => forged({ recordText: (text) => text.replace('"m":1,', `"m":${number},`) }),
      refused: 'mailbox',
      code: 'bundle-not-understood',
      says: /line 1: a number in it is not written as digits alone/,
    },
    {
      name: `${number} under a key that nobody knows`,
      because: 'what is JSON here must not depend on what a reader knows',
      make: () => forged({ recordText: (text) => text.replace('"m":1,', `"m":1,"novelty":[${number}],`) }),
      refused: 'mailbox',
      code: 'bundle-not-understood',
      says: /line 1: a number in it is not written as digits alone/,
    },
  ]),
  {
    name: 'a record of more than 16 MiB',
    because: 'a line is in memory at once',
    make: () => forged({ recordText: (text) => `${text}{"NOVELTY":"${'x'.repeat(16 << 20)}"}\n` }),
    refused: 'mailbox',
    code: 'bundle-not-understood',
    says: /a line is too long/,
  },
  {
    name: 'fewer messages than the manifest says',
    because: 'no count is to be trusted before it was counted',
    make: () => forged({ change: ({ manifest }) => Object.assign(file(manifest), { living: 2 ** 40 }) }),
    refused: 'mailbox',
    code: 'bundle-not-understood',
    says: /as many messages/,
  },
  {
    name: 'two records of one message',
    because: 'which of them counts would be a matter of order',
    make: () => forged({ change: ({ records }: Parts) => records.push(records[1] as Json) }),
    refused: 'mailbox',
    code: 'bundle-not-understood',
    says: /second record/,
  },
  invalidUtf8('the manifest', 'bundle', {
    entries(all) {
      const text = String(all[0]?.content).replace('"home"', '"ho\xffme"');
      all[0] = rawEntry('bundle.json', Buffer.from(text, 'latin1'));
    },
  }),
  invalidUtf8('a record', 'mailbox', {
    recordText: (text) => Buffer.from(text.replace('.home"', '.ho\xffme"'), 'latin1'),
  }),
  {
    name: 'a million brackets in the manifest',
    because: 'a parser may fall over its own stack',
    make: () =>
      forged({
        entries: (all) => void all.splice(0, 1, rawEntry('bundle.json', `{"novelty":${'['.repeat(1_000_000)}`)),
      }),
    refused: 'bundle',
    code: 'bundle-not-understood',
    says: /more than 16 brackets/,
  },
  {
    name: 'a manifest that was not signed as it stands',
    because: 'whoever has the stick could change it',
    make: () => forged({ signature: (manifest) => signed(Buffer.concat([manifest, Buffer.from('\n')])) }),
    refused: 'bundle',
    code: 'bundle-damaged',
    says: /not what was written and signed/,
  },
];
