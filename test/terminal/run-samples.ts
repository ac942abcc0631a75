import { Failure } from '../../src/failure.js';
import type {
  ExportReport,
  ForgetReport,
  ImportReport,
  RestoreMessage,
  RestoreReport,
  ScanReport,
} from '../../src/flow/reports/run-report-types.js';
import type { Decision } from '../../src/merge/merge-decision.js';
import { hostNames, type View } from '../../src/terminal/output/view-options-and-names.js';

/** Reports as flows make them, small but with one of everything that can be in them. */
process.env.TZ = 'UTC'; // times are shown in the zone of the machine

export const nowS = Date.UTC(2026, 10, 24, 12, 0) / 1000;

export const home = 'a1'.repeat(16);
export const cabin = 'b2'.repeat(16);
export const ship = 'c3'.repeat(16);

export const view: View = {
  nowS,
  verbose: false,
  columns: 200,
  command: ['import', '/media/usb'],
  isLast: true,
  hostName: hostNames([
    [home, 'home'],
    [cabin, 'cabin'],
  ]),
  uidOf: (_mailbox, birth) => (birth.serial === 20 ? 20 : null),
};

export const verbose: View = { ...view, verbose: true };

const guid = 'd4'.repeat(32);
const birth = (serial: number, host = home) => ({ host, serial });

export const quietScan: ScanReport = {
  renamed: [],
  changes: [],
  mailboxes: 3,
  messages: 120,
  unseen: [],
  isTouched: false,
  troubles: [],
  mended: [],
};

export const busyScan: ScanReport = {
  ...quietScan,
  renamed: [{ from: 'Old', to: 'Lists/New' }],
  changes: [
    {
      mailbox: 'INBOX',
      born: 3,
      expunged: 1,
      rewritten: 1,
      flagged: 2,
      renumbered: 0,
      created: false,
      deleted: false,
      uidValidity: { from: 7, to: 9 },
      exhausted: null,
      lost: ['keywords'],
    },
  ],
};

/** As it is after a run that put damaged and altered messages right. */
export const mendedScan: ScanReport = {
  ...busyScan,
  mended: [
    { mailbox: 'INBOX', ref: '1700000001.M1P1.home', how: 'replaced' },
    { mailbox: 'Work', ref: '1700000002.M1P1.home', how: 'set-apart' },
  ],
};

export const decisions: readonly Decision[] = [
  { kind: 'uidvalidity', from: 1_700_000_000, to: 1_600_000_000 },
  { kind: 'subscribed', on: true },
  { kind: 'new', birth: birth(1), guid, sizeBytes: 1000, uid: 101 },
  { kind: 'new', birth: birth(2), guid, sizeBytes: 234, uid: 102 },
  { kind: 'new', birth: birth(3), guid, sizeBytes: 1, uid: 55 },
  { kind: 'new', birth: birth(4), guid, sizeBytes: 1, uid: null },
  { kind: 'awaited', birth: birth(22), guid, sizeBytes: 500, uid: 90 },
  { kind: 'unified', kept: birth(5), dropped: birth(5, cabin), guid },
  {
    kind: 'rewritten',
    birth: birth(24),
    replaced: birth(25),
    guid,
    replacedGuid: guid,
    sizeBytes: 10,
    uid: 107,
    replacedUid: 13,
    by: home,
  },
  { kind: 'expunged', birth: birth(6), guid, uid: 9, by: home },
  { kind: 'expunged', birth: birth(7), guid, uid: 12, by: ship },
  { kind: 'flags', birth: birth(17), uid: 17, set: ['\\Seen'], cleared: [] },
  { kind: 'flags', birth: birth(18), uid: 18, set: ['\\Seen'], cleared: [] },
  { kind: 'flags', birth: birth(19), uid: 40, set: ['work', '\\Flagged'], cleared: ['\\Seen'] },
  { kind: 'moved-flags', birth: birth(21), from: 'Lists/old stuff', flags: ['\\Flagged'] },
  { kind: 'renumbered', birth: birth(3), from: 55, to: 103, why: 'late' },
  { kind: 'renumbered', birth: birth(30), from: 61, to: 104, why: 'conflict' },
  { kind: 'renumbered', birth: birth(31), from: 62, to: 105, why: 'conflict' },
  { kind: 'renumbered', birth: birth(32), from: null, to: 106, why: 'uidvalidity' },
  { kind: 'flag-conflict', birth: birth(20), flag: '\\Flagged', on: true, winner: cabin, loser: home },
  { kind: 'flag-conflict', birth: birth(33), flag: 'work', on: false, winner: ship, loser: cabin },
  { kind: 'expunge-won', birth: birth(6), winner: home, loser: cabin },
];

export const importReport: ImportReport = {
  kind: 'import',
  dryRun: true,
  source: '/media/usb',
  scan: busyScan,
  troubles: [],
  expunged: { messages: 0, mailboxes: 0 },
  bundles: [
    {
      fileName: 'home-000042.tar.zst',
      sizeBytes: 3_100_000,
      from: { hostId: home, name: 'home' },
      number: 42,
      madeAtS: nowS - 7200,
      outcome: 'taken',
      failure: null,
    },
    {
      fileName: 'home-000041.tar.zst',
      sizeBytes: 900,
      from: { hostId: home, name: 'home' },
      number: 41,
      madeAtS: nowS - 90_000,
      outcome: 'old',
      failure: null,
    },
    {
      fileName: 'ship-000007.tar.zst',
      sizeBytes: 12,
      from: null,
      number: null,
      madeAtS: null,
      outcome: 'refused',
      failure: new Failure(
        'bundle-damaged',
        'reading ship-000007.tar.zst: it is cut off after 12 bytes; it was not used',
        {
          hint: 'Copy it again, or let ship export anew',
        },
      ),
    },
  ],
  mailboxes: [
    { mailbox: 'INBOX', decisions, refused: [], unstorable: ['vacation'], troubles: [] },
    { mailbox: 'Drafts', decisions: [{ kind: 'created' }], refused: [], unstorable: [], troubles: [] },
    { mailbox: 'Gone', decisions: [{ kind: 'deleted' }], refused: [], unstorable: [], troubles: [] },
    { mailbox: 'Kept', decisions: [{ kind: 'kept', by: cabin }], refused: [], unstorable: [], troubles: [] },
  ],
  texts: { arrived: 3, bytes: 1235, linked: 1, waiting: 2 },
  messages: null,
  room: { neededBytes: 1235, freeBytes: 48_000_000_000 },
  newest: [{ mailbox: 'INBOX', receivedS: nowS - 86_400, subject: 'Ferry times have changed' }],
  intact: true,
  waitsFor: [{ name: 'cabin', texts: 2 }],
  trashed: 2,
  withheld: [{ mailbox: 'INBOX', from: cabin, messages: 0, flags: 2, expunges: 1, others: 0 }],
  unmatched: [],
  fed: null,
  refetched: null,
};

const expunged: RestoreMessage = {
  mailbox: 'Lists/cats',
  guid,
  sizeBytes: 1234,
  uidValidity: 1_700_000_000,
  uid: 17,
  flags: ['\\Seen', 'work'],
  receivedS: nowS - 86_400 * 40,
  atS: nowS - 7200,
  by: cabin,
  bundle: { fileName: 'cabin-000009.tar.zst.age', number: 9 },
  subject: 'Cats\u001b[2J and dogs',
  outcome: 'restorable',
};

export const restoreReport: RestoreReport = {
  kind: 'restore',
  dryRun: false,
  isListing: true,
  messages: [
    expunged,
    { ...expunged, mailbox: 'INBOX', guid: 'e5'.repeat(32), uid: 4, by: ship, subject: null },
    { ...expunged, guid: 'f6'.repeat(32), uid: 18, outcome: 'there' },
  ],
  room: null,
  troubles: [],
};

export const forgetReport: ForgetReport = {
  kind: 'forget',
  dryRun: false,
  isListing: true,
  messages: [
    {
      mailbox: 'INBOX',
      guid: 'a7'.repeat(32),
      uid: 12,
      sizeBytes: 1234,
      receivedS: nowS - 86_400 * 40,
      holders: [],
      outcome: 'lost',
    },
    {
      mailbox: 'Lists/cats',
      guid: 'b8'.repeat(32),
      uid: null,
      sizeBytes: 98_765,
      receivedS: nowS - 86_400,
      holders: ['home', 'ship'],
      outcome: 'held',
    },
  ],
  troubles: [],
};

export const idleImport: ImportReport = {
  ...importReport,
  dryRun: false,
  scan: quietScan,
  bundles: [],
  mailboxes: [],
  texts: { arrived: 0, bytes: 0, linked: 0, waiting: 0 },
  newest: [],
  waitsFor: [],
  trashed: 0,
  withheld: [],
};

export const exportReport: ExportReport = {
  kind: 'export',
  dryRun: false,
  target: '/media/usb',
  scan: busyScan,
  newMedium: false,
  expunged: { messages: 0, mailboxes: 0 },
  bundles: [
    {
      fileName: 'cabin-000005.tar.zst',
      number: 5,
      sizeBytes: 1_234_567,
      texts: 3,
      textBytes: 4096,
      mailboxes: [
        { mailbox: 'INBOX', saves: 3, savedBytes: 4000, updates: 1, living: 12_345, expunged: 0, moved: [] },
        { mailbox: 'Lists/work', saves: 0, savedBytes: 0, updates: 0, living: 1, expunged: 0, moved: [] },
      ],
      to: ['home', 'ship'],
      sealed: true,
      buildsOn: 1,
    },
  ],
  left: null,
  messages: null,
  room: { neededBytes: 1_234_567, freeBytes: 7_000_000_000 },
  hasReaders: true,
  otherAccounts: [],
  unmatched: [],
  removed: ['cabin-000003.tar.zst'],
  troubles: [],
};

export const idleExport: ExportReport = { ...exportReport, scan: quietScan, bundles: [], removed: [] };
