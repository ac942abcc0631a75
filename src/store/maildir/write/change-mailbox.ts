import type { MailboxChange } from '../../../mail/mailbox-change.js';
import { troubleOf } from '../../host-files/io-failure.js';
import type { ChangeOutcome } from '../../interface/mail-store.js';
import { damagedFolder, folderState } from '../files/folder-kind.js';
import { currentListing, type Mailbox, readUidList } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { assertOwnFolder } from '../layout/assert-folder-is-owners.js';
import { applyBatch } from './apply-batch.js';
import type { ChangeNotes } from './change-outcome-so-far.js';
import { createFolder, nameFolder } from './create-folder.js';
import { cutBatches } from './cut-change-into-batches.js';
import { isLeftOfRemoval } from './remove-folder.js';

/**
 * Carries out what `MailStore.change` promises, for a mailbox that this store can name. What concerns the mailbox as a
 * whole, such as a lock that is not to be had, is a trouble whose subject is the mailbox.
 */
export async function changeMailbox(
  parts: MaildirParts,
  mailbox: Mailbox,
  change: MailboxChange,
): Promise<ChangeOutcome> {
  const notes: ChangeNotes = { troubles: [], unstorable: new Set(), files: new Map() };
  let outcome: ChangeOutcome['outcome'] = 'done';
  try {
    assertOwnFolder(parts.location, mailbox.folder);
    outcome = await applyChange(parts, mailbox, { change, notes });
  } catch (error) {
    notes.troubles.push({
      subject: mailbox.folder.name,
      failure: troubleOf(`changing ${mailbox.folder.name}`, error),
    });
    outcome = 'failed';
  }
  const { troubles, unstorable, files } = notes;
  return { outcome, troubles, unstorable: [...unstorable], stamps: files, given: new Map() };
}

async function applyChange(
  parts: MaildirParts,
  mailbox: Mailbox,
  { change, notes }: { change: MailboxChange; notes: ChangeNotes },
): Promise<ChangeOutcome['outcome']> {
  const { folder } = mailbox;
  const isNew = change.expected === 'absent';
  const state = folderState(parts.location, folder);
  const isDamaged = isNew ? state === 'lost' : state !== 'mailbox' && state !== 'none';
  if (isDamaged && isRemoval(change) && isLeftOfRemoval(parts, folder)) return 'done';
  if (isDamaged) throw damagedFolder(folder);
  if (isNew === (state === 'mailbox')) return 'moved';
  if (!isNew) nameFolder(parts, folder);
  let expected = change.expected === 'absent' ? null : change.expected;
  let laysDown = false;
  if (isNew) {
    const uidNext = firstUids(change).reduce((least, uid) => Math.min(least, uid), change.uidNext);
    expected = parts.isDovecots() ? { uidValidity: change.uidValidity, uidNext } : null;
    if (!(await createFolder(parts, folder, expected))) return 'moved';
  } else if (expected === null) {
    if (readUidList(folder) !== null) return 'moved';
    laysDown = parts.isDovecots() && coversAll(parts, mailbox, change);
  }
  const newList = laysDown || (expected !== null && expected.uidValidity !== change.uidValidity);
  for (const batch of cutBatches(change, { newList })) {
    const uids = { expected, uidValidity: change.uidValidity, laysDown };
    const after = await applyBatch(parts, mailbox, { batch, uids, notes });
    if (after === 'moved') return 'moved';
    expected = after;
    laysDown = false;
  }
  return 'done';
}

/** Is nothing to be done but to empty the mailbox? */
function isRemoval({ expected, uidNext, expunge, renumber, deliver, setFlags }: MailboxChange): boolean {
  const isSameList = expected === null || (expected !== 'absent' && expected.uidNext === uidNext);
  return isSameList && expunge.length > 0 && renumber.length + deliver.length + setFlags.length === 0;
}

function firstUids({ renumber, deliver }: MailboxChange): number[] {
  return [renumber[0], deliver[0]].flatMap((step) => (step === undefined ? [] : [step.uid]));
}

/**
 * Only when every message gets a UID is a list laid down where there was none: those left out would be numbered anew.
 */
function coversAll(parts: MaildirParts, mailbox: Mailbox, change: MailboxChange): boolean {
  const named = new Set([...change.renumber, ...change.deliver, ...change.expunge].map((step) => step.ref));
  const listing = currentListing(mailbox, parts.party);
  for (const base of listing?.files.keys() ?? []) if (!named.has(base)) return false;
  return true;
}
