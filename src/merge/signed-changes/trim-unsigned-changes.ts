import type { Flag } from '../../mail/flags.js';
import { sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { HostId } from '../../replica/host-id.js';
import type { FlagRegister, Stamp, UidRegister } from '../../replica/last-writer-registers.js';
import { type Living, livingOf } from '../../replica/living-births-by-host.js';
import type { MailboxNews, Update } from '../../replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import { normaliseRanges, type Ranges } from '../../replica/number-ranges.js';
import { type Clock, coversBirth, coversTick, meetTicks, type Tick, tickOf } from '../../replica/version-vector.js';
import { untouched } from '../join-registers.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import type { Vouched } from './judge-how-far-changes-are-signed.js';

type Believed = {
  /** The very object that was given, where nothing in it is beyond what can be believed. */
  readonly news: MailboxNews;
  /** Hosts of which it says more than they have signed. */
  readonly beyond: readonly HostId[];
  /** Hosts whose births are other messages there than here. */
  readonly apart: readonly HostId[];
};

/**
 * News without what its sender cannot know, as the hosts in question have not signed it. Of such a host it then says
 * just what is known here: it has no births of it, expunges none, and builds upon no more. All else of it holds. Only
 * no modseq is acknowledged: a message that is held back may have been changed under it, by anybody. What the news
 * changes here is therefore passed on as this host's own decision.
 *
 * Where births of a host are not the same messages there and here, nothing that is here is expunged: what went there,
 * or became one with another one (rule 4), may have done so by a name that means something else.
 */
export function believable(
  news: MailboxNews,
  state: MailboxState,
  vouched: (host: HostId) => Vouched,
  rules: Rules = everyRule,
): Believed {
  const limits = new Map<HostId, Exclude<Vouched, 'known'>>();
  const limitOf = (host: HostId): Exclude<Vouched, 'known'> => {
    const found = limits.get(host) ?? vouched(host);
    const limit = found === 'known' ? tickOf(state.clock, host) : found;
    limits.set(host, limit);
    return limit;
  };
  const isKnown = (stamp: Stamp): boolean => {
    const limit = stamp.modseq > 0 ? limitOf(stamp.host) : 'word';
    if (limit === 'apart') return false;
    return limit === 'word' || !rules.signedStamps || stamp.modseq <= limit.modseq;
  };
  const beyond = new Set<HostId>();
  for (const [host, tick] of news.clock) {
    const limit = limitOf(host);
    if (limit === 'apart' || (limit !== 'word' && !coversTick(limit, tick))) beyond.add(host);
  }
  const doubt = (stamp: Stamp): void => {
    if (!isKnown(stamp)) beyond.add(stamp.host);
  };
  for (const stamp of stampsIn(news)) doubt(stamp);
  if (beyond.size === 0) return { news, beyond: [], apart: [] };
  const apart = new Set([...beyond].filter((host) => limitOf(host) === 'apart'));

  const heldBack = (clock: Clock, throughOf: (host: HostId, known: number, tick: Tick) => number): Clock => {
    const result = new Map<HostId, Tick>();
    for (const [host, tick] of clock) {
      const met = meetTicks(tick, tickOf(state.clock, host));
      const serial = beyond.has(host) ? met.serial : throughOf(host, met.serial, tick);
      const modseq = rules.cautiousModseqs || beyond.has(host) ? met.modseq : tick.modseq;
      if (serial > 0 || modseq > 0) result.set(host, { serial, modseq });
    }
    return result;
  };
  const asTold = (_host: HostId, _known: number, { serial }: Tick): number => serial;
  const isCautious = rules.keepApart && apart.size > 0;
  const clock = heldBack(news.clock, isCautious ? throughLiving(news.living) : asTold);
  const living = livingThere(news, state, { beyond, clock, rules });
  const told: MailboxNews = {
    ...news,
    base: rules.signedBase ? heldBack(news.base, asTold) : news.base,
    clock,
    exists: isKnown(news.exists) ? news.exists : yielding(state.exists),
    subscribed: isKnown(news.subscribed) ? news.subscribed : yielding(state.subscribed),
    living,
    ...registersIn(news, { beyond, apart, clock, isKnown }),
    isDoubted: true,
    ...(isCautious ? { expungesNothing: true } : {}),
  };
  const believed = { ...told, highestModseq: highestIn(told, news, beyond) };
  const isApart = (host: HostId): boolean => apart.has(host);
  const hosts = [...beyond].sort();
  return { news: believed, beyond: hosts.filter((host) => !isApart(host)), apart: hosts.filter(isApart) };
}

/**
 * Births that are not there may have become one with some that are another message here: of each host only those before
 * the first of them count.
 */
function throughLiving(living: Living): (host: HostId, known: number, tick: Tick) => number {
  return (host, known, { serial }) => {
    const range = (living.get(host) ?? []).find(([lo, hi]) => lo <= known + 1 && known < hi);
    return range === undefined ? known : Math.min(range[1], serial);
  };
}

type Doubtful = {
  readonly beyond: ReadonlySet<HostId>;
  readonly apart: ReadonlySet<HostId>;
  readonly clock: Clock;
  readonly isKnown: (stamp: Stamp) => boolean;
};

/** The records about messages, without what does not count. */
function registersIn(
  news: MailboxNews,
  { beyond, apart, clock, isKnown }: Doubtful,
): Pick<MailboxNews, 'saves' | 'updates'> {
  const flagsOf = (flags: ReadonlyMap<Flag, FlagRegister>): ReadonlyMap<Flag, FlagRegister> =>
    [...flags.values()].every(isKnown) ? flags : new Map([...flags].filter(([, register]) => isKnown(register)));
  const saves = news.saves
    .filter(({ birth }) => !beyond.has(birth.host) && coversBirth(clock, birth))
    .map(
      (instance): Instance => ({
        ...withoutSource(instance, apart),
        uid: weakened(instance.uid, isKnown),
        flags: flagsOf(instance.flags),
      }),
    );
  const updates = news.updates
    .filter(({ birth }) => !apart.has(birth.host) && (apart.size === 0 || coversBirth(clock, birth)))
    .map(({ birth, uid, flags }): Update => {
      const known = uid !== undefined && isKnown(uid) ? { uid } : {};
      return { birth, ...known, flags: flagsOf(flags) };
    });
  return { saves, updates };
}

/**
 * What lives there. Of hosts that are not believed: what is known here. A message whose place is taken by one of theirs
 * (rule 4) stays, too, as it is held back what took it.
 */
function livingThere(
  { living, saves }: MailboxNews,
  { instances }: MailboxState,
  { beyond, clock, rules }: { readonly beyond: ReadonlySet<HostId>; readonly clock: Clock; readonly rules: Rules },
): Living {
  const unbelieved = saves.filter(({ birth }) => beyond.has(birth.host));
  const replacing = new Set(rules.holdBackReplaced ? unbelieved.map(sameOf) : []);
  const ours = [...instances.values()].filter(
    (instance) =>
      coversBirth(clock, instance.birth) && (beyond.has(instance.birth.host) || replacing.has(sameOf(instance))),
  );
  const result = new Map<HostId, Ranges>();
  for (const [host, ranges] of living) {
    if (!beyond.has(host)) result.set(host, upTo(ranges, tickOf(clock, host).serial));
  }
  for (const [host, ranges] of livingOf(ours)) {
    result.set(host, normaliseRanges([...(result.get(host) ?? []), ...ranges]));
  }
  return result;
}

/** The numbers up to this one, inclusive. */
function upTo(ranges: Ranges, last: number): Ranges {
  return ranges.flatMap(([lo, hi]) => (lo > last ? [] : [[lo, Math.min(hi, last)] as const]));
}

function* stampsIn({ exists, subscribed, saves, updates }: MailboxNews): Iterable<Stamp> {
  yield exists;
  yield subscribed;
  for (const { uid, flags } of saves) {
    yield uid;
    yield* flags.values();
  }
  for (const { uid, flags } of updates) {
    if (uid !== undefined) yield uid;
    yield* flags.values();
  }
}

/**
 * The register as it is here, as something that nobody says: its stamp here may be beyond the highest modseq of the
 * news.
 */
function yielding({ on }: FlagRegister): FlagRegister {
  return { ...untouched, on };
}

/** Flags of another message do not follow this one. */
function withoutSource(instance: Instance, apart: ReadonlySet<HostId>): Instance {
  const { movedFrom, ...rest } = instance;
  return movedFrom !== undefined && apart.has(movedFrom.birth.host) ? rest : instance;
}

/** The UID stays, as a message has to have one; who gave it, and when, is left open. */
function weakened(uid: UidRegister, isKnown: (stamp: Stamp) => boolean): UidRegister {
  return isKnown(uid) ? uid : { ...uid, modseq: 0 };
}

/** The counters of hosts that are not believed must not raise everybody's. */
function highestIn(told: MailboxNews, { clock, highestModseq }: MailboxNews, beyond: ReadonlySet<HostId>): number {
  let highest = 0;
  const see = ({ modseq }: { readonly modseq: number }): void => {
    if (modseq > highest) highest = modseq;
  };
  for (const [host, tick] of clock) if (!beyond.has(host)) see(tick);
  for (const tick of told.clock.values()) see(tick);
  for (const stamp of stampsIn(told)) see(stamp);
  for (const { modseq, anew = 0 } of told.saves) see({ modseq: Math.max(modseq, anew) });
  return Math.min(highest, highestModseq);
}
