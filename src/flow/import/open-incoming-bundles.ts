import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { heedInterruption } from '../../apply/context/stop-if-interrupted.js';
import type { Preamble } from '../../bundle/format/bundle-contents.js';
import { isEndWhole } from '../../bundle/read/is-end-whole.js';
import { openBundle, type VerifiedBundle, verifyRecords } from '../../bundle/read/open-bundle.js';
import { imprintOf } from '../../bundle/read/quick-file-hash.js';
import { isRefused, rememberRefusal } from '../../catalog/facts/bundles/refused-bundles.js';
import { ownNames } from '../../catalog/facts/own-host/own-host-names.js';
import { formerSelf } from '../../catalog/facts/own-host/previous-identity.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import { Failure, type FailureCode, isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Stray } from '../../medium/find-misplaced-bundles.js';
import { assertSameMedium, type SeenMedium } from '../../medium/medium-identity.js';
import { numberInName } from '../../medium/name-and-list-bundle-files.js';
import { seeSource } from '../medium/check-medium-is-mounted.js';
import { passedOverIn } from '../medium/files-that-are-no-bundles.js';
import { bundlesWaiting } from '../medium/find-waiting-bundles.js';
import { isOutdated, isOwnName } from '../medium/obsolete-bundles.js';
import { type Arrival, type ImportSource, unused } from '../peers/incoming-bundle.js';
import type { Admitted, Room } from '../peers/vouched-hosts/intake-limits.js';
import type { Session } from '../session/account-session.js';
import { writerOf } from './authorise-sender.js';

/**
 * Opens and checks what waits, in the order of senders and numbers. A bundle that is refused or cannot be read is
 * reported, and does not stop the others; `room` is what they may bring together. `troubles` tells of what is no
 * bundle, where there is too much of it. Throws `identity` where a bundle names this host as its sender and this host
 * did not write it.
 */
export async function arrivalsFrom(session: Session, source: ImportSource, room: Room): Promise<Arrivals> {
  if ('stream' in source) {
    endOnAbort(source.stream, session.signal);
    const pipe = { input: source.stream, fileName: '-', imprint: null, sizeBytes: null };
    const opening = { ...pipe, room, isNamed: true, isLikely: true };
    return { arrivals: [await openArrival(session, opening)], troubles: [] };
  }
  const medium = 'directory' in source ? (source.seen ?? seeSource(session, source.directory)) : null;
  const arrivals: Arrival[] = [];
  const troubles: Trouble[] = [];
  try {
    if ('files' in source) {
      for (const path of source.files) {
        const arrival = await arrivalOf(session, fileOf(path), { room, isNamed: true, seen: new Set() });
        if (arrival !== null) arrivals.push(arrival);
      }
    }
    if (medium !== null) {
      for await (const found of arrivalsIn(session, medium, room)) {
        if ('preamble' in found) arrivals.push(found);
        else troubles.push(found);
      }
      assertSameMedium(medium); // else all that was not found there is missing for another reason
    }
  } catch (cause) {
    for (const arrival of arrivals) await arrival.close();
    throw cause;
  }
  return { arrivals: arrivals.sort((a, b) => compareSenders(a.preamble, b.preamble)), troubles };
}

export type Arrivals = { readonly arrivals: Arrival[]; readonly troubles: readonly Trouble[] };

/** So many files that are not read whole are looked at before an interruption is heeded. */
const heedEvery = 100;

/** What waits in a directory, and what is no bundle there. */
async function* arrivalsIn(session: Session, medium: SeenMedium, room: Room): AsyncGenerator<Arrival | Trouble> {
  const { catalog } = session;
  const { files, unusable } = await bundlesWaiting(session, medium.directory);
  const passedOver = passedOverIn(catalog, medium, session.nowMs);
  const seen = new Set<string>();
  for (const found of unusable) {
    const failure = passedOver.unusable(found);
    if (failure !== null) yield unused({ fileName: found.fileName, imprint: null, sizeBytes: null, failure });
  }
  for (const [index, file] of files.entries()) {
    if (index % heedEvery === 0) await heedInterruption(session);
    const { fileName, sizeBytes } = file;
    const known = passedOver.known(file);
    if (known !== null) {
      const { imprint, failure } = known;
      if (known.isTold) yield unused({ fileName, sizeBytes, imprint, failure });
      continue;
    }
    if (passedOver.isOneOfMany(file)) continue;
    const arrival = await arrivalOf(session, file, { room, isNamed: false, seen });
    if (arrival === null) continue;
    const { failure } = arrival.imported();
    if (arrival.preamble === null && failure?.code === 'bundle-damaged') {
      passedOver.note(file, { imprint: arrival.imprint, failure });
    }
    yield arrival;
  }
  const trouble = passedOver.end();
  if (trouble !== null) yield trouble;
}

type NamedFile = Pick<Stray, 'path' | 'fileName' | 'isLikely'> & { readonly sizeBytes: number | null };

/** One file; null where it is known here, or gone. */
async function arrivalOf(
  session: Session,
  { path, fileName, sizeBytes, isLikely }: NamedFile,
  { room, isNamed, seen }: Pick<Opening, 'room' | 'isNamed'> & { readonly seen: Set<string> },
): Promise<Arrival | null> {
  await heedInterruption(session);
  try {
    const imprint = await imprintOf(path);
    const isKnown = session.catalog.isTaken(imprint) || isRefused(session.catalog, imprint);
    if (!isNamed && (isKnown || seen.has(imprint))) return null; // the same may lie there once more under another name
    seen.add(imprint);
    session.listener({ kind: 'stage', stage: 'read', subject: fileName });
    return await openArrival(session, { input: path, fileName, imprint, sizeBytes, room, isNamed, isLikely });
  } catch (cause) {
    // Its host has just removed it: every peer has it.
    if (isOfOneThing(cause, 'medium-absent') && !isNamed) return null;
    if (!isOfOneThing(cause, 'io')) throw cause;
    return unused({ fileName, imprint: null, sizeBytes, failure: cause });
  }
}

/** A pipe may have nothing to say for ever: who waits for it must hear of the interruption. */
function endOnAbort(stream: Readable, signal: AbortSignal): void {
  const end = (): void => void stream.destroy(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', end));
}

function fileOf(path: string): NamedFile {
  return { path, fileName: basename(path), sizeBytes: null, isLikely: true };
}

type Opening = {
  readonly input: string | Readable;
  readonly fileName: string;
  readonly imprint: string | null;
  readonly sizeBytes: number | null;
  readonly room: Room;
  /**
   * Did somebody mean this very bundle, be it by its name or through a pipe? Of what just lies there, that which is for
   * others is no trouble.
   */
  readonly isNamed: boolean;
  /**
   * Does its name, or where it lies, say that it is a bundle? Any other may be anything, and what cannot be used of
   * those is no trouble.
   */
  readonly isLikely: boolean;
};

async function openArrival(session: Pick<Session, 'catalog' | 'keys' | 'signal'>, opening: Opening): Promise<Arrival> {
  const { input, fileName, imprint, sizeBytes, room } = opening;
  let isOfAccount = true;
  try {
    const unverified = await openBundle(input, { identities: [session.keys().ageIdentity], signal: session.signal });
    isOfAccount = unverified.preamble.account === session.catalog.identity.account;
    try {
      const writer = writerOf(session, unverified, fileName);
      if (writer === 'self') {
        await unverified.close();
        return unused({ fileName, imprint, sizeBytes, failure: null });
      }
      const { manifest } = unverified;
      const verified = await verifyRecords(unverified);
      const admitted = room.admit(verified, fileName);
      return used(verified, {
        admitted,
        fileName,
        imprint,
        offered: manifest.announced ?? { texts: 1, bytes: 0 },
        mustDrain: typeof input !== 'string',
        senderName: writer.name,
        isEndWhole: async () => typeof input !== 'string' || isEndWhole(input, [session.keys().ageIdentity]),
      });
    } catch (cause) {
      await unverified.close();
      throw cause;
    }
  } catch (cause) {
    if (!isOfOneThing(cause, ...ofBundle)) throw cause;
    // Nobody needs one's own: the next export there removes what is left of it. What this host wrote before it began
    // again it cannot open any more.
    const isOwn =
      (cause.code === 'bundle-damaged' && isOwnName(session.catalog, fileName)) ||
      (cause.code === 'bundle-not-understood' && typeof input === 'string' && (await isOutdated(session, input)));
    const isForOthers = isOfAccount && cause.code === 'bundle-not-for-us';
    if (imprint !== null && !opening.isNamed && (isForOthers || !opening.isLikely)) {
      rememberRefusal(session.catalog, imprint, 'bundle-not-for-us');
      return unused({ fileName, imprint, sizeBytes, failure: null });
    }
    if (imprint !== null && (isOwn || isFormer(session.catalog, cause, fileName))) {
      return unused({ fileName, imprint, sizeBytes, failure: null });
    }
    return unused({ fileName, imprint, sizeBytes, failure: cause });
  }
}

/** Is it sealed to others, under the name that this host had when it was another one? */
function isFormer(catalog: IdentityCatalog & FactCatalog, { code }: Failure, fileName: string): boolean {
  const isOurName = numberInName(fileName, ownNames(catalog)) !== null;
  return code === 'bundle-not-for-us' && isOurName && formerSelf(catalog) !== null;
}

const ofBundle: readonly FailureCode[] = [
  'bundle-damaged',
  'bundle-not-understood',
  'bundle-not-for-us',
  'untrusted',
  'revoked',
];

type Receiving = Pick<Arrival, 'fileName' | 'imprint' | 'offered' | 'mustDrain'> & {
  /** What the sender is called here. What it calls itself in a bundle could be the name of another host. */
  readonly senderName: string;
  readonly admitted: Admitted;
  readonly isEndWhole: () => Promise<boolean>;
};

function used(bundle: VerifiedBundle, { senderName, admitted, isEndWhole, ...rest }: Receiving): Arrival {
  const { news } = admitted;
  const troubles = [...bundle.troubles, ...admitted.troubles];
  const missed: Failure[] = troubles.map(({ failure }) => failure);
  let withheld = false;
  let doubted = false;
  const { preamble, manifestSha256, sizeBytes } = bundle;
  const { statement } = bundle.manifest;
  const flaws = (): readonly Failure[] => [...bundle.damage(), ...missed];
  return {
    ...rest,
    preamble,
    statement,
    manifestSha256,
    news,
    troubles,
    texts: () => bundle.texts(),
    impossible: () => bundle.impossible(),
    *promisedTexts() {
      for (const { saves } of news) for (const { guid, sizeBytes } of saves) yield { guid, sizeBytes };
      for (const guid of preamble.answers) yield { guid, sizeBytes: null };
    },
    async lookAtEnd() {
      if (!(await isEndWhole())) missed.push(cutOff(rest.fileName));
    },
    miss: (failure) => void missed.push(failure),
    isMissed: () => missed.length > 0,
    withhold() {
      withheld = true;
    },
    isWithheld: () => withheld,
    doubt() {
      doubted = true;
    },
    isDoubted: () => doubted,
    imported: () => ({
      fileName: rest.fileName,
      sizeBytes,
      from: { hostId: preamble.from.hostId, name: senderName },
      number: preamble.number,
      madeAtS: preamble.madeAtS,
      outcome: flaws().length > 0 ? 'incomplete' : withheld ? 'limited' : 'taken',
      failure: flaws()[0] ?? null,
    }),
    close: () => bundle.close(),
  };
}

function cutOff(fileName: string): Failure {
  return new Failure(
    'bundle-damaged',
    `reading the bundle ${fileName}: its end is cut off or damaged; texts may be lost`,
    {
      hint: 'Export again on the sending host, or copy the file again; "mrepl verify" shows all that is wrong with it.',
    },
  );
}

function compareSenders(a: Preamble | null, b: Preamble | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (a.from.hostId !== b.from.hostId) return a.from.hostId < b.from.hostId ? -1 : 1;
  return a.number - b.number;
}
