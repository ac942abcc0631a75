import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncFileSystems, syncPath } from '../../../fs/durable-write.js';
import { ifPresent } from '../../../fs/errno.js';
import { type Flag, isSystemFlag, spellingOf, withSince } from '../../../mail/flags.js';
import type { FlagChange } from '../../../mail/mailbox-change.js';
import { troubleOf } from '../../host-files/io-failure.js';
import type { HeldLock } from '../dovecot/dotlock.js';
import {
  addKeywords,
  hasUnnamed,
  lettersOfKeywords,
  readKeywords,
  unnamedNumbers,
  withoutUnnamed,
  writeKeywords,
} from '../dovecot/dovecot-keywords-file.js';
import { editUidList } from '../dovecot/edit-uidlist.js';
import { type UidList, type UidRecord, uidNextOf } from '../dovecot/uidlist-format.js';
import { wake } from '../dovecot/wake-mailbox-watchers.js';
import { parseMessagePath } from '../files/list-message-files.js';
import { lockUidList } from '../files/lock-uidlist.js';
import { type Mailbox, readGarbledUidList, readUidList, writeUidList } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { quotaNotes } from '../files/maildirsize-quota-file.js';
import { makeDirectories } from '../layout/make-directories.js';
import { guidFieldFor } from '../layout/message-base-name.js';
import {
  type Delimiter,
  flagsOfLetters,
  formatMessageFileName,
  type LetterNames,
  lettersOfFlags,
  parseMessageFileName,
  plainLetters,
} from '../layout/message-file-name-flags.js';
import { stampOf } from '../read/digest-file.js';
import type { ChangeNotes, Uids } from './change-outcome-so-far.js';
import type { Batch, UidStep } from './cut-change-into-batches.js';
import { openMessageFiles } from './message-files-during-change.js';
import { createPreparer, type ReadyFile } from './prepare-delivery-files.js';

export type BatchWork = {
  readonly batch: Batch;
  readonly uids: { readonly expected: Uids | null; readonly uidValidity: number; readonly laysDown: boolean };
  readonly notes: ChangeNotes;
};

/**
 * Does one batch under one lock. Texts are made ready before it is taken. Files come before the list: a crash between
 * leaves messages without a record, which the same change said again completes; the other way round there would be UIDs
 * without messages. Gives the mailbox's UIDs afterwards, null where it has none.
 */
export async function applyBatch(
  parts: MaildirParts,
  mailbox: Mailbox,
  work: BatchWork,
): Promise<Uids | null | 'moved'> {
  const { uids } = work;
  const ready = new Map<UidStep, ReadyFile>();
  const preparer = createPreparer(parts, mailbox);
  const used = new Set<ReadyFile>();
  let lock: HeldLock | null = null;
  try {
    const there = openMessageFiles(mailbox, parts.party);
    for (const step of work.batch.uidSteps) {
      if (step.kind !== 'deliver' || there.has(step.ref)) continue;
      const doing = `delivering to ${mailbox.folder.name}`;
      try {
        ready.set(step, await preparer.prepare(step.delivery));
      } catch (error) {
        noteTrouble(work.notes, step.ref, { doing, error });
      }
    }
    await syncCopies(parts, ready.values());
    if (uids.laysDown) makeDirectories(mailbox.folder.control, parts.party.custody);
    if (uids.expected !== null || uids.laysDown) lock = await lockUidList(parts, mailbox.folder);
    const list = readUidList(mailbox.folder);
    if (!isAsExpected(list, uids)) return 'moved';
    const after = await applyLocked(parts, mailbox, {
      ...work,
      ready,
      used,
      lock,
      list: list ?? (uids.laysDown ? newList(parts, mailbox, uids) : null),
    });
    lock?.release();
    const { setFlags, expunge } = work.batch;
    if (expunge.length > 0) ifPresent(() => syncPath(parts.trash.directory));
    if (setFlags.length + expunge.length > 0 || (list === null && used.size > 0)) syncNames(mailbox);
    return after;
  } finally {
    lock?.release();
    preparer.discard(used);
  }
}

/** Texts that were copied just now. Those that came from elsewhere were synced with the spool. */
async function syncCopies({ written }: MaildirParts, ready: Iterable<ReadyFile>): Promise<void> {
  const copies = [...ready].filter(({ path, spooled }) => spooled === null && written.has(path));
  const [first] = copies;
  if (first !== undefined) {
    await syncFileSystems(
      [dirname(first.path)],
      copies.map(({ path }) => path),
    );
  }
}

/**
 * What was done to files is on the disk before it is noted, in the UID list or in the catalog: after a power cut a
 * message that is noted and not there would be taken for expunged by its user.
 */
function syncNames({ folder }: Mailbox): void {
  for (const part of ['cur', 'new']) ifPresent(() => syncPath(join(folder.directory, part)));
}

function isAsExpected(list: UidList | null, { expected, laysDown }: BatchWork['uids']): boolean {
  if (expected === null || laysDown) return list === null;
  return list !== null && list.uidValidity === expected.uidValidity && uidNextOf(list) === expected.uidNext;
}

/** It takes the place of one that is not understood, if there is one: the mailbox is still the same. */
function newList(parts: MaildirParts, { folder }: Mailbox, { uidValidity }: BatchWork['uids']): UidList {
  return {
    uidValidity,
    headerUidNext: 1,
    mailboxGuid: readGarbledUidList(folder)?.mailboxGuid ?? parts.newMailboxGuid(),
    otherFields: [],
    records: [],
    cutOff: false,
  };
}

type LockedWork = BatchWork & {
  readonly lock: HeldLock | null;
  readonly list: UidList | null;
  readonly ready: ReadonlyMap<UidStep, ReadyFile>;
  readonly used: Set<ReadyFile>;
};

async function applyLocked(parts: MaildirParts, mailbox: Mailbox, work: LockedWork): Promise<Uids | null | 'moved'> {
  const { batch, list, notes } = work;
  const files = openMessageFiles(mailbox, parts.party);
  const names = letterNames(parts, mailbox, work);
  const quota = quotaNotes(parts.location);
  let usual: Delimiter | null = null;
  const delimiter = (): Delimiter => {
    usual ??= parts.delimiterFor(mailbox); // once a batch: it counts files
    return usual;
  };
  const records: UidRecord[] = [];
  const oldFields = fieldsByBase(list, batch);
  let filesChanged = batch.setFlags.length + batch.expunge.length > 0;
  for (const step of batch.uidSteps) {
    work.lock?.touch();
    const ready = work.ready.get(step);
    if (step.kind === 'deliver' && ready !== undefined && !files.has(step.ref)) {
      filesChanged = true;
      await note(notes, step.ref, `delivering to ${mailbox.folder.name}`, () => {
        const target = destination(step.ref, lettersOfFlags(step.delivery.flags, names, ''), delimiter);
        files.add(step.ref, ready.path, target);
        quota.come(join(mailbox.folder.directory, target));
        work.used.add(ready);
        notes.files.set(step.ref, ready.file);
        if (parts.written.delete(ready.path)) parts.written.add(join(mailbox.folder.directory, target));
        const by = { mailbox: mailbox.folder.name, ref: step.ref };
        if (ready.spooled !== null) parts.spool.taken(ready.spooled, by);
      });
    }
    const path = files.path(step.ref);
    if (path === undefined) continue; // expunged meanwhile, or not deliverable
    if (step.kind === 'deliver' && ready === undefined) noteFile(mailbox, step.ref, { path, notes });
    const fields =
      oldFields.get(step.ref) ?? (step.kind === 'deliver' ? guidFieldFor(step.ref, step.delivery.hint) : '');
    records.push({ uid: step.uid, fields, name: basename(path) });
  }
  if (work.lock?.stillHeld() === false) return 'moved'; // we were taken for dead
  if (list !== null && work.used.size > 0) syncNames(mailbox);
  const after = list === null ? null : relist(parts, mailbox, { list, records, work, filesChanged });
  for (const flagChange of batch.setFlags) {
    const { ref } = flagChange;
    await note(notes, ref, `setting flags in ${mailbox.folder.name}`, () =>
      files.rename(ref, (path) =>
        reflagged(path, flagChange, { names, delimiter, anyDelimiter: mailbox.anyDelimiter }),
      ),
    );
  }
  try {
    for (const { ref, guid } of batch.expunge) {
      await note(notes, ref, `expunging from ${mailbox.folder.name}`, () =>
        files.take(ref, (path) => quota.taking(path, () => parts.trash.keepFile(guid, path))),
      );
    }
  } finally {
    await note(notes, mailbox.folder.name, 'noting sizes in maildirsize', quota.write);
  }
  files.remember();
  parts.written.add(join(mailbox.folder.directory, 'cur')).add(join(mailbox.folder.directory, 'new'));
  return after === null ? null : { uidValidity: after.uidValidity, uidNext: uidNextOf(after) };
}

/** Rewrites the UID list where anything in it changes. */
function relist(
  parts: MaildirParts,
  mailbox: Mailbox,
  how: { list: UidList; records: readonly UidRecord[]; work: LockedWork; filesChanged: boolean },
): UidList {
  const { list, records, work } = how;
  const { uidValidity, laysDown } = work.uids;
  const sameValidity = list.uidValidity === uidValidity;
  if (records.length === 0 && sameValidity && uidNextOf(list) >= work.batch.uidNext && !laysDown) return list;
  const after = editUidList(list, { uidValidity, uidNext: work.batch.uidNext, append: records });
  writeUidList(mailbox.folder, after, parts.party);
  if (!how.filesChanged && (records.length > 0 || !sameValidity))
    wake(mailbox.folder.directory) /* sessions in IDLE watch directories only */;
  return after;
}

/** Fields of records that are about to be replaced: a renumbered message keeps its GUID and sizes. */
function fieldsByBase(list: UidList | null, batch: Batch): ReadonlyMap<string, string> {
  const wanted = new Set(batch.uidSteps.filter((step) => step.kind === 'renumber').map((step) => step.ref));
  const fields = new Map<string, string>();
  if (wanted.size === 0) return fields;
  for (const record of list?.records ?? []) {
    const { base } = parseMessageFileName(record.name);
    if (wanted.has(base)) fields.set(base, record.fields);
  }
  return fields;
}

/** The letters of this mailbox, with those added that the batch needs. Without Dovecot there are no keywords. */
function letterNames(parts: MaildirParts, mailbox: Mailbox, { list, batch, notes }: LockedWork): LetterNames {
  const { folder } = mailbox;
  const wanted = new Set<Flag>();
  for (const { flags } of batch.setFlags) for (const flag of flags) wanted.add(flag);
  for (const step of batch.uidSteps)
    if (step.kind === 'deliver') for (const flag of step.delivery.flags) wanted.add(flag);
  if (list === null && !parts.isDovecots()) {
    const known = new Set(plainLetters.values());
    for (const flag of wanted) if (!known.has(flag)) notes.unstorable.add(flag);
    return plainLetters;
  }
  const before = readKeywords(folder.control);
  const taken = unnamedNumbers(mailbox.listing?.files.values() ?? [], lettersOfKeywords(before));
  const spell = (flag: Flag) => spellingOf(flag, batch.spellings);
  const { names, unstorable } = addKeywords(before, { wanted, taken, spell });
  for (const flag of unstorable) notes.unstorable.add(flag);
  if (names.length > before.length) {
    writeKeywords(folder.control, names, { nowMs: parts.party.now(), custody: parts.party.custody });
  }
  return lettersOfKeywords(names);
}

/**
 * Mail without any flag goes to `new`, all else to `cur`. It is new to this host's user: servers show it as \Recent
 * once, and programs that watch `new` announce it, as if it had been delivered here.
 */
function destination(base: string, letters: string, delimiter: () => Delimiter): string {
  if (letters === '') return `new/${base}`;
  return `cur/${formatMessageFileName({ base, delimiter: delimiter(), letters, fields: '' })}`;
}

/** What the letters say; a letter that has lost its name may stand for any keyword that was there. */
function flagsNow(letters: string, seen: ReadonlySet<Flag>, names: LetterNames): ReadonlySet<Flag> {
  const now = flagsOfLetters(letters, names);
  if (!hasUnnamed(letters, names)) return now;
  return new Set([...now, ...[...seen].filter((flag) => !isSystemFlag(flag))]);
}

/** The path with these flags; null where nothing changes. A message in `new` that gets none stays new. */
function reflagged(
  path: string,
  { flags: wanted, seen }: FlagChange,
  how: { readonly names: LetterNames; readonly delimiter: () => Delimiter; readonly anyDelimiter: boolean },
): string | null {
  const { names } = how;
  const name = parseMessagePath(path, how.anyDelimiter);
  const flags = seen === undefined ? wanted : withSince(wanted, { seen, now: flagsNow(name.letters, seen, names) });
  // A letter whose keyword has lost its name goes where keywords are said by name.
  const saysKeywords = names !== plainLetters && [...flags].some((flag) => !isSystemFlag(flag));
  const before = saysKeywords ? withoutUnnamed(name.letters, names) : name.letters;
  const letters = lettersOfFlags(flags, names, before);
  if ([...name.letters].sort().join('') === letters) return null;
  return `cur/${formatMessageFileName({ ...name, delimiter: name.delimiter ?? how.delimiter(), letters })}`;
}

/** Of a message that a run which died had delivered. */
function noteFile(
  { folder }: Mailbox,
  ref: string,
  { path, notes }: { readonly path: string; readonly notes: ChangeNotes },
): void {
  const stats = ifPresent(() => statSync(join(folder.directory, path), { bigint: true }));
  if (stats !== null) notes.files.set(ref, stampOf(stats));
}

async function note(notes: ChangeNotes, ref: string, doing: string, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    noteTrouble(notes, ref, { doing, error });
  }
}

function noteTrouble(
  notes: ChangeNotes,
  ref: string,
  { doing, error }: { readonly doing: string; readonly error: unknown },
): void {
  notes.troubles.push({ subject: ref, failure: troubleOf(doing, error) });
}
