import type { SpooledTexts } from '../../apply/context/available-texts.js';
import type { Bench } from '../../apply/context/run-context.js';
import { areReceivedTextsKept } from '../../catalog/facts/runs/texts-of-interrupted-import.js';
import { rightsIn } from '../../catalog/interface/recipients-and-permissions.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
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
 * into the spool, where they are on the disk when this ends; nothing from peers that only read. A dry run does
 * not read so far: it counts the texts that are promised as arriving.
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
  const { catalog, spool } = session;
  const hands = dryRun ? foreseeing(bench) : spooling(session);
  const { missing, sizes } = textsMissing(catalog, sizesHere);
  const demand = demandFor(missing);
  const again = await hands.fromTrash(await trashedAmong(session, missing));
  const kept = areReceivedTextsKept(catalog) ? await spool.texts() : [];
  for (const text of [...again, ...kept]) demand.takes(text);
  const rightOf = rightsIn(catalog);
  const isUsed = ({ preamble }: Arrival): boolean => preamble !== null && rightOf(preamble.from.hostId) !== 'read';
  const offering = arrivals.filter(({ offered, mustDrain }) => offered.texts > 0 || mustDrain);
  const { arrived, bodies, refused, bytes } = await hands.fromBundles(offering, { ...demand, isUsed });
  for (const { guid, sizeBytes } of [...again, ...kept, ...arrived]) sizes.set(guid, sizeBytes);
  const impossible = arrivals.flatMap((arrival) => arrival.impossible());
  if (impossible.length > 0) catalog.noteImpossible(impossible);
  catalog.noteBodies(bodies);
  const awaitedBy = catalog
    .summaries()
    .filter((summary) => summary.waiting > 0)
    .map(({ state }) => state.name);
  const spooled = indexTexts([...(await spool.texts()), ...again, ...arrived]);
  if (spooled.size > 0) await hands.makeDurable();
  const refusals = refuseTexts(catalog, refused);
  return { spooled, sizes, arrived: arrived.length, bytes, awaitedBy, refused: refusals };
}

/** The texts that messages wait for and no message here has, and the sizes of those that one has. */
function textsMissing(
  catalog: TextCatalog,
  sizesHere: ReadonlyMap<Guid, number>,
): { readonly missing: readonly TextId[]; readonly sizes: Map<Guid, number> } {
  const sizes = new Map<Guid, number>();
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
  return { missing, sizes };
}

/** What messages here still wait for. */
type Demand = {
  /** Does any message wait for this text, or for one that but differs in stamped lines? None does any more then. */
  takes(text: TextId): boolean;
  /** Nobody is to wait for it any more. Answers whether anybody did. */
  give(guid: Guid): boolean;
  isDone(): boolean;
};

function demandFor(missing: readonly TextId[]): Demand {
  const named = indexMails(missing);
  const wanted = new Set(missing.map(({ guid }) => guid));
  return {
    takes(text) {
      let isWanted = false;
      for (const mail of named.of(text)) isWanted = wanted.delete(mail.guid) || isWanted;
      return isWanted;
    },
    give: (guid) => wanted.delete(guid),
    isDone: () => wanted.size === 0,
  };
}

/** Texts that came, or, in a dry run, are promised. */
type Texts = {
  readonly arrived: readonly SizedText[];
  readonly bodies: ReadonlyMap<Guid, BodySum>;
  /** Those that are packed in a way that is not taken. */
  readonly refused: ReadonlyMap<Guid, Container>;
  readonly bytes: number;
};

type TextsDemand = Demand & { isUsed(arrival: Arrival): boolean };

/** How texts are taken. */
type Hands = {
  fromTrash(guids: readonly Guid[]): Promise<readonly SizedText[]>;
  fromBundles(arrivals: readonly Arrival[], demand: TextsDemand): Promise<Texts>;
  makeDurable(): Promise<void>;
};

function spooling(session: Pick<Session, 'catalog' | 'spool' | 'trash' | 'listener' | 'signal'>): Hands {
  return {
    fromTrash: (guids) => spoolTrashed(session, guids),
    fromBundles: (arrivals, demand) => spoolTexts(session, arrivals, demand),
    makeDurable: () => session.spool.sync(),
  };
}

/** Of a dry run: what is promised counts as taken. */
function foreseeing(bench: KnownTexts): Hands {
  return {
    fromTrash: async (guids) => guids.map((guid) => knownText(bench, guid)),
    fromBundles: (arrivals, demand) => foreseeTexts(bench, arrivals, demand),
    makeDurable: async () => undefined,
  };
}

type KnownTexts = Pick<Bench, 'catalog' | 'copy'>;

/** Counts the texts that are promised, without reading any. */
async function foreseeTexts(
  bench: KnownTexts,
  arrivals: readonly Arrival[],
  { takes, isDone, isUsed }: TextsDemand,
): Promise<Texts> {
  const arrived: SizedText[] = [];
  let bytes = 0;
  for (const arrival of arrivals.filter(isUsed)) {
    if (!isDone()) await arrival.lookAtEnd();
    for (const { guid, sizeBytes } of arrival.promisedTexts()) {
      const text = knownText(bench, guid);
      if (!takes(text)) continue;
      arrived.push(text);
      bytes += sizeBytes ?? text.sizeBytes;
    }
  }
  return { arrived, bodies: new Map(), refused: new Map(), bytes };
}

/** Reads bundles until nobody waits for anything any more, and puts what is waited for into the spool. */
async function spoolTexts(
  { spool, listener, signal }: Pick<Session, 'spool' | 'listener' | 'signal'>,
  arrivals: readonly Arrival[],
  { takes, give, isDone, isUsed }: TextsDemand,
): Promise<Texts> {
  const arrived: SizedText[] = [];
  const bodies = new Map<Guid, BodySum>();
  const refused = new Map<Guid, Container>();
  let bytes = 0;
  const totalBytes = arrivals.reduce((sum, { offered }) => sum + offered.bytes, 0);
  const totalMessages = arrivals.reduce((sum, { offered }) => sum + offered.texts, 0);
  for (const arrival of arrivals) {
    const isOfUse = isUsed(arrival);
    if ((isDone() || !isOfUse) && !arrival.mustDrain) continue;
    listener({ kind: 'stage', stage: 'texts', subject: arrival.fileName });
    for await (const { guid, text } of arrival.texts()) {
      signal.throwIfAborted();
      if (!isOfUse || isDone()) continue;
      const container = containerOf(text);
      if (container !== null) {
        if (give(guid)) refused.set(guid, container);
        continue;
      }
      const id = textIdKnowing(guid, text);
      if (!takes(id)) continue;
      await spool.put(guid, text);
      arrived.push({ ...id, sizeBytes: text.byteLength });
      bodies.set(guid, bodySumOf(text));
      bytes += text.byteLength;
      const doneMessages = arrived.length;
      listener({ kind: 'progress', doneBytes: bytes, totalBytes, doneMessages, totalMessages });
    }
  }
  return { arrived, bodies, refused, bytes };
}

/** What is known of a text, for which messages here may wait, before it is here. */
function knownText({ catalog, copy }: KnownTexts, guid: Guid): SizedText {
  const place = catalog.birthsOf({ guid }).find((one) => one.guid === guid);
  const instance = place && copy.get(place.mailbox).state.instances.get(place.birth);
  return { ...catalog.textNamed(guid), sizeBytes: instance?.sizeBytes ?? 0 };
}
