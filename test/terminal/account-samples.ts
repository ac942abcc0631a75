import type {
  DoctorReport,
  InspectReport,
  StatusReport,
  VerifyReport,
} from '../../src/check/reports/check-report-types.js';
import type { InitReport } from '../../src/flow/identity/init-account.js';
import type { PeersReport } from '../../src/flow/identity/manage-peers.js';
import type { PairReport } from '../../src/flow/identity/pair-hosts.js';
import type { RejoinReport } from '../../src/flow/identity/rejoin-as-new-host.js';
import type { AccountReport } from '../../src/flow/reports/account-report-type.js';
import type { ScheduleReport } from '../../src/terminal/output/schedule-report-type.js';
import type { SettingsReport } from '../../src/terminal/output/settings-report-type.js';
import type { Fingerprint } from '../../src/trust/identity/card-fingerprint.js';

import { cabin, home, nowS, ship } from './run-samples.js';

/** Reports of commands that carry nothing: on accounts, peers, checks and settings. */

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
  serverUids: false,
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
      inStep: false,
      inStepSinceS: null,
      lacks: { messages: 12, mailboxes: 2 },
      unwritten: { messages: 2, mailboxes: 1 },
    },
    {
      hostId: ship,
      name: 'ship',
      lastHeardS: nowS - 60,
      lastNumber: 7,
      mailboxesBehind: 1,
      wantedTexts: 11,
      inStep: false,
      inStepSinceS: null,
      lacks: { messages: 0, mailboxes: 1 },
      unwritten: { messages: 0, mailboxes: 0 },
    },
  ],
  unconfirmed: [
    {
      number: 5,
      fileName: 'cabin-000005.tar.zst.age',
      sizeBytes: 1_234_567,
      madeAtS: nowS - 30,
      directory: '/media/my stick',
      medium: '0123456789abcdef0123456789abcdef',
      by: ['home', 'ship'],
    },
  ],
  textsLeft: 1,
  lastExport: { number: 5, madeAtS: nowS - 30 },
  next: [
    { step: 'sync', directory: '/media/my stick', for: ['home'] },
    { step: 'carry', directory: '/media/my stick', to: ['home', 'ship'] },
    { step: 'doctor' },
  ],
};

export const doctorReport: DoctorReport = {
  kind: 'doctor',
  account: 'alice',
  host: { hostId: home, name: 'home' },
  store: 'maildir:/home/alice/Maildir',
  about: [],
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
  peers: ['cabin'],
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
  toType: [],
  why: null,
};
