import { addUnsettled } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import type { DamagedTextCatalog, FlawedText, NewFlaw } from '../../catalog/interface/damaged-text-catalog.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import type { Transactional } from '../../catalog/interface/transactional.js';
import { Failure, isOfOneThing } from '../../failure.js';
import type { FileStamp } from '../../mail/file-change-stamp.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Delivery } from '../../mail/mailbox-change.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import type { SizedText } from '../../mail/text/text-guid-and-second-digest.js';
import { withEntry } from '../../replica/edited-map.js';
import { type Holding, heldText, noteText } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import type { SpooledTexts } from '../context/available-texts.js';
import type { WorkingCopy } from '../context/working-copy-of-mailboxes.js';
import { type Examined, examineTexts, type TextExaminer } from './examine-message-texts.js';

/** What messages become others with, where they lie. */
type InPlace = {
  readonly store: Pick<MailStore, 'capabilities' | 'nameApart' | 'setApart'>;
  readonly copy: WorkingCopy;
  readonly nowS: () => number;
};

/** What texts are examined with, and what is found is remembered with. */
export type FlawNoter = TextExaminer & InPlace & { readonly catalog: Pick<DamagedTextCatalog, 'putFlaw'> };

/** What damaged texts are mended with. */
type Mender = FlawNoter & {
  readonly catalog: DamagedTextCatalog & Pick<TextCatalog, 'filesOf'> & Claims;
  readonly store: Pick<MailStore, 'replaceText'>;
};

/** What is remembered, at once, of a file that is given up. */
type Claims = Pick<DamagedTextCatalog, 'dropFlaw'> & FactCatalog & IdentityCatalog & Transactional;

/**
 * A message whose file was put right. replaced: it holds its text again. set-apart: it was written anew, and is a new
 * message from now on.
 */
export type MendedText = {
  readonly mailbox: MailboxName;
  readonly ref: string;
  readonly how: 'replaced' | 'set-apart';
};

/** What a run did about flawed texts so far. */
export type Mending = {
  readonly mended: MendedText[];
  /** Those that are still flawed, by place. */
  readonly troubles: Map<string, Trouble>;
  /** Mailboxes in which something is to be delivered, and expunged, for it. */
  readonly toSettle: Set<MailboxName>;
};

/** Nothing is mended yet. */
export function startMending(): Mending {
  return { mended: [], troubles: new Map(), toSettle: new Set() };
}

/**
 * Does what can be done about the texts that are known to be flawed: one that is found sound is forgotten, an altered
 * one is set apart, a damaged one is replaced where its text is here, be it in another message or in the spool. Each
 * step is a whole: a run that dies is followed by one that looks again.
 */
export async function mendTexts(bench: Mender, mending: Mending, spooled: SpooledTexts): Promise<void> {
  const flaws = bench.catalog.flawedTexts();
  const flawed = new Set(flaws.map(placeOf)); // read once: a disk that fails may garble as many as there are
  for (const flaw of flaws) {
    const { mailbox, ref } = flaw;
    const place = placeOf(flaw);
    try {
      for await (const examined of examineTexts(bench, mailbox, [ref])) {
        const trouble = await mendOne(bench, examined, { flaw, mending, spooled, flawed });
        if (trouble === null) mending.troubles.delete(place);
        else mending.troubles.set(place, trouble);
      }
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
      mending.troubles.set(place, { subject: ref, failure: cause });
    }
  }
}

/** Says what is known to be flawed, for a run that changes nothing. */
export function foreseeMending(catalog: Pick<DamagedTextCatalog, 'flawedTexts'>, mending: Mending): void {
  for (const flaw of catalog.flawedTexts()) {
    const failure = flaw.kind === 'damaged' ? damaged(flaw) : altered(flaw);
    mending.troubles.set(placeOf(flaw), { subject: flaw.ref, failure });
  }
}

type Work = {
  readonly flaw: FlawedText;
  readonly mending: Mending;
  readonly spooled: SpooledTexts;
  /** By place: no sources of texts. */
  readonly flawed: Set<string>;
};

async function mendOne(bench: Mender, examined: Examined, work: Work): Promise<Trouble | null> {
  const { mailbox, ref } = work.flaw;
  if (examined.kind === 'unread') return examined.trouble;
  if (examined.kind === 'sound' || examined.kind === 'untaken') {
    bench.catalog.dropFlaw(mailbox, ref);
    work.flawed.delete(placeOf(work.flaw));
    return null;
  }
  if (examined.kind === 'restamped') {
    await noteRestamped(bench, mailbox, examined.found);
    bench.catalog.dropFlaw(mailbox, ref);
    return null;
  }
  const flaw: FlawedText = { ...work.flaw, ...examined.flaw };
  if (flaw.kind === 'altered') {
    await setApart(bench, flaw, work.mending);
    return null;
  }
  const sources = sourcesOf(bench, flaw, work);
  if (!bench.store.capabilities.rewritesInPlace) {
    if (sources.length === 0) return { subject: ref, failure: damaged(flaw) };
    giveUpFile(bench, flaw, work.mending);
    return null;
  }
  for (const { text, ...source } of sources) {
    const file = bench.catalog.fileOf(mailbox, ref);
    const outcome = await bench.store.replaceText(mailbox, { ref, guid: source.guid, text, file });
    if (outcome === 'written-anew') {
      await setApart(bench, flaw, work.mending);
      return null;
    }
    if (outcome === 'no-text') {
      if (text === 'spool') continue;
      await noteFlaws(bench, text.mailbox, [text.ref]);
      work.flawed.add(placeOf(text));
      continue;
    }
    if (outcome === 'gone') return null;
    if (source.guid !== flaw.guid) await noteRestamped(bench, mailbox, { ref, ...source });
    bench.catalog.dropFlaw(mailbox, ref);
    work.flawed.delete(placeOf(work.flaw));
    for (const [, stamp] of await bench.store.stamps(mailbox, [ref])) bench.catalog.noteFile(mailbox, ref, stamp);
    work.mending.mended.push({ mailbox, ref, how: 'replaced' });
    return null;
  }
  return { subject: ref, failure: damaged(flaw) };
}

/**
 * Makes a message that was written anew another one: the next look at the store sees one message go and another come.
 * Under which name that comes stands in the catalog before, so that it is known whose place it takes, whenever the run
 * dies.
 */
export async function setApart(
  bench: InPlace & { readonly catalog: Pick<DamagedTextCatalog, 'putFlaw'> },
  flaw: NewFlaw,
  mending?: Pick<Mending, 'mended'>,
): Promise<void> {
  const { mailbox, ref } = flaw;
  const named = await bench.store.nameApart(mailbox, ref);
  if (named === null) return;
  bench.catalog.putFlaw({ ...flaw, kind: 'altered', successor: named.as });
  const { holdings, state } = bench.copy.get(mailbox);
  const receivedS = state.instances.get(holdings.get(ref)?.birth ?? '')?.receivedS ?? bench.nowS();
  if (await bench.store.setApart(mailbox, { ...named, ref, receivedS })) {
    mending?.mended.push({ mailbox, ref, how: 'set-apart' });
  }
}

/**
 * Reads messages of a mailbox and remembers which of them are flawed. Answers how many are there, and which cannot be
 * read.
 */
export async function noteFlaws(
  bench: FlawNoter,
  mailbox: MailboxName,
  refs: readonly string[],
): Promise<{ readonly there: number; readonly untaken: readonly Untaken[] }> {
  const untaken: Untaken[] = [];
  let there = 0;
  for await (const examined of examineTexts(bench, mailbox, refs)) {
    there++;
    if (examined.kind === 'flawed') bench.catalog.putFlaw(examined.flaw);
    if (examined.kind === 'untaken') untaken.push(examined.untaken);
    if (examined.kind === 'restamped') await noteRestamped(bench, mailbox, examined.found);
  }
  return { there, untaken };
}

/**
 * Remembers that a message holds another copy of its mail than before, with other stamped lines. Where that is not as
 * large, and clients were told otherwise, the message gets a new ref and UID: the next look at the store recognises it.
 */
export async function noteRestamped(
  { copy, store, nowS }: InPlace,
  mailbox: MailboxName,
  { ref, file, ...text }: SizedText & { readonly ref: string; readonly file?: FileStamp },
): Promise<void> {
  const known = copy.get(mailbox);
  const before = known.holdings.get(ref);
  if (before === undefined) return;
  const instance = known.state.instances.get(before.birth);
  if (store.capabilities.rewritesInPlace && heldText(before, instance).sizeBytes !== text.sizeBytes) {
    const named = await store.nameApart(mailbox, ref);
    if (named !== null) await store.setApart(mailbox, { ...named, ref, receivedS: instance?.receivedS ?? nowS() });
    return;
  }
  const { birth, uid, flags } = before;
  const held: Holding = { ref, birth, uid, flags, ...noteText(text), ...(file === undefined ? {} : { file }) };
  copy.put({ ...known, holdings: withEntry(known.holdings, ref, held) });
}

/**
 * Where nothing can be rewritten in place: what lies there is no longer taken for the message, so that the plan of the
 * mailbox expunges it and delivers the message from the text that is here. A run that dies in between is followed by
 * one that does the rest.
 */
function giveUpFile(
  { catalog, copy }: { readonly catalog: Claims; readonly copy: WorkingCopy },
  { mailbox, ref, found }: NewFlaw,
  { toSettle }: Mending,
): void {
  const known = copy.get(mailbox);
  const holding = known.holdings.get(ref);
  if (holding === undefined) return;
  const { uid, flags } = holding;
  const birth = birthKey({ host: catalog.identity.hostId, serial: noSerial });
  catalog.transaction(() => {
    addUnsettled(catalog, [mailbox]);
    catalog.dropFlaw(mailbox, ref);
    const left: Holding = { ref, birth, uid, flags, guid: found ?? holding.guid };
    copy.put({ ...known, holdings: withEntry(known.holdings, ref, left) });
  });
  toSettle.add(mailbox);
}

/** Serials of births begin at 1: a file with this one is that of no message. */
const noSerial = 0;

type Source = SizedText & { readonly text: Delivery['text'] };

/**
 * Where the text may be here, or a copy of the same mail with other stamped lines. That a file is not known to be
 * flawed does not say that it is sound: it is compared when it is used.
 */
function sourcesOf(
  { catalog, copy }: { readonly catalog: Pick<TextCatalog, 'filesOf'>; readonly copy: Pick<WorkingCopy, 'get'> },
  flaw: FlawedText,
  { spooled, flawed }: Pick<Work, 'spooled' | 'flawed'>,
): Source[] {
  const copies = catalog.filesOf(flaw).flatMap((text): Source[] => {
    const { holdings, state } = copy.get(text.mailbox);
    const holding = holdings.get(text.ref);
    if (holding === undefined || flawed.has(placeOf(text))) return [];
    return [{ ...heldText(holding, state.instances.get(holding.birth)), text }];
  });
  const arrived = spooled.find(flaw);
  return arrived === null ? copies : [...copies, { ...arrived, text: 'spool' }];
}

function placeOf({ mailbox, ref }: { readonly mailbox: MailboxName; readonly ref: string }): string {
  return `${mailbox}/${ref}`;
}

/** What is to be said of a text that is known to be damaged. */
export function damaged({ mailbox, ref, found }: FlawedText): Failure {
  const what = found === null ? 'the disk cannot read it' : 'it does not hold what it did';
  return new Failure('store-damaged', `the message ${ref} in ${mailbox} is damaged: ${what}`, {
    hint: 'Nobody gets it from here. Bundles ask for its text, and it is put back when that comes; or put its file back from a backup.',
  });
}

/** What is to be said of a text that is known to be altered. */
export function altered({ mailbox, ref }: FlawedText): Failure {
  return new Failure('store-damaged', `the message ${ref} in ${mailbox} was written anew`, {
    hint: 'The next run that is not a dry one makes it a new message in the place of the old one.',
  });
}
