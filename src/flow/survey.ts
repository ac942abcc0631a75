import type { Bench } from '../apply/bench.js';
import { compare, type Look } from '../apply/look.js';
import type { MailboxSummary } from '../catalog/catalog.js';
import { Failure } from '../failure.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Scan } from '../mail/mailbox-scan.js';
import type { Trouble } from '../mail/trouble.js';
import { linkMoves } from '../merge/moves.js';
import type { LocalChanges } from '../merge/observe.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import { departuresBetween } from './departures.js';
import { guardAgainstEmptyStore, guardAgainstMassExpunge } from './guards.js';
import type { ScanReport } from './report.js';

/**
 * What is done with mail that the store has not given a UID yet: the store is made to give it one, or it is taken to have the one it
 * will get (for a dry run), or it is left for a later look.
 */
export type Unnumbered = 'assign' | 'foresee' | 'leave';

/**
 * Sees what happened in the whole store since the last run, and puts it into the catalog's open transaction. Mailboxes whose
 * directories have not changed are not even loaded. Throws `guard` where mail seems to have vanished wholesale,
 * before anything is put.
 */
export async function survey(
  bench: Bench,
  options: { readonly unnumbered: Unnumbered; readonly allowExpunge: boolean },
): Promise<ScanReport> {
  const listing = await bench.store.list();
  const troubles: Trouble[] = [...listing.troubles];
  const summaries = new Map(bench.catalog.summaries().map((summary) => [summary.state.name, summary]));
  const remembered = [...summaries.values()].reduce((sum, summary) => sum + heldBy(summary), 0);
  let messages = 0;
  const looks: Look[] = [];

  for (const { name, subscribed } of listing.mailboxes) {
    bench.signal.throwIfAborted();
    const summary = summaries.get(name);
    const familiar = summary?.stored === true && summary.storeSubscribed === subscribed;
    const known = familiar ? summary.fingerprint : null;
    try {
      const found = await bench.store.scan(name, { known, assignUids: options.unnumbered === 'assign' });
      const scan = options.unnumbered === 'leave' ? withoutUnnumbered(found) : found;
      if (scan === 'unchanged') {
        messages += summary === undefined ? 0 : heldBy(summary);
      } else if (scan !== null) {
        const look = await compare(bench, name, scan, { subscribed });
        messages += look.messages;
        looks.push(look);
      }
    } catch (cause) {
      // One mailbox that cannot be read is left as it was known; the others go on.
      if (!(cause instanceof Failure)) throw cause;
      troubles.push({ subject: name, failure: cause });
      messages += summary === undefined ? 0 : heldBy(summary);
    }
  }
  const unreadable = new Set(listing.troubles.map((trouble) => trouble.subject));
  const listed = new Set(listing.mailboxes.map((mailbox) => mailbox.name));
  for (const [name, summary] of summaries) {
    if (!summary.stored || listed.has(name) || unreadable.has(name)) continue;
    looks.push(await compare(bench, name, null, { subscribed: false }));
  }
  for (const look of looks) troubles.push(...look.troubles);

  if (!options.allowExpunge) {
    guardAgainstEmptyStore(remembered, messages, bench.store.description);
    const expunged = looks.reduce((sum, look) => sum + look.observation.changes.expunged, 0);
    const moved = looks.reduce((sum, look) => sum + look.observation.changes.born, 0);
    guardAgainstMassExpunge(expunged - moved, remembered, `scanning ${bench.store.description}`);
  }

  const hasPeers = bench.catalog.peers().length > 0;
  for (const known of linkMoves(looks.map((look) => look.observation))) {
    const before = bench.copy.get(known.state.name);
    if (hasPeers)
      bench.catalog.addDeparted(departuresBetween(before.state, known.state, bench.catalog.identity.hostId));
    bench.copy.put(known);
  }
  const changes = looks.map((look) => look.observation.changes).filter(isChange);
  return { changes, renamed: renames(looks), mailboxes: listing.mailboxes.length, messages, troubles };
}

function withoutUnnumbered(scan: Scan | 'unchanged' | null): Scan | 'unchanged' | null {
  if (scan === null || scan === 'unchanged' || scan.uids === null) return scan;
  const messages = scan.messages.filter(({ uid }) => uid !== null);
  return messages.length === scan.messages.length ? scan : { ...scan, messages, fingerprint: null };
}

function heldBy(summary: MailboxSummary): number {
  return summary.messages - summary.waiting + summary.leftovers;
}

function isChange(changes: LocalChanges): boolean {
  return (
    changes.born + changes.expunged + changes.flagged + changes.renumbered > 0 ||
    changes.created ||
    changes.deleted ||
    changes.uidValidity !== null
  );
}

function renames(looks: readonly Look[]): { from: MailboxName; to: MailboxName }[] {
  const gone = new Map<string, KnownMailbox>();
  for (const { before, observation } of looks) {
    if (observation.changes.deleted && before.mailboxId !== null) gone.set(before.mailboxId, before);
  }
  return looks.flatMap(({ observation }) => {
    const { mailboxId, state } = observation.known;
    const before = observation.changes.created && mailboxId !== null ? gone.get(mailboxId) : undefined;
    return before === undefined ? [] : [{ from: before.state.name, to: state.name }];
  });
}
