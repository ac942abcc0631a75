import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Clock } from '../../src/replica/version-vector.js';
import type { Interruption } from './model-store.js';
import type { ModelStatement } from './model-trust.js';

/** What a model's host writes for others. */
export type ModelBundle = {
  readonly from: HostId;
  /** The hosts that its sender is paired with, and who alone can open it; null: all. */
  readonly readers: ReadonlySet<HostId> | null;
  /** The newest of each host that its sender knows, its own included. */
  readonly statements: ReadonlyMap<HostId, ModelStatement>;
  /** Hosts of which its sender knows that they told two stories, with what shows it. */
  readonly disowned: ReadonlyMap<HostId, readonly ModelStatement[]>;
  readonly number: number;
  /** The bundles of each host that its sender has taken in. */
  readonly heard: ReadonlyMap<HostId, ReadonlySet<number>>;
  readonly news: readonly MailboxNews[];
  readonly texts: ReadonlySet<Guid>;
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  readonly wanted: readonly Guid[];
};

/** What an export leaves out or believes. */
export type ExportChoice = {
  /** The hosts it is for, whose clocks it builds upon. */
  readonly to: readonly HostId[];
  /** heard: what they said. sent: as if the last bundle had arrived. nothing: everything is said. */
  readonly base: 'heard' | 'sent' | 'nothing';
  readonly withholds: (text: Guid, n: number) => boolean;
  /** So many new messages of each mailbox, and no more, where that is possible. */
  readonly messagesMax?: number;
  /** Bundles of its own that lie where the next one goes: whoever reads that has read them. */
  readonly onStick?: readonly ModelBundle[];
};

export type ImportChoice = {
  readonly interruption: Interruption;
  /** Done to the store just before it is changed: somebody else is at work there. */
  readonly meanwhile: (() => void) | null;
};

/** Nothing comes between, and nobody else is at work. */
export const undisturbed: ImportChoice = { interruption: 'none', meanwhile: null };
