import type { Bench } from '../apply/bench.js';
import type { Departed, Exported, Peer } from '../catalog/catalog.js';
import type { Guid } from '../mail/guid.js';
import { inbox, type MailboxName } from '../mail/mailbox-name.js';
import { diff } from '../merge/diff.js';
import { type Clock, covers, coversBirth, emptyClock } from '../replica/clock.js';
import type { Instance } from '../replica/mailbox-state.js';
import type { MailboxNews } from '../replica/news.js';
import { stillHeld } from './departures.js';
import { baseFor, reaches } from './export-base.js';
import { damagedGuids, type LeftOut } from './left-out.js';
import { type PlacedText, textCollector } from './outgoing-texts.js';

export type TextPolicy = 'always' | 'unseen' | 'never';

export type ComposeRequest = {
  readonly recipients: readonly Peer[];
  readonly chain: readonly Exported[];
  readonly full: boolean;
  readonly texts: TextPolicy;
  /** Texts that earlier bundles lacked: what is ready goes with this one, the others are not even tried. */
  readonly leftOut: Pick<LeftOut, 'ready' | 'still'>;
  readonly takes: (mailbox: MailboxName) => boolean;
};

/** The news of this host for its peers, and the texts that go with it. */
export type Composition = {
  readonly news: readonly MailboxNews[];
  /** Of the mailboxes that the recipients will be up to date with after this bundle. */
  readonly base: ReadonlyMap<MailboxName, Clock>;
  readonly texts: readonly PlacedText[];
  readonly textBytes: number;
  readonly answers: readonly Guid[];
  /** Texts that should go with it, and are damaged here. */
  readonly damaged: readonly Guid[];
};

/** Says what `recipients` lack (merge.md, "What a bundle says" and "Texts"): INBOX first, oldest UID first. */
export function compose(bench: Bench, request: ComposeRequest): Composition {
  const { catalog, copy } = bench;
  const self = catalog.identity.hostId;
  const news: MailboxNews[] = [];
  const base = new Map<MailboxName, Clock>();
  const bases = new Map<MailboxName, Clock>();
  const states = catalog.summaries().map((summary) => summary.state);
  states.sort((a, b) => Number(b.name === inbox) - Number(a.name === inbox) || (a.name < b.name ? -1 : 1));
  for (const { name, clock } of states) {
    const known = request.full ? emptyClock : baseFor(name, request.recipients, request.chain);
    bases.set(name, known);
    const current = covers(known, clock) && !request.full;
    if (!current && !request.takes(name)) continue;
    base.set(name, known);
    if (!current) news.push(diff(copy.get(name).state, known, self));
  }

  const departed = new Map<Guid, Departed[]>();
  for (const row of catalog.departed()) departed.set(row.guid, [...(departed.get(row.guid) ?? []), row]);
  const texts = textCollector(bench);
  const damagedHere = damagedGuids(catalog);
  const damaged = new Set<Guid>();
  const mayBeSeen = request.texts === 'unseen' && [...bases.values()].some((known) => known.size > 0);
  for (const { name, saves } of news) {
    if (request.texts === 'never') break;
    const byUid = [...saves].sort((a, b) => a.uid.uid - b.uid.uid);
    for (const instance of byUid) {
      const seen = mayBeSeen && isHeldByAll(bench, instance, bases, departed.get(instance.guid) ?? []);
      if (seen || texts.add(name, instance)) continue;
      if (damagedHere.has(instance.guid)) damaged.add(instance.guid);
    }
  }
  const answers: Guid[] = [];
  if (request.texts !== 'never') {
    const { ready, still } = request.leftOut;
    const asked = request.recipients.flatMap((peer) => {
      const answered = new Set(
        request.chain.filter((bundle) => reaches(bundle, peer)).flatMap((bundle) => [...bundle.answered]),
      );
      return [...peer.wanted].filter((guid) => !answered.has(guid) && !still.includes(guid));
    });
    for (const guid of new Set([...ready, ...asked])) if (texts.addCopy(guid)) answers.push(guid);
  }
  return { news, base, answers, damaged: [...damaged], texts: texts.all(), textBytes: texts.bytes() };
}

/** Do all recipients have a message with this text, or had one when we saw ours go? */
function isHeldByAll(
  bench: Bench,
  instance: Instance,
  bases: ReadonlyMap<MailboxName, Clock>,
  departed: readonly Departed[],
): boolean {
  const baseOf = (mailbox: MailboxName): Clock => bases.get(mailbox) ?? emptyClock;
  const self = bench.catalog.identity.hostId;
  if (departed.some((row) => stillHeld(row, baseOf(row.mailbox), self))) return true;
  return bench.catalog.birthsOf(instance.guid).some(({ mailbox, birth }) => {
    const known = bench.copy.get(mailbox).state.instances.get(birth);
    return known !== undefined && coversBirth(baseOf(mailbox), known.birth);
  });
}
