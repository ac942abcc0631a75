import { type DraftMap, draftOf } from '../../replica/edited-map.js';
import type { HostId } from '../../replica/host-id.js';
import { type Stamp, type Validity, winningNumbering } from '../../replica/last-writer-registers.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import { type Birth, type BirthKey, birthKey } from '../../replica/message-birth.js';
import { inRanges } from '../../replica/number-ranges.js';
import { handOver } from '../join-registers.js';
import type { Decision } from '../merge-decision.js';
import type { Rules } from '../rules-tests-can-switch-off.js';

/** From the birth that goes to the one that takes its place. */
export type HandOvers = Map<BirthKey, BirthKey>;

/** What a merge needs to know beside the state and the news. */
export type JoinContext = {
  readonly self: HostId;
  readonly rules: Rules;
  /** Is the mailbox in this host's store? For the report only. */
  readonly stored: boolean;
  /** What was handed over by other news of the same merge. */
  readonly before: ReadonlyMap<BirthKey, BirthKey>;
};

/** The merge of one bundle's news into one mailbox, as far as its steps have come. */
export type JoinInProgress = {
  readonly mine: MailboxState;
  readonly news: MailboxNews;
  readonly context: JoinContext;
  /** What the merge itself decides is stamped with this: a new modseq of this host. */
  readonly stamp: Stamp;
  /** The numbering that holds after the merge (merge rule 1); null while nobody has one. */
  readonly validity: Validity | null;
  readonly instances: DraftMap<BirthKey, Instance>;
  readonly decisions: Decision[];
  readonly handOvers: HandOvers;
  /** Has the merge itself decided something that peers have to hear of? */
  isDecided: boolean;
};

/** A merge that has done nothing yet. */
export function beginJoin(mine: MailboxState, news: MailboxNews, context: JoinContext): JoinInProgress {
  return {
    mine,
    news,
    context,
    stamp: { modseq: Math.max(mine.highestModseq, news.highestModseq) + 1, host: context.self },
    validity: winningNumbering(mine, news).validity,
    instances: draftOf(mine.instances),
    decisions: [],
    handOvers: new Map(),
    isDecided: false,
  };
}

/** The UID that a message has in the numbering that holds after the merge; null where it has none there yet. */
export function uidAfter({ validity }: JoinInProgress, { uid }: Instance): number | null {
  return uid.uidValidity === validity?.uidValidity ? uid.uid : null;
}

/** Do the news say that this message is not expunged? */
export function isAlive({ living }: MailboxNews, { host, serial }: Birth): boolean {
  return inRanges(living.get(host) ?? [], serial);
}

/**
 * Lets one instance take the place of another of the same mail, with its flags and UID. `sized`: the one whose text is
 * here, if it is anywhere; its size is the one to go by.
 */
export function passOn(join: JoinInProgress, goes: Instance, stays: Instance, sized: Instance): void {
  const { instances, handOvers, stamp, validity, context } = join;
  const { guid, sizeBytes } = sized;
  const key = birthKey(stays.birth);
  const current = instances.get(key) ?? stays;
  const before = current.sizeBytes === sizeBytes || current.guid !== guid ? current : { ...current, sizeBytes };
  const after = handOver(before, goes, { stamp, validity, rules: context.rules });
  if (after !== before) join.isDecided = true;
  instances.set(key, after);
  handOvers.set(birthKey(goes.birth), key);
}
