import type { SpooledTexts } from '../../apply/context/available-texts.js';
import type { Bench } from '../../apply/context/run-context.js';
import { rightsIn } from '../../catalog/interface/recipients-and-permissions.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { type Container, containerOf } from '../../mail/packed/container-kinds.js';
import { type BodySum, bodySumOf } from '../../mail/text/body-checksum.js';
import { textIdKnowing } from '../../mail/text/digest-without-fetcher-headers.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { indexMails, indexTexts, type SizedText, type TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import type { Session } from '../session/account-session.js';
import { spoolTrashed, trashedAmong } from '../trash/copy-texts-from-trash-to-spool.js';
import { refuseTexts } from './refuse-compressed-or-encrypted-texts.js';

export type TextsTaken = {
  /** What lies in the spool now, with what earlier runs could not deliver. */
  readonly spooled: SpooledTexts;
  /** Bytes of the texts that some message here waited for, and that are here now. */
  readonly sizes: ReadonlyMap<Guid, number>;
  readonly arrived: number;
  readonly bytes: number;
  /** Mailboxes with messages that waited for one of these texts. */
  readonly awaitedBy: readonly MailboxName[];
  /** Of texts that are not taken, by the mailboxes that lack them. */
  readonly refused: ReadonlyMap<MailboxName, readonly Trouble[]>;
};

/**
 * Takes from the bundles the texts that some message here waits for and that neither a local copy nor the trash has,
 * into the store's spool; nothing from peers that only read. A dry run does not read so far: it counts the texts that
 * are promised as arriving.
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
  const sizes = new Map<Guid, number>();
  const bodies = new Map<Guid, BodySum>();
  const never = catalog.impossibleGuids();
  const missing: TextId[] = [];
  for (const mail of catalog.textsNamed(catalog.waitingGuids())) {
    if (never.has(mail.guid)) continue;
    if (catalog.copyOf(mail) === null) {
      missing.push(mail);
      continue;
    }
    const sizeBytes = sizesHere.get(mail.guid) ?? catalog.sizeOf(mail.guid);
    if (sizeBytes !== null) sizes.set(mail.guid, sizeBytes);
  }
  const named = indexMails(missing);
  const wanted = new Set(missing.map(({ guid }) => guid));
  /** Does any message wait for this text, or for one that but differs in stamped lines? None does any more then. */
  const takes = (text: TextId): boolean => {
    let isWanted = false;
    for (const mail of named.of(text)) isWanted = wanted.delete(mail.guid) || isWanted;
    return isWanted;
  };
  const trashed = await trashedAmong(session, missing);
  const again = dryRun ? trashed.map((guid) => knownText(bench, guid)) : await spoolTrashed(session, trashed);
  for (const text of again) {
    takes(text);
    sizes.set(text.guid, text.sizeBytes);
  }
  const arrived: SizedText[] = [];
  const refused = new Map<Guid, Container>();
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
        const text = knownText(bench, guid);
        if (!isUsed || !takes(text)) continue;
        arrived.push(text);
        bytes += sizeBytes ?? text.sizeBytes;
      }
      continue;
    }
    if ((wanted.size === 0 || !isUsed) && !arrival.mustDrain) continue;
    listener({ kind: 'stage', stage: 'texts', subject: arrival.fileName });
    for await (const { guid, text } of arrival.texts()) {
      signal.throwIfAborted();
      if (!isUsed || wanted.size === 0) continue;
      const container = containerOf(text);
      if (container !== null) {
        if (wanted.delete(guid)) refused.set(guid, container);
        continue;
      }
      const id = textIdKnowing(guid, text);
      if (!takes(id)) continue;
      await store.spool(guid, text);
      arrived.push({ ...id, sizeBytes: text.byteLength });
      sizes.set(guid, text.byteLength);
      bodies.set(guid, bodySumOf(text));
      bytes += text.byteLength;
      listener({
        kind: 'progress',
        doneBytes: bytes,
        totalBytes: totals.bytes,
        doneMessages: arrived.length,
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
  const spooled = indexTexts([...(await store.spooled()), ...again, ...arrived]);
  const refusals = refuseTexts(catalog, refused);
  return { spooled, sizes, arrived: arrived.length, bytes, awaitedBy, refused: refusals };
}

/** What is known of a text, for which messages here may wait, before it is here. */
function knownText({ catalog, copy }: Bench, guid: Guid): SizedText {
  const place = catalog.birthsOf({ guid }).find((one) => one.guid === guid);
  const instance = place && copy.get(place.mailbox).state.instances.get(place.birth);
  return { ...catalog.textNamed(guid), sizeBytes: instance?.sizeBytes ?? 0 };
}
