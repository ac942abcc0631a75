import type { Bench } from '../apply/bench.js';
import { rightsIn } from '../catalog/recipients.js';
import { type BodySum, bodySumOf } from '../mail/body-sum.js';
import type { Guid } from '../mail/guid.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Arrival } from './arrivals.js';
import type { Session } from './session.js';
import { spoolTrashed, trashedAmong } from './spool-trashed.js';

export type TextsTaken = {
  /** What lies in the spool now, with what earlier runs could not deliver. */
  readonly spooled: ReadonlySet<Guid>;
  /** Bytes of the texts that some message here waited for, and that are here now. */
  readonly sizes: ReadonlyMap<Guid, number>;
  readonly arrived: number;
  readonly bytes: number;
  /** Mailboxes with messages that waited for one of these texts. */
  readonly awaitedBy: readonly MailboxName[];
};

/**
 * Takes from the bundles the texts that some message here waits for and that neither a local copy nor the trash has, into the
 * store's spool; nothing from peers that only read. A dry run does not read so far: it counts the texts that are promised as arriving.
 */
export async function takeTexts(
  session: Session,
  arrivals: readonly Arrival[],
  {
    bench,
    dryRun,
    sizesHere,
  }: { readonly bench: Bench; readonly dryRun: boolean; readonly sizesHere: ReadonlyMap<Guid, number> },
): Promise<TextsTaken> {
  const { catalog, store, listener, signal } = session;
  const rightOf = rightsIn(catalog);
  const wanted = new Set<Guid>();
  const sizes = new Map<Guid, number>();
  const bodies = new Map<Guid, BodySum>();
  const never = catalog.impossibleGuids();
  for (const guid of catalog.waitingGuids()) {
    if (never.has(guid)) continue;
    if (catalog.copyOf(guid) === null) {
      wanted.add(guid);
      continue;
    }
    const sizeBytes = sizesHere.get(guid) ?? catalog.sizeOf(guid);
    if (sizeBytes !== null) sizes.set(guid, sizeBytes);
  }
  const trashed = await trashedAmong(session, [...wanted]);
  const again = dryRun
    ? new Map(trashed.map((guid) => [guid, knownSizeOf(bench, guid)]))
    : await spoolTrashed(session, trashed);
  for (const [guid, sizeBytes] of again) {
    wanted.delete(guid);
    sizes.set(guid, sizeBytes);
  }
  const arrived = new Set<Guid>();
  let bytes = 0;
  const totals = arrivals.reduce(
    (sum, { offered }) => ({ texts: sum.texts + offered.texts, bytes: sum.bytes + offered.bytes }),
    { texts: 0, bytes: 0 },
  );
  for (const arrival of arrivals) {
    if (arrival.offered.texts === 0 && !arrival.mustDrain) continue;
    const isUsed = arrival.preamble !== null && rightOf(arrival.preamble.from.hostId) !== 'read';
    if (dryRun) {
      if (isUsed && wanted.size > 0) await arrival.lookAtEnd();
      for (const { guid, sizeBytes } of arrival.promisedTexts()) {
        if (!isUsed || !wanted.delete(guid)) continue;
        arrived.add(guid);
        bytes += sizeBytes ?? knownSizeOf(bench, guid);
      }
      continue;
    }
    if ((wanted.size === 0 || !isUsed) && !arrival.mustDrain) continue;
    listener({ kind: 'stage', stage: 'texts', subject: arrival.fileName });
    for await (const { guid, text } of arrival.texts()) {
      signal.throwIfAborted();
      if (!isUsed || !wanted.delete(guid)) continue;
      await store.spool(guid, text);
      arrived.add(guid);
      sizes.set(guid, text.byteLength);
      bodies.set(guid, bodySumOf(text));
      bytes += text.byteLength;
      listener({
        kind: 'progress',
        doneBytes: bytes,
        totalBytes: totals.bytes,
        doneMessages: arrived.size,
        totalMessages: totals.texts,
      });
    }
  }
  const impossible = arrivals.flatMap((arrival) => arrival.impossible());
  if (impossible.length > 0) catalog.noteImpossible(impossible);
  catalog.noteBodies(bodies);
  const awaitedBy = catalog
    .summaries()
    .filter((summary) => summary.waiting > 0)
    .map(({ state }) => state.name);
  const spooled = new Set([...(await store.spooled()), ...again.keys(), ...arrived]);
  return { spooled, sizes, arrived: arrived.size, bytes, awaitedBy };
}

/** Of a text that some message here waits for. */
function knownSizeOf({ catalog, copy }: Bench, guid: Guid): number {
  const [place] = catalog.birthsOf(guid);
  return place === undefined ? 0 : (copy.get(place.mailbox).state.instances.get(place.birth)?.sizeBytes ?? 0);
}
