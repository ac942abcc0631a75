import type { Bench } from '../../apply/context/run-context.js';
import { flagsMax } from '../../bundle/format/bundle-limits.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { Departed } from '../../catalog/interface/gone-message-catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import type { FlagSpelling, Spellings } from '../../mail/flags.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import { diff } from '../../merge/send/news-since.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import { type Clock, covers, coversBirth, emptyClock } from '../../replica/version-vector.js';
import { type Deletions, deletionsToldBy } from '../run/count-deletions.js';
import { stillHeld } from '../run/gone-here-still-at-peers.js';
import { type PlacedText, textCollector } from './collect-texts-to-send.js';
import { damagedGuids, type LeftOut } from './deferred-texts.js';
import { baseFor, reaches } from './what-recipients-know.js';

export type TextPolicy = 'always' | 'unseen' | 'never';

export type ComposeRequest = {
  readonly recipients: readonly Peer[];
  readonly chain: readonly Exported[];
  /** Build upon the chain alone, whatever the recipients are known to have. */
  readonly full: boolean;
  readonly texts: TextPolicy;
  /** Texts that earlier bundles lacked: what is ready goes with this one, the others are not even tried. */
  readonly leftOut: Pick<LeftOut, 'ready' | 'still'>;
  readonly takes: (mailbox: MailboxName) => boolean;
};

/** What is to be told of a mailbox to somebody who knows the base. */
export type Telling = { readonly state: MailboxState; readonly base: Clock };

/** All that the recipients lack. */
export type Outstanding = {
  /** INBOX first, then by name. */
  readonly tellings: readonly Telling[];
  /** Mailboxes of which they will have everything by the time they read what is written now. */
  readonly current: readonly { readonly name: MailboxName; readonly base: Clock; readonly clock: Clock }[];
  /** Texts that somebody asked for, or that earlier bundles should have had. */
  readonly asked: readonly Guid[];
  /** Has the text of this message, which they lack, to go with it? */
  sendsText(instance: Instance): boolean;
};

/** As much of that as goes into one bundle. */
export type Portion = {
  readonly tellings: readonly Telling[];
  readonly asked: readonly Guid[];
  /** Texts that do not go, though their messages do. */
  readonly behind: ReadonlySet<Guid>;
};

/** What one bundle says, and the texts that go with it. */
export type Composition = {
  readonly news: readonly MailboxNews[];
  /** Of the mailboxes that the recipients will be up to date with after this bundle, as far as it carries them. */
  readonly base: ReadonlyMap<MailboxName, Clock>;
  /** What they will know of those then. */
  readonly carried: ReadonlyMap<MailboxName, Clock>;
  readonly texts: readonly PlacedText[];
  readonly textBytes: number;
  readonly answers: readonly Guid[];
  /** These, and the texts that go in place of those that its records name: copies of the same mail. */
  readonly announced: readonly Guid[];
  /** The guid of the text that goes for this one. */
  readonly sentAs: (guid: Guid) => Guid;
  /** Messages that it says were expunged here, as far as the recipients still hold them. */
  readonly deletions: Deletions;
  /** Texts that should go with it, and are damaged here. */
  readonly damaged: readonly Guid[];
};

/** Finds what `recipients` lack (mrepl-sync(7), WHAT A BUNDLE SAYS and Texts). */
export function outstandingFor(bench: Pick<Bench, 'catalog' | 'copy'>, request: ComposeRequest): Outstanding {
  const { catalog, copy } = bench;
  const { recipients, chain, full, takes } = request;
  const tellings: Telling[] = [];
  const current: Outstanding['current'][number][] = [];
  const bases = new Map<MailboxName, Clock>();
  const states = catalog.summaries().map((summary) => summary.state);
  states.sort((a, b) => Number(b.name === inbox) - Number(a.name === inbox) || (a.name < b.name ? -1 : 1));
  for (const { name, clock } of states) {
    const base = baseFor(name, full ? [] : recipients, chain);
    bases.set(name, base);
    const isToldAnew = full && !chain.some(({ carried }) => carried.has(name));
    if (covers(base, clock) && !isToldAnew) current.push({ name, base, clock });
    else if (takes(name)) tellings.push({ state: copy.get(name).state, base });
  }

  const departed = new Map<Guid, Departed[]>();
  for (const row of catalog.departed()) {
    const list = departed.get(sameOf(row));
    if (list === undefined) departed.set(sameOf(row), [row]);
    else list.push(row);
  }
  const mayBeSeen = request.texts === 'unseen' && [...bases.values()].some((known) => known.size > 0);
  const answered = (peer: Peer): ReadonlySet<Guid> =>
    new Set(chain.filter((bundle) => reaches(bundle, peer)).flatMap((bundle) => [...bundle.answered]));
  // What went in this run is not ready any more.
  const sent = new Set(chain.flatMap((bundle) => [...bundle.answered]));
  const ready = request.leftOut.ready.filter((guid) => !sent.has(guid));
  const still = new Set(request.leftOut.still);
  const asked = recipients.flatMap((peer) => {
    const done = answered(peer);
    return [...peer.wanted].filter((guid) => !done.has(guid) && !still.has(guid));
  });
  return {
    tellings,
    current,
    asked:
      request.texts === 'never'
        ? []
        : [...new Set([...ready, ...asked])].filter((guid) => catalog.copyOf(catalog.textNamed(guid)) !== null),
    sendsText(instance) {
      if (request.texts === 'never') return false;
      return !mayBeSeen || !isHeldByAll(bench, instance, bases, departed.get(sameOf(instance)) ?? []);
    },
  };
}

/** All of it, to go into one bundle. */
export function everythingOf({ tellings, asked }: Outstanding): Portion {
  return { tellings, asked, behind: new Set() };
}

/** What a bundle with this portion says. */
export function compose(
  bench: Pick<Bench, 'catalog' | 'copy' | 'store'>,
  outstanding: Outstanding,
  { tellings, asked, behind }: Portion,
): Composition {
  const self = bench.catalog.identity.hostId;
  const base = new Map(outstanding.current.map(({ name, base }) => [name, base]));
  const carried = new Map(outstanding.current.map(({ name, clock }) => [name, clock]));
  const spellings = bench.catalog.spellings();
  const news = tellings.map((telling) => {
    base.set(telling.state.name, telling.base);
    carried.set(telling.state.name, telling.state.clock);
    const said = diff(telling.state, telling.base, self);
    return { ...said, spelling: spellingsIn([...said.saves, ...said.updates], spellings) };
  });
  const texts = textCollector(bench);
  const damagedHere = damagedGuids(bench.catalog);
  const damaged = new Set<Guid>();
  for (const { name, saves } of news) {
    for (const instance of byUid(saves)) {
      if (behind.has(instance.guid) || !outstanding.sendsText(instance) || texts.add(name, instance)) continue;
      if (damagedHere.has(instance.guid)) damaged.add(instance.guid);
    }
  }
  const answers = asked.filter((guid) => texts.addCopy(guid));
  const named = new Set(news.flatMap(({ saves }) => saves.map(({ guid }) => guid)).concat(answers));
  const unnamed = texts.all().flatMap(({ guid }) => (named.has(guid) ? [] : [guid]));
  return {
    ...{ news, base, carried, answers, damaged: [...damaged], deletions: deletionsToldBy(bench, news) },
    ...{ announced: [...answers, ...unnamed], sentAs: texts.sentAs },
    ...{ texts: texts.all(), textBytes: texts.bytes() },
  };
}

/** How keywords are spelt of which a bundle speaks, as far as it may say it. */
function spellingsIn(said: readonly Pick<Instance, 'flags'>[], spellings: Spellings): FlagSpelling[] {
  const found = new Set<FlagSpelling>();
  for (const { flags } of spellings.size === 0 ? [] : said) {
    for (const flag of flags.keys()) {
      const spelling = spellings.get(flag);
      if (spelling !== undefined && found.size < flagsMax) found.add(spelling);
    }
  }
  return [...found].sort();
}

/** Oldest UID first. */
export function byUid(instances: Iterable<Instance>): Instance[] {
  return [...instances].sort((a, b) => a.uid.uid - b.uid.uid);
}

/** Do all recipients have a message of this mail, or had one when we saw ours go? */
function isHeldByAll(
  bench: Pick<Bench, 'catalog' | 'copy'>,
  instance: Instance,
  bases: ReadonlyMap<MailboxName, Clock>,
  departed: readonly Departed[],
): boolean {
  const baseOf = (mailbox: MailboxName): Clock => bases.get(mailbox) ?? emptyClock;
  const self = bench.catalog.identity.hostId;
  if (departed.some((row) => stillHeld(row, baseOf(row.mailbox), self))) return true;
  return bench.catalog.birthsOf(instance).some(({ mailbox, birth }) => {
    const known = bench.copy.get(mailbox).state.instances.get(birth);
    return known !== undefined && coversBirth(baseOf(mailbox), known.birth);
  });
}
