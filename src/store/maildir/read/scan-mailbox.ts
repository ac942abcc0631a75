import { lstatSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../../failure.js';
import { ifPresent } from '../../../fs/errno.js';
import { removeName } from '../../../fs/open-untrusted-file.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { FilesAsSeen, Scan, ScannedMessage } from '../../../mail/mailbox-scan.js';
import type { ScanOptions } from '../../interface/mail-store.js';
import {
  hasUnnamed,
  lettersOfKeywords,
  passingKeyword,
  readKeywords,
  spelledKeywords,
} from '../dovecot/dovecot-keywords-file.js';
import { baseOf, type UidList, uidMax, uidNextOf } from '../dovecot/uidlist-format.js';
import { damagedFolder, folderState, withoutNew } from '../files/folder-kind.js';
import {
  type Listing,
  lettersInPath,
  listFolder,
  parseMessagePath,
  relistFolder,
  stampFolder,
} from '../files/list-message-files.js';
import { lockUidList } from '../files/lock-uidlist.js';
import {
  currentListing,
  type Mailbox,
  readGarbledUidList,
  readUidList,
  writeUidList,
} from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { assertOwnFolder } from '../layout/assert-folder-is-owners.js';
import { compareArrivals } from '../layout/message-base-name.js';
import { flagsOfLetters, type LetterNames, plainLetters } from '../layout/message-file-name-flags.js';
import { fetchersOf } from './detect-fetch-programs.js';

/** What `MailStore.scan` promises, for a Maildir. */
export async function scanMailbox(
  parts: MaildirParts,
  mailbox: Mailbox,
  options: ScanOptions,
): Promise<Scan | 'unchanged' | null> {
  const { folder } = mailbox;
  assertOwnFolder(parts.location, folder);
  const before = stampFolder(folder);
  if (before === null) return absent(parts, mailbox);
  if (options.known === fingerprint(before.stamp, true)) return 'unchanged';
  if (options.known === fingerprint(before.stamp, false) && !options.assignUids) return 'unchanged';

  let list = readUidList(folder);
  let listing = currentListing(mailbox, parts.party);
  if (listing === null) return absent(parts, mailbox);
  const announced = options.announced ?? noRefs;
  let recorded = recordedIn(listing, list);
  const complete = listing.duplicates.length === 0 && (list === null || lacksNone(listing, recorded, announced));
  if (options.assignUids && !complete) {
    const isWhole = listing.settled && listing.stamp === before.stamp;
    const seen = { list, listing, recorded, stamp: isWhole ? before.stamp : null };
    ({ list, listing, recorded } = await completeMailbox(parts, mailbox, { announced, seen }));
    if (listing === null) return absent(parts, mailbox);
  }
  mailbox.listing = listing;
  return describe(parts, mailbox, {
    list,
    listing,
    recorded,
    seenStamp: before.stamp,
    known: options.seen?.() ?? null,
  });
}

function absent(parts: MaildirParts, { folder }: Mailbox): null {
  if (folderState(parts.location, folder) === 'none') return null;
  throw damagedFolder(folder); // also a bare one: whoever asks for a mailbox knows it
}

/** `complete`: every message had a UID. */
function fingerprint(stamp: string, complete: boolean): string {
  return `maildir1 ${stamp}${complete ? '' : ' incomplete'}`;
}

const noRefs: ReadonlySet<string> = new Set();

/** The UIDs of files that are there, by base name. Where the list names one twice, the last counts, as to Dovecot. */
function recordedIn({ files }: Listing, list: UidList | null): ReadonlyMap<string, number> {
  const uids = new Map<string, number>();
  for (const record of list?.records ?? []) {
    const base = baseOf(record.name);
    if (files.has(base)) uids.set(base, record.uid); // else it is expunged
  }
  return uids;
}

function lacksNone({ files }: Listing, recorded: ReadonlyMap<string, number>, announced: ReadonlySet<string>): boolean {
  if (recorded.size === files.size) return true;
  for (const base of files.keys()) if (!recorded.has(base) && !announced.has(base)) return false;
  return true;
}

function describe(
  parts: MaildirParts,
  { folder, anyDelimiter }: Mailbox,
  seen: {
    list: UidList | null;
    listing: Listing;
    recorded: ReadonlyMap<string, number>;
    seenStamp: string;
    known: FilesAsSeen | null;
  },
): Scan {
  const { list, listing, recorded } = seen;
  const isDovecots = list !== null || parts.isDovecots();
  const keywords = isDovecots ? readKeywords(folder.control) : [];
  const names = isDovecots ? lettersOfKeywords(keywords) : plainLetters;
  const reader = flagReader(names, anyDelimiter);
  const salvaged = list === null ? readGarbledUidList(folder) : null;
  const messages: ScannedMessage[] = [];
  let unchanged = 0;
  let isNamed = true;
  const note = (ref: string, uid: number | null, path: string): void => {
    const shown = reader.read(path);
    if (shown.keywordsLost === true) isNamed = !isDovecots;
    if (seen.known?.isAsSeen(ref, uid, shown.flags) === true && shown.keywordsLost !== true) unchanged += 1;
    else messages.push({ ref, uid, ...shown });
  };
  for (const [base, uid] of recorded) note(base, uid, listing.files.get(base) ?? base);
  for (const [base, path] of listing.files) if (!recorded.has(base)) note(base, null, path);

  const reliable = listing.settled && listing.stamp === seen.seenStamp && isNamed;
  const partial: Trouble[] = listing.isPartial ? [{ subject: folder.name, failure: withoutNew(folder) }] : [];
  const fetchers = fetchersOf(listing.files.keys());
  const complete = list === null || (recorded.size === listing.files.size && listing.duplicates.length === 0);
  return {
    uids: list === null ? null : { uidValidity: list.uidValidity, uidNext: uidNextOf(list) },
    ...(list === null && isDovecots ? { uidsWanted: { above: (salvaged?.uidNext ?? 1) - 1 } } : {}),
    messages,
    ...(seen.known === null ? {} : { sinceSeen: { unchanged, absent: [...seen.known.absent()] } }),
    spelledKeywords: spelledKeywords(keywords),
    fingerprint: reliable ? fingerprint(listing.stamp, complete) : null,
    mailboxId: list?.mailboxGuid ?? salvaged?.mailboxGuid ?? null,
    ...(fetchers.length === 0 ? {} : { fetchers }),
    ...(listing.isPartial ? { isPartial: true as const } : {}),
    troubles: [...partial, ...listing.troubles, ...listing.duplicates.map((path) => duplicate(path, anyDelimiter))],
  };
}

type ReadFlags = Pick<ScannedMessage, 'flags' | 'keywordsLost'>;

/** Most messages share a handful of flag combinations: each is parsed once. */
function flagReader(names: LetterNames, anyDelimiter: boolean): { read(path: string): ReadFlags } {
  const known = new Map<string, ReadFlags>();
  return {
    read(path) {
      const letters = lettersInPath(path, anyDelimiter);
      const seen = known.get(letters);
      if (seen !== undefined) return seen;
      const shown = flagsOfLetters(letters, names);
      const flags = shown.has(passingKeyword) ? new Set([...shown].filter((flag) => flag !== passingKeyword)) : shown;
      const read = hasUnnamed(letters, names) ? { flags, keywordsLost: true as const } : { flags };
      known.set(letters, read);
      return read;
    },
  };
}

function duplicate(path: string, anyDelimiter: boolean): Trouble {
  const failure = new Failure('store-damaged', `two files have the name ${parseMessagePath(path, anyDelimiter).base}`, {
    hint: 'The next export, import or sync gives one of them another name.',
  });
  return { subject: path, failure };
}

/** A UID list, the files, and which of these it gives UIDs to. */
type Completed = {
  readonly list: UidList | null;
  readonly listing: Listing | null;
  readonly recorded: ReadonlyMap<string, number>;
};

/**
 * Gives what has no UID one, as Dovecot would at the next look, and a file whose name another has a name of its own.
 * `seen`: what was read just now, to be relied upon as long as the stamp of the folder is that one.
 */
async function completeMailbox(
  parts: MaildirParts,
  mailbox: Mailbox,
  {
    announced,
    seen,
  }: {
    readonly announced: ReadonlySet<string>;
    readonly seen: Completed & { readonly listing: Listing; readonly stamp: string | null };
  },
): Promise<Completed> {
  const { folder } = mailbox;
  if (seen.list === null) {
    const { listing } = seen;
    const now = separate(parts, mailbox, listing) ? listFolder(mailbox, parts.party.now) : listing;
    return { list: null, listing: now, recorded: new Map() };
  }
  const lock = await lockUidList(parts, folder);
  try {
    const isAsSeen = stampFolder(folder)?.stamp === seen.stamp;
    const list = isAsSeen ? seen.list : readUidList(folder);
    let listing = isAsSeen ? seen.listing : listFolder(mailbox, parts.party.now);
    if (listing !== null && separate(parts, mailbox, listing)) {
      listing = listFolder(mailbox, parts.party.now);
    }
    if (list === null || listing === null) return { list, listing, recorded: new Map() };
    const recorded = listing === seen.listing ? seen.recorded : recordedIn(listing, list);
    if (lacksNone(listing, recorded, announced)) return { list, listing, recorded };
    const completed = withRecords(list, listing, { recorded, announced });
    writeUidList(folder, completed, parts.party);
    const after = relistFolder(mailbox, listing, parts.party.now);
    const files = after && without(after, arrivedSince(listing, after));
    if (files === null || files.files !== listing.files) {
      return { list: completed, listing: files, recorded: files === null ? recorded : recordedIn(files, completed) };
    }
    const added = completed.records.slice(list.records.length);
    const uids = new Map(recorded);
    for (const { uid, name } of added) if (listing.files.has(baseOf(name))) uids.set(baseOf(name), uid);
    return { list: completed, listing: files, recorded: uids };
  } finally {
    lock.release();
  }
}

/**
 * Dovecot delivers without the lock where it cannot have it at once. Such mail has no UID yet, and is for the next
 * look.
 */
function arrivedSince(before: Listing, after: Listing): ReadonlySet<string> {
  if (after.files === before.files) return noRefs;
  return new Set([...after.files.keys()].filter((base) => !before.files.has(base)));
}

function without(listing: Listing, bases: ReadonlySet<string>): Listing {
  if (bases.size === 0) return listing;
  return { ...listing, files: new Map([...listing.files].filter(([base]) => !bases.has(base))), settled: false };
}

function withRecords(
  list: UidList,
  listing: Listing,
  { recorded, announced }: { readonly recorded: ReadonlyMap<string, number>; readonly announced: ReadonlySet<string> },
): UidList {
  const missing: string[] = [];
  for (const base of listing.files.keys()) if (!recorded.has(base) && !announced.has(base)) missing.push(base);
  let uid = uidNextOf(list);
  const records = [...list.records];
  for (const base of missing.sort(compareArrivals)) {
    if (uid > uidMax) break; // 32 bits are used up: what is left stays without
    records.push({ uid, fields: '', name: basename(listing.files.get(base) ?? base) });
    uid++;
  }
  return { ...list, headerUidNext: uid, records };
}

/**
 * True where anything was done. Two names of one file become one. Of two files that share a base name nobody can tell
 * by the name which is the message that was known: both get names of their own, and each is then known by its text.
 */
function separate(parts: MaildirParts, { folder: { directory }, anyDelimiter }: Mailbox, listing: Listing): boolean {
  const shared = new Set<string>();
  const rename = (path: string): string => {
    const suffix = basename(path).slice(parseMessagePath(path, anyDelimiter).base.length);
    const to = join(directory, dirname(path), parts.freshBase('') + suffix);
    // A mail program may have been quicker; and what is no file is no message, whatever it is called.
    ifPresent(() => statSync(join(directory, path)).isFile() && renameSync(join(directory, path), to));
    return to;
  };
  for (const path of listing.duplicates) {
    const { base } = parseMessagePath(path, anyDelimiter);
    const other = listing.files.get(base);
    if (other === undefined) continue;
    if (inodeOf(join(directory, path)) === inodeOf(join(directory, other))) {
      // Where one directory has just become a link to the other, the two names are one, and there is no second.
      const aside = rename(path);
      if (inodeOf(join(directory, other)) !== null) removeName(aside);
      else ifPresent(() => renameSync(aside, join(directory, path)));
    } else {
      rename(path);
      shared.add(other);
    }
  }
  for (const path of shared) rename(path);
  return listing.duplicates.length > 0;
}

/** Null where there is no such file any more. */
function inodeOf(path: string): bigint | null {
  return ifPresent(() => lstatSync(path, { bigint: true }).ino);
}
