import type { Flag } from '../../mail/flags.js';
import type { Scan } from '../../mail/mailbox-scan.js';
import { type DraftMap, draftOf } from '../../replica/edited-map.js';
import type { Stamp } from '../../replica/last-writer-registers.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { Holding, KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../replica/message-birth.js';
import type { Rules } from '../rules-tests-can-switch-off.js';
import type { Loss, ObserveContext } from './observation.js';
import type { UidView } from './observe-uids.js';

/** What one comparison of a mailbox starts from. */
type ObservationInput = {
  readonly known: KnownMailbox;
  /** With a UID for every message, where the store gives out UIDs and has any left. */
  readonly scan: Scan;
  readonly context: ObserveContext;
  readonly rules: Rules;
  readonly view: UidView;
};

/**
 * What one comparison of a mailbox has found so far. Its steps take the messages known before, then those that are
 * gone, then the new ones, and enter here what they see.
 */
export type ObservationInProgress = ObservationInput & {
  /** What changes of this comparison are stamped with; births beyond the first few get higher modseqs. */
  readonly stamp: Stamp;
  /** Keywords the store had no room for when it was last asked. */
  readonly unstorable: ReadonlySet<Flag>;
  readonly instances: DraftMap<BirthKey, Instance>;
  /** By ref. */
  readonly holdings: DraftMap<string, Holding>;
  /** UIDs at which a message stands that a plan of ours was to put there. */
  readonly planned: number[];
  /** UIDs that the store itself gave: to new messages, or to known ones that it moved. */
  readonly given: number[];
  readonly born: Instance[];
  readonly expunged: Instance[];
  readonly lost: Set<Loss>;
  /** The messages whose place new ones take. */
  readonly replaced: Set<BirthKey>;
  /** Was something that a plan was to put elsewhere, or to deliver, not found there? */
  isUnfinished: boolean;
  /** How many UIDs above all others were taken here, for messages whose own could not be kept. */
  taken: number;
  /** How many messages had flags changed. */
  flagged: number;
  /** How many messages were given another UID by the store. */
  renumbered: number;
};

/** A comparison that has found nothing yet. */
export function beginObservation(input: ObservationInput): ObservationInProgress {
  const { known, scan, context, rules, view } = input;
  const lost = new Set<Loss>();
  if (scan.uids === null && scan.uidsWanted !== undefined && known.storeUids !== null) lost.add('uids');
  // Named one by one: V8 is slow to add properties to what was spread, and small mailboxes are looked at often.
  return {
    known,
    scan,
    context,
    rules,
    view,
    stamp: { modseq: known.state.highestModseq + 1, host: context.self },
    unstorable: new Set(context.unstorable),
    instances: draftOf(known.state.instances),
    holdings: draftOf(known.holdings),
    planned: [],
    given: [],
    born: [],
    expunged: [],
    lost,
    replaced: new Set(),
    isUnfinished: false,
    taken: 0,
    flagged: 0,
    renumbered: 0,
  };
}
