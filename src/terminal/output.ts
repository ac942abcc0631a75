import type { DoctorReport, InspectReport, StatusReport, VerifyReport } from '../check/report.js';
import type { Failure } from '../failure.js';
import type { AccountReport } from '../flow/account-report.js';
import type { InitReport } from '../flow/init.js';
import type { PairReport } from '../flow/pair.js';
import type { PeersReport } from '../flow/peers.js';
import type { RejoinReport } from '../flow/rejoin.js';
import type { ExportReport, ForgetReport, ImportReport, Listener, RestoreReport, SyncReport } from '../flow/report.js';
import type { Trouble } from '../mail/trouble.js';
import type { Block } from './block.js';
import type { LogRecord } from './log-item.js';
import type { Progress } from './progress-silent.js';
import type { View } from './view.js';

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
  | { readonly kind: 'log'; readonly records: readonly LogRecord[] };

/** The parts of a view that depend on the report. */
export type Names = Pick<View, 'hostName' | 'uidOf'>;

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
  /** Ends the progress display. */
  close(): void;
};

export type OutputRequest = {
  /** Standard output, or standard error where a bundle goes to standard output. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly ask: (question: string) => Promise<string | null>;
  readonly progress: Progress;
  readonly nowS: () => number;
  /** Nothing but what went wrong. */
  readonly quiet: boolean;
  readonly verbose: boolean;
};
