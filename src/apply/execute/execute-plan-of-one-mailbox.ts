import type { NewFlaw } from '../../catalog/interface/damaged-text-catalog.js';
import { Failure, isOfOneThing } from '../../failure.js';
import type { Flag } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxChange } from '../../mail/mailbox-change.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { FilesAsSeen } from '../../mail/mailbox-scan.js';
import type { Plan } from '../../merge/deliver/plan-store-changes.js';
import { applied } from '../../merge/deliver/record-applied-change.js';
import type { ChangeOutcome } from '../../store/interface/mail-store.js';
import type { Bench } from '../context/run-context.js';
import type { WorkingCopy } from '../context/working-copy-of-mailboxes.js';
import { announcedRefs, compare, type Look, type Looker, noteLook, scanToCompare } from '../examine/examine-mailbox.js';
import { examineTexts, writtenSince } from '../mend/examine-message-texts.js';
import { type FlawNoter, noteRestamped, setApart } from '../mend/mend-damaged-texts.js';

/** What has become of one mailbox so far. */
export type Result = {
  linked: number;
  readonly unstorable: Set<Flag>;
  /** By subject. */
  readonly troubles: Map<string, Trouble>;
};

/** The result of a mailbox to which nothing was done so far. */
export function newResult(): Result {
  return { linked: 0, unstorable: new Set(), troubles: new Map() };
}

/** Where a run keeps what it adds to: a mailbox that was 'moved' is held until its next change is over. */
export type Records = { readonly result: Result; readonly holds: Map<MailboxName, () => void> };

/**
 * Carries out the plan of one mailbox as far as the store lets it, and commits what the store then shows. Trouble with
 * the mailbox goes into the result; thrown is only what concerns the run as a whole.
 */
export async function carryOut(bench: Bench, work: Plan, { result, holds }: Records): Promise<void> {
  const mailbox = work.announced.state.name;
  const steps: Steps = { done: null, isRemoved: false, subscribed: work.announced.storeSubscribed };
  const orTrouble = async <T>(attempt: Promise<T>): Promise<T | null> => {
    try {
      return await attempt;
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
      if (!result.troubles.has(mailbox)) result.troubles.set(mailbox, { subject: mailbox, failure: cause });
      return null;
    }
  };
  await orTrouble(act(bench, work, { steps, result, holds }));
  const seen = await orTrouble(lookAgain(bench, mailbox, { steps, unstorable: [...result.unstorable] }));
  if (seen !== null) commit(bench, seen);
}

/** What was done: nothing of it is noted unless the store itself said so. */
type Steps = {
  done: { readonly change: MailboxChange; readonly outcome: ChangeOutcome } | null;
  isRemoved: boolean;
  subscribed: boolean;
};

async function act(
  bench: Bench,
  { announced, change, remove, subscribe }: Plan,
  { steps, result, holds }: Records & { readonly steps: Steps },
): Promise<void> {
  const mailbox = announced.state.name;
  if (change !== null) {
    if (await isSpoilt(bench, mailbox, change)) return; // planned anew, without what is no source any more
    await setRewrittenApart(bench, mailbox, change);
    const outcome = await bench.store.change(mailbox, change);
    holds.get(mailbox)?.();
    holds.delete(mailbox);
    for (const flag of outcome.unstorable) result.unstorable.add(flag);
    for (const trouble of outcome.troubles) result.troubles.set(trouble.subject, trouble);
    if (outcome.outcome === 'failed') return;
    if (outcome.outcome === 'moved') {
      if (bench.store.capabilities.holdsOthersOff) holds.set(mailbox, await bench.store.hold(mailbox));
    } else {
      steps.done = { change, outcome };
      result.linked += change.deliver.filter(({ text }) => text !== 'spool').length;
    }
    bench.onMessages(change.deliver.length, 0);
  }
  if (remove) steps.isRemoved = await bench.store.removeMailbox(mailbox);
  if (subscribe !== null) {
    await bench.store.subscribe(mailbox, subscribe);
    steps.subscribed = subscribe;
  }
}

/** Is a message that others are to be made from not what it was when it was read? That is then remembered. */
async function isSpoilt(bench: FlawNoter, name: MailboxName, { deliver }: MailboxChange): Promise<boolean> {
  const sources = new Map<MailboxName, string[]>();
  for (const { text } of deliver) {
    if (text === 'spool') continue;
    const refs = sources.get(text.mailbox);
    if (refs === undefined) sources.set(text.mailbox, [text.ref]);
    else refs.push(text.ref);
  }
  const delivered = new Set(deliver.map(({ ref }) => ref));
  let flawed = 0;
  for (const [mailbox, refs] of sources) {
    for await (const examined of examineTexts(bench, mailbox, await writtenSince(bench, mailbox, refs))) {
      if (examined.kind === 'restamped') await noteRestamped(bench, mailbox, examined.found);
      else if (examined.kind !== 'flawed') continue;
      // Its own source: a run that died had delivered it, and it has no UID yet.
      else if (mailbox === name && delivered.has(examined.flaw.ref)) await noteOrSetApart(bench, examined.flaw);
      else bench.catalog.putFlaw(examined.flaw);
      flawed++;
    }
  }
  return flawed > 0;
}

/**
 * Sets apart what is to be expunged, or to get another UID, and was written anew since it was read: what goes, or what
 * the UID names, is the message that others and mail programs know, and not what its user made of it here. The next
 * look finds that as new mail, with the next UID.
 */
async function setRewrittenApart(
  bench: FlawNoter,
  mailbox: MailboxName,
  { expunge, renumber }: MailboxChange,
): Promise<void> {
  const refs = [...expunge, ...renumber].map(({ ref }) => ref);
  if (refs.length === 0) return;
  for await (const examined of examineTexts(bench, mailbox, await writtenSince(bench, mailbox, refs))) {
    if (examined.kind === 'flawed') await noteOrSetApart(bench, examined.flaw);
  }
}

/** What was written anew is another message from now on; what is damaged is remembered. */
async function noteOrSetApart(bench: FlawNoter, flaw: NewFlaw): Promise<void> {
  if (flaw.kind === 'altered') await setApart(bench, flaw);
  else bench.catalog.putFlaw(flaw);
}

/**
 * What the mailbox is known to be after what was done, and what else happened there meanwhile. Null where it is not
 * there though nobody here removed it: whether it was deleted, or never made, is for the next run to see, which looks
 * at the whole store.
 */
async function lookAgain(
  bench: Looker & { readonly copy: Pick<WorkingCopy, 'get'> },
  mailbox: MailboxName,
  { steps, unstorable }: { readonly steps: Steps; readonly unstorable: readonly Flag[] },
): Promise<Look | null> {
  const { done, subscribed } = steps;
  const known = bench.copy.get(mailbox);
  const announced = announcedRefs(known);
  const changed = done === null ? known : applied(known, done.change, done.outcome);
  const look = (seen: (() => FilesAsSeen) | undefined) =>
    bench.store.scan(mailbox, { known: null, assignUids: true, announced, ...(seen === undefined ? {} : { seen }) });
  const scan = steps.isRemoved ? null : await scanToCompare(() => changed, look, unstorable);
  if (scan === 'unchanged') return null;
  if (scan === null && !steps.isRemoved) throw wentAway(mailbox);
  const before = scan === null ? known : changed;
  return compare(bench, before, scan, { subscribed, unstorable });
}

function commit({ catalog, copy, nowS }: Pick<Bench, 'catalog' | 'copy' | 'nowS'>, look: Look): void {
  catalog.transaction(() => {
    copy.put(look.observation.known);
    noteLook({ catalog, nowS }, look);
  });
}

function wentAway(mailbox: MailboxName): Failure {
  return new Failure('store-damaged', `changing mailbox ${mailbox}: it is not there any more`, {
    hint: 'Somebody removed it meanwhile: the next run sees what became of it.',
  });
}
