import type {
  DoctorReport,
  InspectReport,
  StatusReport,
  VerifyReport,
} from '../../src/check/reports/check-report-types.js';
import { Failure } from '../../src/failure.js';
import type { InitReport } from '../../src/flow/identity/init-account.js';
import type { PeersReport } from '../../src/flow/identity/manage-peers.js';
import type { PairReport } from '../../src/flow/identity/pair-hosts.js';
import type { RejoinReport } from '../../src/flow/identity/rejoin-as-new-host.js';
import type { AccountReport } from '../../src/flow/reports/account-report-type.js';
import type {
  ExportReport,
  ForgetReport,
  ImportReport,
  RestoreMessage,
  RestoreReport,
  ScanReport,
} from '../../src/flow/reports/run-report-types.js';
import type { Decision } from '../../src/merge/merge-decision.js';
import type { ScheduleReport } from '../../src/terminal/output/schedule-report-type.js';
import type { SettingsReport } from '../../src/terminal/output/settings-report-type.js';
import { hostNames, type View } from '../../src/terminal/output/view-options-and-names.js';
import type { Fingerprint } from '../../src/trust/identity/card-fingerprint.js';

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
  room: { neededBytes: 1235, freeBytes: 48_000_000_000 },
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
  room: { neededBytes: 1_234_567, freeBytes: 7_000_000_000 },
  hasReaders: true,
  otherAccounts: [],
  unmatched: [],
  removed: ['cabin-000003.tar.zst'],
  troubles: [],
};

export const idleExport: ExportReport = { ...exportReport, scan: quietScan, bundles: [], removed: [] };

export const initReport: InitReport = {
  kind: 'init',
  foundBy: [],
  warnings: [],
  troubles: [],
  account: 'alice',
  hostName: 'home',
  hostId: home,
  store: 'maildir:/home/alice/Maildir',
  mailboxes: 1,
  messages: 12_345,
  catalog: '/home/alice/.local/share/mrepl/alice/catalog.db',
};

export const statusReport: StatusReport = {
  kind: 'status',
  account: 'alice',
  host: { hostId: cabin, name: 'cabin' },
  store: 'maildir:/home/alice/Maildir',
  mailboxes: [
    {
      mailbox: 'INBOX',
      present: true,
      stored: true,
      messages: 12_345,
      waiting: 2,
      damaged: 0,
      uidValidity: 1_600_000_000,
      uidNext: 20_001,
      highestModseq: 97,
      upToDate: ['ship'],
      behind: ['home'],
    },
    {
      mailbox: '日本語',
      present: true,
      stored: true,
      messages: 1,
      waiting: 0,
      damaged: 0,
      uidValidity: null,
      uidNext: 1,
      highestModseq: 3,
      upToDate: ['home', 'ship'],
      behind: [],
    },
    {
      mailbox: 'Gone',
      present: false,
      stored: false,
      messages: 0,
      waiting: 0,
      damaged: 0,
      uidValidity: 5,
      uidNext: 2,
      highestModseq: 4,
      upToDate: [],
      behind: ['home', 'ship'],
    },
  ],
  peers: [
    {
      hostId: home,
      name: 'home',
      lastHeardS: nowS - 3 * 86_400,
      lastNumber: 42,
      mailboxesBehind: 2,
      wantedTexts: 0,
    },
    { hostId: ship, name: 'ship', lastHeardS: nowS - 60, lastNumber: 7, mailboxesBehind: 1, wantedTexts: 11 },
  ],
  lastExport: { number: 5, madeAtS: nowS - 30 },
};

export const doctorReport: DoctorReport = {
  kind: 'doctor',
  account: 'alice',
  host: { hostId: home, name: 'home' },
  store: 'maildir:/home/alice/Maildir',
  deep: true,
  mailboxes: 3,
  messages: 120,
  texts: 119,
  textBytes: 3_100_000,
  findings: [
    {
      code: 'damaged',
      weight: 'fault',
      where: 'INBOX/1700000001.M1P1.home',
      what: 'the message 1700000001.M1P1.home in INBOX is damaged: it does not hold what it did',
      remedy: 'Exchange with cabin: the next bundle asks for the text. Or put the file back from a backup.',
    },
    {
      code: 'peers',
      weight: 'notice',
      where: 'ship',
      what: 'by the clock of this host, nothing was heard of ship for 100 days',
      remedy: 'Run "mrepl sync DIR" there; if it is gone for good: mrepl peers revoke ship',
    },
  ],
};

export const inspectReport: InspectReport = {
  kind: 'inspect',
  file: '/media/usb/mrepl/alice/home-000042.tar.zst',
  sizeBytes: 3_100_000,
  formatVersion: '1',
  signedBy: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGhvbWVob21laG9tZWhvbWVob21laG9tZWhvbWVob21l',
  sealed: true,
  account: 'alice',
  from: { hostId: home, name: 'home' },
  to: [cabin, ship],
  number: 42,
  madeAtS: nowS - 7200,
  mailboxes: [
    {
      mailbox: 'INBOX',
      uidValidity: 1_600_000_000,
      uidNext: 103,
      highestModseq: 97,
      living: 100,
      saves: 100,
      updates: 0,
      fromEmptyBase: true,
      part: false,
      clock: new Map([[home, { serial: 100, modseq: 97 }]]),
    },
  ],
  texts: 100,
  textBytes: 3_000_000,
  wanted: 1,
  answers: 0,
};

export const verifyReport: VerifyReport = {
  kind: 'verify',
  file: 'home-000042.tar.zst',
  sizeBytes: 3_100_000,
  ok: true,
  records: 104,
  texts: 100,
  textBytes: 3_000_000,
  findings: [],
};

const fingerprint = '7g3k-2m9x-pd4q-h8vw-0c5r-t6zb' as Fingerprint;

export const pairReport: PairReport = {
  kind: 'pair',
  target: '/media/usb',
  account: 'alice',
  hostName: 'home',
  fingerprint,
  cardFile: 'home.card',
  newMedium: false,
  hosts: [
    { hostId: cabin, name: 'cabin', fingerprint, outcome: 'paired', successorOf: null, right: 'full' },
    { hostId: ship, name: 'ship', fingerprint, outcome: 'declined', successorOf: null, right: null },
  ],
  otherAccounts: [],
  troubles: [],
};

export const peersReport: PeersReport = {
  kind: 'peers',
  account: 'alice',
  host: { hostId: home, name: 'home', fingerprint },
  peers: [
    {
      hostId: cabin,
      name: 'cabin',
      right: 'append',
      revoked: false,
      retired: false,
      fingerprint,
      pairedAtS: nowS - 86_400,
      lastHeardS: nowS - 3600,
      vouchesFor: 2,
    },
    {
      hostId: ship,
      name: 'ship',
      right: 'full',
      revoked: true,
      retired: false,
      fingerprint,
      pairedAtS: nowS - 9,
      lastHeardS: null,
      vouchesFor: 0,
    },
  ],
  revoked: { name: 'ship', forgotten: 64, remaining: 1, unaware: ['cabin'] },
};

export const rejoinReport: RejoinReport = {
  kind: 'rejoin',
  dryRun: false,
  done: true,
  account: 'alice',
  before: { hostId: home, name: 'home' },
  host: { hostId: ship, name: 'home' },
  mailboxes: 3,
  messages: 120,
  missing: 1,
  renumbered: 3,
  peers: ['cabin'],
  troubles: [],
};

export const accountReport: AccountReport = {
  kind: 'account',
  done: 'renamed',
  account: 'alice',
  hostId: home,
  hostName: 'attic',
  formerName: 'home',
  store: 'maildir:/home/alice/Maildir',
  formerStore: 'maildir:/home/alice/Maildir',
  peers: ['cabin'],
  kept: null,
};

export const settingsReport: SettingsReport = {
  kind: 'config',
  file: '/home/alice/.config/mrepl/config.toml',
  isThere: true,
  dataDirectory: '/home/alice/.local/share/mrepl',
  passedOver: null,
  settings: [
    { command: null, key: 'max-size', value: '2G', from: 'file', origin: 'max-size' },
    { command: 'doctor', key: 'deep', value: false, from: 'default', origin: null },
  ],
};

export const scheduleReport: ScheduleReport = {
  kind: 'cron',
  done: 'installed',
  directory: '/home/alice/.config/systemd/user',
  files: ['mrepl.service', 'mrepl.timer', 'mrepl.path'],
  kept: [],
  isRunning: true,
  toType: null,
  why: null,
};
