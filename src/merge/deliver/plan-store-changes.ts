import type { Flag, Spellings } from '../../mail/flags.js';
import type { Delivery, Expunge, FlagChange, MailboxChange } from '../../mail/mailbox-change.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { type SizedText, type TextId, textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { type DraftMap, draftOf } from '../../replica/edited-map.js';
import { type Instance, isPresent } from '../../replica/mailbox-state.js';
import { type Holding, type KnownMailbox, noteText, unstored } from '../../replica/mailbox-state-and-stored-files.js';
import { type BirthKey, compareBirths } from '../../replica/message-birth.js';
import { filesByBirth, openFiles, openMessages } from '../../replica/messages-read-on-demand.js';
import { freshValidity } from '../uids/make-new-uidvalidity.js';

/** What has to be done to the store so that it holds what the replicated state says. */
export type Plan = {
  readonly change: MailboxChange | null;
  /** To be recorded before anything of it is done: it names the files that will be delivered. */
  readonly announced: KnownMailbox;
  /** Texts that are needed and nowhere here; each once. */
  readonly waiting: readonly Guid[];
  /** The mailbox is to go, after `change` has emptied it. */
  readonly remove: boolean;
  /** Null where the subscription is as it should be. */
  readonly subscribe: boolean | null;
};

/**
 * A message in the store, and what it holds. Its size is not known where it is to go, and was seen by an mrepl that
 * kept no sizes.
 */
export type HeldText = TextId & {
  readonly mailbox: MailboxName;
  readonly ref: string;
  readonly sizeBytes: number | null;
};

export type PlanSources = {
  /** A message in the store that is this mail, in any mailbox, and what it holds. */
  copyOf(mail: TextId): HeldText | null;
  /** Texts that have arrived and lie ready. */
  readonly spooled: { find(mail: TextId): SizedText | null };
  /**
   * The name that a delivery of this text will have in the store. `isCopy`: the hint is the name of another copy of the
   * mail.
   */
  chooseRef(
    hint: string,
    taken: { has(ref: string): boolean },
    text: { readonly guid: Guid; readonly sizeBytes: number; readonly isCopy?: true },
  ): string;
  /** Makes the UIDVALIDITY of a mailbox to be made for which nobody has named one. Seconds since 1970. */
  readonly nowS: number;
  /** How keywords are spelt, for a store that has to list them by name. */
  readonly spellings?: Spellings;
};

/**
 * The difference between the replicated state and what the store was last seen to hold. UIDs must have been renumbered
 * for this store before: a message whose UID the store could not take any more is left waiting.
 */
export function plan(known: KnownMailbox, sources: PlanSources): Plan {
  const { state, storeUids, stored } = known;
  if (!isPresent(state) && state.name !== inbox) return planRemoval(known);
  if (!stored && !isPresent(state)) return idle(known);

  const uidValidity = state.validity?.uidValidity ?? storeUids?.uidValidity ?? freshValidity(sources.nowS);
  const isSameList = storeUids !== null && storeUids.uidValidity === uidValidity;
  const floor = isSameList ? storeUids.uidNext : 1;
  const uidNext = state.validity === null ? floor : Math.max(floor, state.uidNext);
  const isNumberless = stored && storeUids === null;
  const files = filesByBirth(known);
  const holdings = draftOf(known.holdings);
  const setFlags: FlagChange[] = [];
  const renumber: { ref: string; uid: number }[] = [];
  const expunge: Expunge[] = [];

  // What is settled stays as it is, unless all get other UIDs, or the list of them is to be laid down.
  const isLaidDown = !isNumberless || [...openFiles(known)].every(({ uid }) => uid !== 0);
  const isWhole = isNumberless ? !isLaidDown : !isSameList;
  const announcedRefs = new Map<BirthKey, string>();
  for (const { ref, birth, uid, guid } of isWhole ? known.holdings.values() : openFiles(known)) {
    const isAlive = state.instances.has(birth);
    if (uid !== null) {
      if (!isAlive) expunge.push({ ref, guid });
    } else if (isAlive) announcedRefs.set(birth, ref);
    else holdings.delete(ref);
  }

  const missing: [BirthKey, Instance][] = [];
  const deliver: Delivery[] = [];
  for (const [birth, instance] of isWhole ? state.instances : openMessages(known)) {
    const holding = files.seen(birth);
    if (holding === undefined) {
      missing.push([birth, instance]);
      continue;
    }
    if (isToBeFlagged(holding, instance))
      setFlags.push({ ref: holding.ref, flags: flagsOf(instance), seen: holding.flags });
    const { uid } = instance.uid;
    if (holding.uid === 0 && !isNumberless) {
      // Delivered by a run that died before it laid down the UID.
      const text = { mailbox: state.name, ref: holding.ref };
      deliver.push(deliveryOf(instance, { ...holding, text }));
      continue;
    }
    if (isNumberless && isLaidDown && holding.uid !== uid) holdings.set(holding.ref, { ...holding, uid });
    else if (!isSameList ? !isNumberless || !isLaidDown : holding.uid !== uid) renumber.push({ ref: holding.ref, uid });
  }
  const arrivals = planDeliveries(missing, { announcedRefs, holdings, sources, uidValidity, floor });
  for (const delivery of arrivals.deliver) deliver.push(delivery);
  renumber.sort((a, b) => a.uid - b.uid);
  deliver.sort((a, b) => a.uid - b.uid);

  const isListChanged = !isNumberless && (!isSameList || storeUids.uidNext < uidNext);
  const isWork = !stored || isListChanged || expunge.length + setFlags.length + renumber.length + deliver.length > 0;
  const expected = stored ? storeUids : 'absent';
  return {
    change: isWork ? { expected, uidValidity, uidNext, expunge, setFlags, renumber, deliver, ...spelt(sources) } : null,
    announced: holdings.current() === known.holdings ? known : { ...known, holdings: holdings.current() },
    waiting: arrivals.waiting,
    remove: false,
    subscribe: state.subscribed.on === known.storeSubscribed ? null : state.subscribed.on,
  };
}

/** Messages that are not in the store: those whose texts are at hand are delivered, and announced among `holdings`. */
function planDeliveries(
  missing: readonly (readonly [BirthKey, Instance])[],
  {
    announcedRefs,
    holdings,
    sources,
    uidValidity,
    floor,
  }: {
    readonly announcedRefs: ReadonlyMap<BirthKey, string>;
    readonly holdings: DraftMap<string, Holding>;
    readonly sources: PlanSources;
    readonly uidValidity: number;
    readonly floor: number;
  },
): { readonly deliver: readonly Delivery[]; readonly waiting: readonly Guid[] } {
  // In the order of UIDs: of several that would have one name the first gets it.
  const inOrder = [...missing].sort(([, a], [, b]) => a.uid.uid - b.uid.uid || compareBirths(a.birth, b.birth));
  const deliver: Delivery[] = [];
  const waiting = new Set<Guid>();
  for (const [birth, instance] of inOrder) {
    const announcedRef = announcedRefs.get(birth);
    const announced = announcedRef === undefined ? undefined : holdings.get(announcedRef);
    const source = isNumberable(instance, uidValidity, floor) ? sourceOf(instance, announced, sources) : null;
    if (source === null) {
      waiting.add(instance.guid);
      continue;
    }
    const { guid, sizeBytes } = source.text;
    const isAnnounced = announced?.guid === guid;
    // Another copy of the mail: it is not as large, maybe.
    if (announced !== undefined && !isAnnounced) holdings.delete(announced.ref);
    const ref = isAnnounced ? announced.ref : refFor(instance, { guid, sizeBytes }, { sources, taken: holdings });
    const flags = flagsOf(instance);
    if (!isAnnounced) holdings.set(ref, { ref, birth, uid: null, flags, ...noteText(source.text) });
    deliver.push(deliveryOf(instance, { ref, guid, flags, text: source.from }));
  }
  return { deliver, waiting: [...waiting] };
}

function refFor(
  { hint, guid: wanted }: Instance,
  { guid, sizeBytes }: Pick<SizedText, 'guid' | 'sizeBytes'>,
  { sources, taken }: { readonly sources: PlanSources; readonly taken: { has(ref: string): boolean } },
): string {
  return sources.chooseRef(hint, taken, { guid, sizeBytes, ...(guid === wanted ? {} : { isCopy: true }) });
}

function spelt({ spellings }: PlanSources): Pick<MailboxChange, 'spellings'> {
  return spellings === undefined ? {} : { spellings };
}

function idle(known: KnownMailbox): Plan {
  return { change: null, announced: known, waiting: [], remove: false, subscribe: null };
}

/** What is left in a mailbox that is to go is expunged first; a mailbox that turns out to hold more than that stays. */
function planRemoval(known: KnownMailbox): Plan {
  if (!known.stored) return idle(known);
  const { storeUids } = known;
  const expunge = [...known.holdings.values()]
    .filter(({ uid }) => uid !== null)
    .map(({ ref, guid }) => ({ ref, guid }));
  const change: MailboxChange = {
    expected: storeUids,
    uidValidity: storeUids?.uidValidity ?? known.state.validity?.uidValidity ?? 1,
    uidNext: storeUids?.uidNext ?? known.state.uidNext,
    expunge,
    setFlags: [],
    renumber: [],
    deliver: [],
  };
  const isUnsubscribed = known.storeSubscribed && !known.state.subscribed.on;
  return {
    change: expunge.length > 0 ? change : null,
    announced: known,
    waiting: [],
    remove: true,
    subscribe: isUnsubscribed ? false : null,
  };
}

/** Can the store take the message at the UID it has? */
function isNumberable({ uid }: Instance, uidValidity: number, floor: number): boolean {
  return uid.uidValidity === uidValidity && uid.uid >= floor;
}

type TextSource = { readonly text: SizedText; readonly from: Delivery['text'] };

/** Where the text of a message is: first of all the one that was announced before, if any. */
function sourceOf(instance: Instance, announced: Holding | undefined, sources: PlanSources): TextSource | null {
  const { copyOf, spooled } = sources;
  for (const mail of announced === undefined ? [instance] : [announced, instance]) {
    const copy = copyOf(mail);
    const sizeBytes = copy?.sizeBytes ?? (copy?.guid === instance.guid ? instance.sizeBytes : null);
    if (copy !== null && sizeBytes !== null) {
      return { text: { ...textIdOf(copy), sizeBytes }, from: { mailbox: copy.mailbox, ref: copy.ref } };
    }
    const text = spooled.find(mail);
    if (text !== null) return { text, from: 'spool' };
  }
  return null;
}

function deliveryOf(
  { receivedS, hint, uid: { uid } }: Instance,
  { ref, guid, flags, text }: Pick<Delivery, 'ref' | 'guid' | 'flags' | 'text'>,
): Delivery {
  return { ref, uid, guid, flags, receivedS, hint, text };
}

function flagsOf({ flags }: Instance): ReadonlySet<Flag> {
  const on = new Set<Flag>();
  for (const [flag, register] of flags) if (register.on) on.add(flag);
  return on;
}

/** Does the file show other flags than it should, apart from keywords that the store is known to have no room for? */
function isToBeFlagged({ flags: noted }: Holding, { flags: registers }: Instance): boolean {
  let on = 0;
  for (const [flag, register] of registers) {
    if (!register.on) continue;
    on += 1;
    if (!noted.has(flag) && !noted.has(unstored(flag))) return true;
  }
  return on !== noted.size;
}
