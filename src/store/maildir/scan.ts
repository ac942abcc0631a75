import { lstatSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../failure.js';
import type { Flag } from '../../mail/flag.js';
import type { Scan, ScannedMessage } from '../../mail/mailbox-scan.js';
import { flagsOfLetters, type LetterNames, parseMessageFileName, plainLetters } from '../../mail/maildir-flags.js';
import type { Trouble } from '../../mail/trouble.js';
import { compareArrivals } from './base-name.js';
import { damagedFolder, folderState } from './folder-state.js';
import { lettersOfKeywords, readKeywords } from './keywords.js';
import { type Listing, listFolder, stampFolder } from './listing.js';
import { type Mailbox, readUidList, writeUidList } from './mailbox.js';
import type { MaildirParts } from './parts.js';
import { baseOf, type UidList, uidMax, uidNextOf } from './uidlist.js';
import { lockUidList } from './uidlist-lock.js';

export type ScanOptions = { readonly known: string | null; readonly assignUids: boolean };

/** What `MailStore.scan` promises, for a Maildir. */
export async function scanMailbox(
  parts: MaildirParts,
  mailbox: Mailbox,
  options: ScanOptions,
): Promise<Scan | 'unchanged' | null> {
  const { folder } = mailbox;
  const before = stampFolder(folder);
  if (before === null) return absent(parts, mailbox);
  if (options.known === fingerprint(before.stamp, true)) return 'unchanged';
  if (options.known === fingerprint(before.stamp, false) && !options.assignUids) return 'unchanged';

  let list = readUidList(folder);
  let listing = listFolder(folder, parts.party.now);
  if (listing === null) return absent(parts, mailbox);
  const complete = listing.duplicates.length === 0 && (list === null || allRecorded(listing, list));
  if (options.assignUids && !complete) {
    ({ list, listing } = await completeMailbox(parts, mailbox));
    if (listing === null) return absent(parts, mailbox);
  }
  mailbox.listing = listing;
  return describe(parts, mailbox, { list, listing, seenStamp: before.stamp });
}

function absent(parts: MaildirParts, { folder }: Mailbox): null {
  if (folderState(parts.location, folder) === 'none') return null;
  throw damagedFolder(folder); // also a bare one: whoever asks for a mailbox knows it
}

/** `complete`: every message had a UID. */
function fingerprint(stamp: string, complete: boolean): string {
  return `maildir1 ${stamp}${complete ? '' : ' incomplete'}`;
}

function allRecorded(listing: Listing, list: UidList): boolean {
  const recorded = new Set(list.records.map((record) => baseOf(record.name)));
  for (const base of listing.files.keys()) if (!recorded.has(base)) return false;
  return true;
}

function describe(
  parts: MaildirParts,
  { folder }: Mailbox,
  seen: { list: UidList | null; listing: Listing; seenStamp: string },
): Scan {
  const { list, listing } = seen;
  const names = list === null ? plainLetters : lettersOfKeywords(readKeywords(folder.control));
  const reader = flagReader(names);
  const messages: ScannedMessage[] = [];
  const unrecorded = new Map(listing.files);
  for (const record of list?.records ?? []) {
    const base = baseOf(record.name);
    const path = unrecorded.get(base);
    if (path === undefined) continue; // expunged
    unrecorded.delete(base);
    messages.push({ ref: base, uid: record.uid, flags: reader.read(path) });
  }
  for (const [ref, path] of unrecorded) messages.push({ ref, uid: null, flags: reader.read(path) });

  const reliable = listing.settled && listing.stamp === seen.seenStamp && !(list !== null && reader.unnamed());
  const complete = list === null || (unrecorded.size === 0 && listing.duplicates.length === 0);
  return {
    uids: list === null ? null : { uidValidity: list.uidValidity, uidNext: uidNextOf(list) },
    ...(list === null && parts.isDovecots() ? { uidsWanted: true as const } : {}),
    messages,
    fingerprint: reliable ? fingerprint(listing.stamp, complete) : null,
    mailboxId: list?.mailboxGuid ?? null,
    troubles: [...listing.troubles, ...listing.duplicates.map((path) => duplicate(path))],
  };
}

/** Most messages share a handful of flag combinations: each is parsed once. */
function flagReader(names: LetterNames): { read(path: string): ReadonlySet<Flag>; unnamed(): boolean } {
  const known = new Map<string, ReadonlySet<Flag>>();
  let unnamed = false;
  return {
    read(path) {
      const { letters } = parseMessageFileName(path);
      const seen = known.get(letters);
      if (seen !== undefined) return seen;
      const flags = flagsOfLetters(letters, names);
      known.set(letters, flags);
      if (/[a-z]/.test([...letters].filter((letter) => !names.has(letter)).join(''))) unnamed = true;
      return flags;
    },
    unnamed: () => unnamed,
  };
}

function duplicate(path: string): Trouble {
  const failure = new Failure('store-damaged', `two files have the name ${parseMessageFileName(basename(path)).base}`, {
    hint: 'The next export, import or sync gives one of them another name.',
  });
  return { subject: path, failure };
}

/** Gives what has no UID one, as Dovecot would at the next look, and a file whose name another has a name of its own. */
async function completeMailbox(
  parts: MaildirParts,
  { folder }: Mailbox,
): Promise<{ list: UidList | null; listing: Listing | null }> {
  if (readUidList(folder) === null) {
    const listing = listFolder(folder, parts.party.now);
    if (listing === null || !separate(parts, folder.directory, listing)) return { list: null, listing };
    return { list: null, listing: listFolder(folder, parts.party.now) };
  }
  const lock = await lockUidList(parts, folder);
  try {
    const list = readUidList(folder);
    let listing = listFolder(folder, parts.party.now);
    if (listing !== null && separate(parts, folder.directory, listing)) {
      listing = listFolder(folder, parts.party.now);
    }
    if (list === null || listing === null || allRecorded(listing, list)) return { list, listing };
    const completed = withRecords(list, listing);
    writeUidList(folder, completed, parts.party);
    const after = listFolder(folder, parts.party.now);
    return { list: completed, listing: after && without(after, arrivedSince(listing, after)) };
  } finally {
    lock.release();
  }
}

/** Dovecot delivers without the lock where it cannot have it at once. Such mail has no UID yet, and is for the next look. */
function arrivedSince(before: Listing, after: Listing): ReadonlySet<string> {
  return new Set([...after.files.keys()].filter((base) => !before.files.has(base)));
}

function without(listing: Listing, bases: ReadonlySet<string>): Listing {
  if (bases.size === 0) return listing;
  return { ...listing, files: new Map([...listing.files].filter(([base]) => !bases.has(base))), settled: false };
}

function withRecords(list: UidList, listing: Listing): UidList {
  const missing = new Set(listing.files.keys());
  for (const record of list.records) missing.delete(baseOf(record.name));
  let uid = uidNextOf(list);
  const records = [...list.records];
  for (const base of [...missing].sort(compareArrivals)) {
    if (uid > uidMax) break; // 32 bits are used up: what is left stays without
    records.push({ uid, fields: '', name: basename(listing.files.get(base) ?? base) });
    uid++;
  }
  return { ...list, headerUidNext: uid, records };
}

/** True where anything was done. Two names of one file become one. */
function separate(parts: MaildirParts, directory: string, listing: Listing): boolean {
  for (const path of listing.duplicates) {
    const name = parseMessageFileName(basename(path));
    const other = listing.files.get(name.base);
    if (other === undefined) continue;
    const from = join(directory, path);
    if (lstatSync(from).ino === lstatSync(join(directory, other)).ino) rmSync(from);
    else renameSync(from, join(directory, dirname(path), parts.freshBase('') + basename(path).slice(name.base.length)));
  }
  return listing.duplicates.length > 0;
}
