import type { DamagedTextCatalog, FlawedText } from '../../catalog/interface/damaged-text-catalog.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { FileEvidenceCatalog } from '../../catalog/interface/file-evidence-catalog.js';
import type { GoneMessageCatalog } from '../../catalog/interface/gone-message-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import type { Flag, FlagSpelling } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { type Digest, type FilesAsSeen, messagesIn, type Scan, type UntakenMessage } from '../../mail/mailbox-scan.js';
import { notTaken, type Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import type { BodySum } from '../../mail/text/body-checksum.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { sameOf, type TextId, textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { filesAsSeen } from '../../merge/observe/files-as-seen-before.js';
import { isToBeRead } from '../../merge/observe/match-files-to-messages.js';
import type { Observation } from '../../merge/observe/observation.js';
import { leavesOutNothing, observe } from '../../merge/observe/observe-mailbox.js';
import { draftOf } from '../../replica/edited-map.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { openFiles } from '../../replica/messages-read-on-demand.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import { noteYoung } from '../mend/recheck-just-written-files.js';

/** What mailboxes are looked at with: a catalog that is only asked, and a store that is only read. */
export type Looker = {
  readonly catalog: Pick<DamagedTextCatalog, 'flawedTexts' | 'successorsIn'> &
    Pick<GoneMessageCatalog, 'mailGoneFrom'> &
    Pick<TextCatalog, 'sizeOf'> &
    IdentityCatalog;
  readonly store: Pick<MailStore, 'capabilities' | 'digest' | 'scan' | 'stemOf'>;
  readonly nowS: () => number;
  readonly signal: AbortSignal;
  /** Files that this run found not to be taken, anywhere in the store, by `MailStore.stemOf`. */
  readonly untaken: Map<string, Untaken>;
  /** Told how many messages were read since it was last told. */
  readonly onMessages: (count: number, bytes: number) => void;
};

/** What a look is remembered in. */
type LookNotes = FactCatalog &
  Pick<MailboxCatalog, 'noteSpellings'> &
  Pick<FileEvidenceCatalog, 'noteBodies'> &
  Pick<DamagedTextCatalog, 'putFlaw'>;

/** One mailbox looked at: what is known of it now, and what could not be read. */
export type Look = {
  readonly observation: Observation;
  readonly before: KnownMailbox;
  /** Messages in the store. */
  readonly messages: number;
  readonly troubles: readonly Trouble[];
  /** Of the texts that were read. */
  readonly bodies: ReadonlyMap<Guid, BodySum>;
  /** Those read that somebody may have been writing just then; none where the store takes a text at once. */
  readonly mayBeHalf: readonly Digest[];
  /** Files new here that are known to be damaged: somebody moved or copied them. */
  readonly flaws: readonly FlawedText[];
  /** Keywords as the store spells them. */
  readonly spelledKeywords: readonly FlagSpelling[];
};

/**
 * Scans a mailbox, of which `before` is known, to be compared with it: what is as it was is left out where that says
 * nothing. `scan` asks the store.
 */
export async function scanToCompare(
  before: () => KnownMailbox,
  scan: (seen: (() => FilesAsSeen) | undefined) => Promise<Scan | 'unchanged' | null>,
  unstorable: readonly Flag[] = [],
): Promise<Scan | 'unchanged' | null> {
  const found = await scan(() => filesAsSeen(before()));
  if (found === null || found === 'unchanged' || leavesOutNothing(before(), found, unstorable)) return found;
  return scan(undefined);
}

export type LookOptions = {
  readonly subscribed: boolean | null;
  /** Keywords the store had no room for when it was last asked. */
  readonly unstorable?: readonly Flag[];
};

/**
 * Refs under which an interrupted run may have delivered messages, or has, and did not come to lay down their UIDs,
 * which are chosen: the store is not to give them others.
 */
export function announcedRefs(known: KnownMailbox): ReadonlySet<string> {
  return new Set([...openFiles(known)].flatMap(({ ref, uid }) => (uid === null || uid === 0 ? [ref] : [])));
}

/**
 * Compares a mailbox as it was just scanned with what is known of it, after reading the messages not seen before;
 * `scan` null means that the mailbox is gone. Changes nothing in the catalog: whoever asks puts `observation.known`
 * into the working copy.
 */
export async function compare(
  bench: Looker,
  before: KnownMailbox,
  scan: Scan | null,
  options: LookOptions,
): Promise<Look> {
  const mailbox = before.state.name;
  const troubles: Trouble[] = [...(scan?.troubles ?? [])];
  const digests = new Map<string, Digest>();
  const bodies = new Map<Guid, BodySum>();
  const flaws: FlawedText[] = [];
  const untaken: UntakenMessage[] = [];
  const unseen = (scan?.messages ?? []).filter((message) => isToBeRead(before, message.ref));
  if (unseen.length > 0) {
    const refs = unseen.map((message) => message.ref);
    const known = damagedByContent(bench.catalog.flawedTexts());
    for await (const answer of bench.store.digest(mailbox, refs)) {
      bench.signal.throwIfAborted();
      if ('failure' in answer) troubles.push(answer);
      else if ('untaken' in answer) untaken.push(answer);
      else {
        const flaw = carriedFlaw(answer, known);
        digests.set(answer.ref, flaw === null ? answer : asNamed(bench.catalog, answer, flaw));
        if (flaw === null) bodies.set(answer.guid, answer.body);
        else flaws.push({ ...flaw, mailbox, ref: answer.ref });
        bench.onMessages(1, answer.sizeBytes);
      }
    }
  }
  for (const { ref, untaken: why } of untaken) bench.untaken.set(bench.store.stemOf(ref), why);
  const hidden = hiddenBehind(bench, before, scan);
  if (untaken.length > 0) {
    const files = untaken.map((file) => file.untaken);
    troubles.push({ subject: mailbox, failure: notTaken(mailbox, files) });
  }
  const unnumbered = scan === null ? [] : halfDelivered(before, scan, digests);
  if (unnumbered === 'other mail') return compare(bench, before, await scanAnew(bench.store, mailbox), options);
  const isUnnumbered = new Set(unnumbered);
  const messages = scan?.messages.filter(({ ref }) => !isUnnumbered.has(ref)) ?? [];
  const known = withUids(before, unnumbered, null);
  const seen = observe(known, scan && { ...scan, messages, troubles: [...scan.troubles, ...hidden] }, {
    self: bench.catalog.identity.hostId,
    nowS: bench.nowS(),
    digests,
    subscribed: options.subscribed,
    successors: bench.catalog.successorsIn(mailbox),
    wasHere: goneFrom(bench.catalog, mailbox),
    ...(options.unstorable === undefined ? {} : { unstorable: options.unstorable }),
  });
  const observation = { ...seen, known: seen.known === known ? before : seen.known };
  if (unnumbered.length > 0) observation.known = withUids(seen.known, unnumbered, 0);
  return {
    observation,
    before,
    messages: scan === null ? 0 : messagesIn(scan),
    troubles,
    bodies,
    flaws,
    mayBeHalf: bench.store.capabilities.rewritesInPlace ? [...digests.values()] : [],
    spelledKeywords: scan?.spelledKeywords ?? [],
  };
}

/** Tells mail that went from the mailbox; the catalog is asked when the first message is. */
function goneFrom(catalog: Pick<GoneMessageCatalog, 'mailGoneFrom'>, mailbox: MailboxName): (mail: TextId) => boolean {
  let gone: ReadonlySet<Guid> | null = null;
  return (mail) => {
    gone ??= catalog.mailGoneFrom(mailbox);
    return gone.has(sameOf(mail));
  };
}

/** Remembers what a look found out about texts and keywords; once what it observed has been put. */
export function noteLook(
  { catalog, nowS }: { readonly catalog: LookNotes; readonly nowS: () => number },
  { before, bodies, flaws, mayBeHalf, spelledKeywords }: Look,
): void {
  catalog.noteSpellings(spelledKeywords);
  if (bodies.size > 0) catalog.noteBodies(bodies);
  for (const flaw of flaws) catalog.putFlaw(flaw);
  noteYoung({ catalog, nowS }, before.state.name, mayBeHalf);
}

/**
 * Is it the file of a message that is known to be damaged, moved or copied since? Then it goes on being that message,
 * or what is left of it would be taken for new mail, and the message for expunged. Little content is told apart by its
 * name, which servers keep.
 */
function carriedFlaw({ ref, guid, sizeBytes }: Digest, known: DamagedByContent): FlawedText | null {
  const candidates = known.get(guid) ?? [];
  return candidates.find((flaw) => flaw.ref === ref) ?? (sizeBytes > 0 ? candidates[0] : null) ?? null;
}

type DamagedByContent = ReadonlyMap<Guid, readonly FlawedText[]>;

/** Damaged messages by what their files hold instead. */
function damagedByContent(flaws: readonly FlawedText[]): DamagedByContent {
  const found = new Map<Guid, FlawedText[]>();
  for (const flaw of flaws) {
    if (flaw.kind !== 'damaged' || flaw.found === null) continue;
    const same = found.get(flaw.found) ?? [];
    found.set(flaw.found, same);
    same.push(flaw);
  }
  return found;
}

/** As the file would be if it held the text that it should. */
function asNamed(catalog: Pick<TextCatalog, 'sizeOf'>, { same: _, ...digest }: Digest, flaw: FlawedText): Digest {
  return { ...digest, ...textIdOf(flaw), sizeBytes: catalog.sizeOf(flaw.guid) ?? digest.sizeBytes };
}

/**
 * Messages whose files are not there, while one with a name like theirs, in whatever mailbox, is not taken: it may be
 * theirs, packed under another name, or moved since it was packed. They are neither there nor gone.
 */
export function hiddenBehind(
  { untaken, store }: { readonly untaken: Looker['untaken']; readonly store: Pick<MailStore, 'stemOf'> },
  { holdings, state: { name: mailbox } }: KnownMailbox,
  scan: Scan | null,
): Trouble[] {
  if (untaken.size === 0) return [];
  const present = new Set(scan?.messages.map(({ ref }) => ref));
  return [...(scan?.sinceSeen?.absent ?? holdings.keys())].flatMap((ref): Trouble[] => {
    const file = present.has(ref) ? undefined : untaken.get(store.stemOf(ref));
    return file === undefined ? [] : [{ subject: ref, failure: notTaken(mailbox, [file]) }];
  });
}

/**
 * Refs of messages whose delivery was interrupted when the file was there and the UID was not laid down, which the plan
 * will do. Somebody else may have put other mail under such a name, which needs a UID like any.
 */
function halfDelivered(
  { holdings }: KnownMailbox,
  { uids, messages }: Scan,
  digests: ReadonlyMap<string, Digest>,
): readonly string[] | 'other mail' {
  if (uids === null) return [];
  const found: string[] = [];
  for (const { ref, uid } of messages) {
    const holding = holdings.get(ref);
    if (uid !== null || holding === undefined) continue;
    const digest = digests.get(ref);
    if (holding.uid === null && digest !== undefined && digest.guid !== holding.guid) return 'other mail';
    if (holding.uid === 0 || (holding.uid === null && digest !== undefined)) found.push(ref);
  }
  return found;
}

function withUids(known: KnownMailbox, refs: readonly string[], uid: null | 0): KnownMailbox {
  if (refs.length === 0) return known;
  const holdings = draftOf(known.holdings);
  for (const ref of refs) {
    const holding = holdings.get(ref);
    if (holding !== undefined) holdings.set(ref, { ...holding, uid });
  }
  return { ...known, holdings: holdings.current() };
}

async function scanAnew(store: Pick<MailStore, 'scan'>, mailbox: MailboxName): Promise<Scan | null> {
  const scan = await store.scan(mailbox, { known: null, assignUids: true });
  return scan === 'unchanged' ? null : scan;
}
