import type { Failure } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { Clock } from '../../replica/version-vector.js';
import type { Finding } from './doctor-finding.js';

/** What `doctor` looked at, and what it found: faults first. */
export type DoctorReport = {
  readonly kind: 'doctor';
  /** Null where the account could not be opened. */
  readonly account: string | null;
  readonly host: { readonly hostId: HostId; readonly name: string } | null;
  readonly store: string | null;
  /** What the store is and can: sentences without a full stop. */
  readonly about: readonly string[];
  readonly deep: boolean;
  /** That are known to be there, and the messages in them, as `status` counts them. */
  readonly mailboxes: number;
  readonly messages: number;
  /** That were read and compared: with `deep`. */
  readonly texts: number;
  readonly textBytes: number;
  readonly findings: readonly Finding[];
};

export type StatusReport = {
  readonly kind: 'status';
  readonly account: string;
  readonly host: { readonly hostId: HostId; readonly name: string };
  readonly store: string;
  /** Does a server give UIDs of its own there? Those of the mailboxes here are what the other hosts show. */
  readonly serverUids: boolean;
  readonly mailboxes: readonly MailboxStatus[];
  readonly peers: readonly PeerStatus[];
  /** Bundles with news that not all whom they are for are known to have, by number. */
  readonly unconfirmed: readonly UnconfirmedBundle[];
  /** Texts that earlier exports had no room for. */
  readonly textsLeft: number;
  readonly lastExport: { readonly number: number; readonly madeAtS: number } | null;
  readonly next: readonly NextStep[];
};

/** A bundle of this host that was written, and of which somebody has not said yet that it came. */
export type UnconfirmedBundle = {
  readonly number: number;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly madeAtS: number;
  /** Where it was written, absolute, and the random id of the stick there; null where it went through a pipe. */
  readonly directory: string | null;
  readonly medium: string | null;
  /** Names of the peers that are not known to have it. */
  readonly by: readonly string[];
};

/**
 * What to do next. `sync`: there is something to tell that no bundle tells yet; to the directory that was used last.
 * `carry`: what was written is to get to these peers. `doctor`: something is missing or damaged here.
 */
export type NextStep =
  | { readonly step: 'pair' }
  | { readonly step: 'sync'; readonly directory: string | null; readonly for: readonly string[] }
  | { readonly step: 'carry'; readonly directory: string | null; readonly to: readonly string[] }
  | { readonly step: 'doctor' };

export type MailboxStatus = {
  readonly mailbox: MailboxName;
  readonly present: boolean;
  /** Is it in the store? One that could not be made so far is not, nor one that is gone everywhere. */
  readonly stored: boolean;
  readonly messages: number;
  readonly waiting: number;
  /** Whose file does not hold its text any more, as far as is known. */
  readonly damaged: number;
  readonly uidValidity: number | null;
  readonly uidNext: number;
  readonly highestModseq: number;
  /** Peers (names) that are known to have everything of it, texts included as far as they ask for none. */
  readonly upToDate: readonly string[];
  /** Peers that lack something of it, as far as is known. */
  readonly behind: readonly string[];
};

export type PeerStatus = {
  readonly hostId: HostId;
  readonly name: string;
  /** Null where nothing of it ever came. */
  readonly lastHeardS: number | null;
  readonly lastNumber: number;
  readonly mailboxesBehind: number;
  readonly wantedTexts: number;
  /** Is it known to have everything? */
  readonly inStep: boolean;
  /** Since when, by the clock of this host; null where it is not. */
  readonly inStepSinceS: number | null;
  /** What it is not known to have, by the last that it said of itself. */
  readonly lacks: Lack;
  /** What of that no bundle for it tells yet. */
  readonly unwritten: Lack;
};

/** New messages that somebody is not known to have, and mailboxes with them or with other changes. */
export type Lack = { readonly messages: number; readonly mailboxes: number };

/** What a bundle holds, seen from outside, with no store and no catalog. */
export type InspectReport = {
  readonly kind: 'inspect';
  readonly file: string;
  readonly sizeBytes: number | null;
  readonly formatVersion: string;
  /** The key that signed it, as OpenSSH writes it. */
  readonly signedBy: string;
  readonly sealed: boolean;
  readonly account: string;
  readonly from: { readonly hostId: HostId; readonly name: string };
  readonly to: readonly HostId[];
  readonly number: number;
  readonly madeAtS: number;
  readonly mailboxes: readonly InspectedMailbox[];
  readonly texts: number;
  readonly textBytes: number;
  readonly wanted: number;
  readonly answers: number;
};

type InspectedMailbox = {
  readonly mailbox: MailboxName;
  readonly uidValidity: number | null;
  readonly uidNext: number;
  readonly highestModseq: number;
  readonly living: number;
  readonly saves: number;
  readonly updates: number;
  readonly fromEmptyBase: boolean;
  /** Its sender knows more of the mailbox than it tells. */
  readonly part: boolean;
  readonly clock: Clock;
};

export type VerifyReport = {
  readonly kind: 'verify';
  readonly file: string;
  readonly sizeBytes: number | null;
  readonly ok: boolean;
  readonly records: number;
  readonly texts: number;
  readonly textBytes: number;
  /** What is damaged or missing, most important first. */
  readonly findings: readonly Failure[];
};
