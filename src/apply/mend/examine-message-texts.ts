import { fileTimesNotedSinceS } from '../../catalog/facts/what-version-0-1-did-not-record.js';
import type { DamagedTextCatalog, FlawedText, NewFlaw } from '../../catalog/interface/damaged-text-catalog.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { FileEvidenceCatalog } from '../../catalog/interface/file-evidence-catalog.js';
import { isOfOneThing } from '../../failure.js';
import { type FileStamp, sameStamp, sameTime, secondOf } from '../../mail/file-change-stamp.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Digest } from '../../mail/mailbox-scan.js';
import type { Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import { sameBody } from '../../mail/text/body-checksum.js';
import { hasSoundHeader } from '../../mail/text/is-header-sound.js';
import { areRemains } from '../../mail/text/is-truncated-text.js';
import { mayBeginWith } from '../../mail/text/rolling-prefix-hash.js';
import { guidOfCanonical } from '../../mail/text/text-guid.js';
import { sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import { type Holding, heldText } from '../../replica/mailbox-state-and-stored-files.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import type { WorkingCopy } from '../context/working-copy-of-mailboxes.js';

/** What texts are examined with: what was noted of files and bodies, and a store that is only read. */
export type TextExaminer = {
  readonly catalog: FileEvidenceCatalog & FactCatalog & Pick<DamagedTextCatalog, 'successorsIn'>;
  readonly store: Pick<MailStore, 'capabilities' | 'digest' | 'readText' | 'stamps'>;
  readonly copy: Pick<WorkingCopy, 'get'>;
  readonly signal: AbortSignal;
};

/**
 * What the file of a message turned out to hold. restamped: the same mail, with other stamped lines than when it was
 * last seen.
 */
export type Examined =
  | { readonly kind: 'sound'; readonly ref: string; readonly sizeBytes: number }
  /** It is packed in a way that is not read: that is no damage. */
  | { readonly kind: 'untaken'; readonly ref: string; readonly untaken: Untaken }
  | { readonly kind: 'restamped'; readonly ref: string; readonly sizeBytes: number; readonly found: Digest }
  | { readonly kind: 'flawed'; readonly flaw: NewFlaw; readonly sizeBytes: number }
  /** Nobody could say: it may not be read. */
  | { readonly kind: 'unread'; readonly trouble: Trouble };

/**
 * Reads messages of a mailbox and says whether their files hold what they were last seen to hold. Of one that is not
 * there any more nothing is said: the next look at the store sees what became of it. Changes nothing, but what is noted
 * of sound files.
 */
export async function* examineTexts(
  bench: TextExaminer,
  mailbox: MailboxName,
  refs: readonly string[],
): AsyncIterable<Examined> {
  const { holdings } = bench.copy.get(mailbox);
  const known = refs.filter((ref) => (holdings.get(ref)?.uid ?? null) !== null);
  if (known.length === 0) return;
  for await (const answer of bench.store.digest(mailbox, known)) {
    bench.signal.throwIfAborted();
    const holding = holdings.get('ref' in answer ? answer.ref : answer.subject);
    if (holding === undefined) continue;
    if ('untaken' in answer) yield judgeUntaken(mailbox, holding, answer.untaken);
    else if ('guid' in answer) {
      const examined = await judge(bench, mailbox, { holding, found: answer });
      if (examined !== null) yield examined;
    } else if (answer.failure.code === 'io')
      yield flawed(mailbox, holding, { kind: 'damaged', found: null, sizeBytes: 0 });
    else yield { kind: 'unread', trouble: answer };
  }
}

/** Packed files say themselves whether they are whole: one that is not is damaged, like any other. */
function judgeUntaken(mailbox: MailboxName, holding: Holding, untaken: Untaken): Examined {
  if (untaken.problem !== 'broken') return { kind: 'untaken', ref: holding.ref, untaken };
  return flawed(mailbox, holding, { kind: 'damaged', found: null, sizeBytes: 0 });
}

type Evidence = { readonly holding: Holding; readonly found: Digest };

/** Null where the message has gone since. */
async function judge(bench: TextExaminer, mailbox: MailboxName, evidence: Evidence): Promise<Examined | null> {
  const { holding, found } = evidence;
  const { ref, guid } = holding;
  if (found.guid === guid) {
    noteSound(bench.catalog, mailbox, found);
    return { kind: 'sound', ref, sizeBytes: found.sizeBytes };
  }
  if (sameOf(found) === sameOf(holding)) return { kind: 'restamped', ref, sizeBytes: found.sizeBytes, found };
  let isAltered: boolean;
  try {
    // What 0.1 knew it by is how it is packed: with its text it is a new message, as where somebody wrote it.
    isAltered = found.packedGuid === guid || (await wasWrittenAnew(bench, mailbox, evidence));
  } catch (cause) {
    if (!isOfOneThing(cause)) throw cause;
    return (await isThere(bench.store, mailbox, ref))
      ? { kind: 'unread', trouble: { subject: ref, failure: cause } }
      : null;
  }
  return flawed(mailbox, holding, {
    kind: isAltered ? 'altered' : 'damaged',
    found: found.guid,
    sizeBytes: found.sizeBytes,
  });
}

/** Its date may be another one, as where it was put back from a backup: by this one it is judged from now on. */
function noteSound(catalog: FileEvidenceCatalog, mailbox: MailboxName, { ref, guid, file, body }: Digest): void {
  const noted = catalog.fileOf(mailbox, ref);
  if (noted === null || !sameStamp(noted, file)) catalog.noteFile(mailbox, ref, file);
  if (noted === null) catalog.noteBodies([[guid, body]]);
}

/** Of a message that is gone a store answers nothing. */
async function isThere(store: Pick<MailStore, 'digest'>, mailbox: MailboxName, ref: string): Promise<boolean> {
  for await (const _answer of store.digest(mailbox, [ref])) return true;
  return false;
}

/**
 * Did its user write the message anew, or a program of his? Then it has a header, it is not merely what is left of the
 * text that was there, and its date shows that somebody wrote it: what bits that fell over did leaves that alone. Where
 * only the header was rewritten, as its body is what it was, another size shows as much. Whatever is in doubt counts as
 * damage, by which nothing is lost.
 */
async function wasWrittenAnew(
  bench: TextExaminer,
  mailbox: MailboxName,
  { holding, found }: Evidence,
): Promise<boolean> {
  if (found.sizeBytes === 0 || !bench.store.capabilities.rewritesInPlace) return false;
  const known = bench.catalog.bodyOf(holding.guid);
  const isHeaderAlone = known !== null && known.sizeBytes > 0 && sameBody(known, found.body);
  const instance = bench.copy.get(mailbox).state.instances.get(holding.birth);
  const sizeBytes = heldText(holding, instance).sizeBytes || Number.POSITIVE_INFINITY;
  const isResized = sizeBytes !== found.sizeBytes;
  if (!isWritten(bench, mailbox, { holding, found }) && !(isHeaderAlone && isResized)) return false;
  const text = await bench.store.readText(mailbox, holding.ref);
  if (!hasSoundHeader(text)) return false;
  if (isHeaderAlone) return true;
  const marks = known?.marks ?? null;
  const begins = (part: Uint8Array): boolean => {
    if (part.length === (marks?.sizeBytes ?? sizeBytes)) return guidOfCanonical(part) === holding.guid;
    // Without marks only what is longer is known to be no beginning.
    return marks === null ? part.length < sizeBytes : mayBeginWith(marks, part);
  };
  return !areRemains(text, begins);
}

/** Was the file written to since it held its text? */
function isWritten(
  { catalog, copy }: Pick<TextExaminer, 'catalog' | 'copy'>,
  mailbox: MailboxName,
  { holding, found }: Evidence,
): boolean {
  // A run that died may have given it its old date already, and not yet its new name.
  for (const ref of catalog.successorsIn(mailbox).values()) if (ref === holding.ref) return true;
  const noted = catalog.fileOf(mailbox, holding.ref);
  if (noted !== null) return !sameTime(noted, found.file);
  // Not read since the days when nobody noted times: its date is all there is, which another host may have given it,
  // too.
  const received = copy.get(mailbox).state.instances.get(holding.birth)?.receivedS;
  const since = fileTimesNotedSinceS(catalog);
  return received !== undefined && received !== secondOf(found.file) && secondOf(found.file) >= since;
}

function flawed(
  mailbox: MailboxName,
  { ref }: Holding,
  { kind, found, sizeBytes }: Pick<FlawedText, 'kind' | 'found'> & { readonly sizeBytes: number },
): Examined {
  return { kind: 'flawed', flaw: { mailbox, ref, kind, found }, sizeBytes };
}

/** Are these files as they were when they held their texts? Answers those that are not, without reading any. */
export async function writtenSince(
  bench: Pick<TextExaminer, 'catalog' | 'store'>,
  mailbox: MailboxName,
  refs: readonly string[],
): Promise<string[]> {
  const stamps: ReadonlyMap<string, FileStamp> = await bench.store.stamps(mailbox, refs);
  const replaced = new Set(bench.catalog.successorsIn(mailbox).values());
  return [...stamps].flatMap(([ref, stamp]) => {
    const noted = bench.catalog.fileOf(mailbox, ref);
    const isAsNoted = noted === null || sameStamp(noted, stamp);
    return isAsNoted && !replaced.has(ref) ? [] : [ref];
  });
}
