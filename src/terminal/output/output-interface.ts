import type {
  DoctorReport,
  InspectReport,
  StatusReport,
  VerifyReport,
} from '../../check/reports/check-report-types.js';
import type { Failure } from '../../failure.js';
import type { InitReport } from '../../flow/identity/init-account.js';
import type { PeersReport } from '../../flow/identity/manage-peers.js';
import type { PairReport } from '../../flow/identity/pair-hosts.js';
import type { RejoinReport } from '../../flow/identity/rejoin-as-new-host.js';
import type { AccountReport } from '../../flow/reports/account-report-type.js';
import type { MessageChange } from '../../flow/reports/message-change-type.js';
import type {
  ExportReport,
  ForgetReport,
  ImportReport,
  Listener,
  RestoreReport,
  SyncReport,
} from '../../flow/reports/run-report-types.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Block } from '../format/line-or-table.js';
import type { Progress } from '../streams/silent-progress.js';
import type { ScheduleReport } from './schedule-report-type.js';
import type { SettingsReport } from './settings-report-type.js';
import type { LogRecord } from './summarise-log-entry.js';
import type { View } from './view-options-and-names.js';

/** What `mrepl` alone tells: the accounts of this host, and of the one that is meant how it stands. */
export type OverviewReport = {
  readonly kind: 'overview';
  readonly accounts: readonly string[];
  /** Null where there is none, or several of which none was named. */
  readonly status: StatusReport | null;
};

/** Entries of the log, oldest first. */
export type LogReport = {
  readonly kind: 'log';
  readonly records: readonly LogRecord[];
  /** Of each record the messages that it names; left out or null where nobody asked for them. */
  readonly messages?: readonly (readonly MessageChange[])[] | null;
  /** To be drawn; left out, to be told. */
  readonly isDrawn?: boolean;
};

/** What one command has to tell. */
export type Report =
  | InitReport
  | ExportReport
  | ImportReport
  | SyncReport
  | RestoreReport
  | ForgetReport
  | StatusReport
  | InspectReport
  | VerifyReport
  | DoctorReport
  | PairReport
  | PeersReport
  | RejoinReport
  | AccountReport
  | OverviewReport
  | SettingsReport
  | ScheduleReport
  | LogReport;

/** The parts of a view that depend on the report. */
export type Names = Pick<View, 'hostName' | 'uidOf'> & Partial<Pick<View, 'isLast'>>;

/** The one way out: `textOutput` for people, `jsonOutput` for programs. Nothing of it fails. */
export type Output = {
  readonly listener: Listener;
  report(report: Report, names: Names): Promise<void>;
  /** What is not as it should be, though nothing fails for it. */
  warn(troubles: readonly Trouble[]): Promise<void>;
  /** Why the run ended. `status` is the exit status it leads to. */
  failure(failure: Failure, status: number): Promise<void>;
  /** Asks a yes or no of whoever sits at the terminal; null where nobody does. */
  confirm(question: readonly Block[]): Promise<boolean | null>;
  /** What is typed behind a question, without showing it; null where nobody sits at a terminal. */
  askSecret(question: string): Promise<string | null>;
  /** Ends the progress display. */
  close(): void;
};

export type OutputRequest = {
  /** Standard output, or standard error where a bundle goes to standard output. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly ask: (question: string) => Promise<string | null>;
  readonly askSecret: (question: string) => Promise<string | null>;
  readonly progress: Progress;
  readonly nowS: () => number;
  /** See `View`. */
  readonly command: readonly string[];
  /** Nothing but what went wrong. */
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Has somebody to hear of this? Where nobody looks, not of the same thing again and again. */
  readonly isToSay?: (trouble: Trouble) => boolean;
};
