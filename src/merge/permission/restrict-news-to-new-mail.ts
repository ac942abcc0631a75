import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { HostId } from '../../replica/host-id.js';
import type { UidRegister, Validity } from '../../replica/last-writer-registers.js';
import { livingOf } from '../../replica/living-births-by-host.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { inRanges } from '../../replica/number-ranges.js';
import type { Agreement, Ledger } from '../../replica/uid-ledger.js';
import {
  type Clock,
  covers,
  coversBirth,
  emptyClock,
  joinClocks,
  meetClocks,
  tickOf,
} from '../../replica/version-vector.js';
import { join } from '../join/join-news-of-all-bundles.js';
import { agreementsOf, pairByText, sameUid } from '../join/pair-duplicate-messages.js';
import { untouched } from '../join-registers.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import { freshValidity } from '../uids/make-new-uidvalidity.js';

export type RestrictContext = {
  readonly self: HostId;
  /** Makes the UIDVALIDITY of a mailbox that has none yet. Seconds since 1970. */
  readonly nowS: number;
  /** What the peer has said of the mailbox before. */
  readonly told: Clock;
};

/** A host that had believed all that it was told. */
export function asTold(known: KnownMailbox, told: Clock): KnownMailbox {
  const { state } = known;
  if (covers(state.clock, told)) return known;
  return { ...known, state: { ...state, clock: joinClocks(state.clock, told) } };
}

/**
 * The news of one peer reduced to its new mail: what lives there that was born there, and that this host has not heard
 * of. To be joined instead of `news`; null where there is none.
 *
 * Of the sender's clock only the serial is taken, so that what is withheld here is not claimed to be known, and comes
 * later, from it under another right or through other peers. Nothing else rises above what is known here.
 *
 * Throws `identity` as `join` does. News that `join` would refuse is left out.
 */
export function restrict(
  known: KnownMailbox,
  news: readonly MailboxNews[],
  { self, nowS, told }: RestrictContext,
  rules: Rules = everyRule,
): MailboxNews | null {
  const { state } = known;
  // A host that knows as much as this one and holds nothing has afterwards what the sender brings, as it is at the
  // sender's last word.
  const hollow: KnownMailbox = { ...known, holdings: new Map(), state: { ...state, instances: new Map() } };
  const { known: brought, refused } = join(asTold(hollow, told), news, self, rules);
  const newest = newestOf(news.filter((each) => refused.every((other) => other.news !== each)));
  if (newest === null) return null;
  const { from } = newest;
  const validity = state.validity ?? { resets: 0, uidValidity: known.storeUids?.uidValidity ?? freshValidity(nowS) };
  const mail = [...brought.state.instances.values()].filter(({ birth }) => birth.host === from).map(withoutStamps);
  if (mail.length === 0) return null;

  const shared = meetClocks(newest.clock, state.clock);
  const { serial, modseq } = tickOf(newest.clock, from);
  const clock = new Map(shared).set(from, {
    serial,
    modseq: rules.withholdClock ? tickOf(shared, from).modseq : modseq,
  });

  const { agreed, twins, leaving } = meet(state, { newest, clock, mail }, rules);
  const staying = [...state.instances.values()].filter(
    (instance) => coversBirth(clock, instance.birth) && !leaving.has(instance),
  );
  return {
    name: newest.name,
    from,
    base: emptyClock,
    clock,
    highestModseq: newest.highestModseq,
    validity,
    uidNext: state.uidNext,
    exists: { on: true, ...unstamped(from) },
    subscribed: untouched,
    living: livingOf([...staying, ...mail]),
    ledger: rules.withholdClaims ? ledgerOf(agreed, from) : newest.ledger,
    saves: mail.map((instance) => {
      const twin = twins.get(instance);
      const flags = twin !== undefined && rules.withholdFlags ? new Map() : instance.flags;
      const uid = twin !== undefined && sameUid(twin, instance) ? instance.uid : outside(validity, instance.uid);
      return { ...instance, uid, flags };
    }),
    updates: [],
    spelling: newest.spelling,
  };
}

type Meeting = {
  /** About UIDs at which both hosts have the same texts, as far as the sender speaks for itself. */
  readonly agreed: readonly Agreement[];
  /** From mail to the message of ours that is the same one. That stays as it is here: its UID, its flags, its file. */
  readonly twins: ReadonlyMap<Instance, Instance>;
  /** Messages of ours whose place is taken by mail that the sender kept instead. */
  readonly leaving: ReadonlySet<Instance>;
};

/**
 * Which of the mail will become one with messages that are here (merge rule 4), as the sender and everybody else find
 * too.
 */
function meet(
  { instances, ledger }: MailboxState,
  { newest, clock, mail }: { readonly newest: MailboxNews; readonly clock: Clock; readonly mail: readonly Instance[] },
  rules: Rules,
): Meeting {
  const { from, living } = newest;
  const unknownThere: Instance[] = [];
  const goneThere: Instance[] = [];
  for (const instance of instances.values()) {
    const { host, serial } = instance.birth;
    if (!coversBirth(clock, instance.birth)) unknownThere.push(instance);
    else if (!inRanges(living.get(host) ?? [], serial)) goneThere.push(instance);
  }
  const pairs = pairByText(unknownThere, mail, rules);
  const twins = new Map(pairs.map(({ mine, theirs }) => [theirs, mine]));
  const others = mail.filter((instance) => !twins.has(instance));
  const replaced = rules.replaceDropped ? pairByText(goneThere, others, rules) : [];
  for (const { mine, theirs } of replaced) twins.set(theirs, mine);
  return {
    agreed: agreementsOf(pairs, ledger, newest.ledger).filter(({ a, b }) => a === from || b === from),
    twins,
    leaving: new Set(rules.withholdExpunges ? replaced.map(({ mine }) => mine) : goneThere),
  };
}

/**
 * The sender's claims on UIDs that it gave to the texts that have them here: with the agreements they can be in
 * nobody's way.
 */
function ledgerOf(agreements: readonly Agreement[], from: HostId): Ledger {
  return { claims: agreements.map(({ uidValidity, lo, hi }) => ({ uidValidity, label: from, lo, hi })), agreements };
}

/** The one that knows of most mail of its sender; what was told in parts may otherwise be newer and know less. */
function newestOf(news: readonly MailboxNews[]): MailboxNews | null {
  const serialOf = ({ clock, from }: MailboxNews): number => tickOf(clock, from).serial;
  const isNewer = (one: MailboxNews, other: MailboxNews): boolean =>
    serialOf(one) > serialOf(other) || (serialOf(one) === serialOf(other) && !covers(other.clock, one.clock));
  return news.reduce<MailboxNews | null>((best, each) => (best === null || isNewer(each, best) ? each : best), null);
}

/**
 * A stamp that every clock covers, and that loses against every other: the flags that mail came with say so until
 * somebody's own change of them is heard of, be it the sender's.
 */
function unstamped(host: HostId): { readonly modseq: 0; readonly host: HostId } {
  return { modseq: 0, host };
}

/**
 * The message without what only its sender's clock vouches for; nor is it one that was born anew (`compareForKeeping`),
 * as a sender that told so to some alone could have hosts give up each other's messages in a circle.
 */
function withoutStamps({ birth, sizeBytes, receivedS, hint, uid, flags, ...text }: Instance): Instance {
  const stamp = unstamped(birth.host);
  const on = [...flags].filter(([, register]) => register.on);
  return {
    birth,
    modseq: stamp.modseq,
    ...textIdOf(text),
    sizeBytes,
    receivedS,
    hint,
    uid: { ...uid, round: 0, ...stamp },
    flags: new Map(on.map(([flag]) => [flag, { on: true, ...stamp }])),
  };
}

/**
 * The UID in a UIDVALIDITY that does not hold, so that `renumber` gives one of this host's choice, in the order of the
 * sender's.
 */
function outside({ uidValidity }: Validity, uid: UidRegister): UidRegister {
  if (uid.uidValidity !== uidValidity) return uid;
  return { ...uid, uidValidity: uidValidity === 1 ? 2 : 1 };
}
