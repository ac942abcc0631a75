import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ifPresent } from '../../../fs/errno.js';
import type { MaildirLocation } from '../layout/maildir-location.js';

/**
 * A program that fetches mail, and how the names show that it leaves. Names of programs are lower-case letters, digits
 * and dashes.
 */
type Trace = { readonly program: string; readonly shape: RegExp };

/**
 * In the names of message files: mbsync and OfflineIMAP note the UID that a message has where they fetched it,
 * OfflineIMAP with a hash of the folder's name; getmail puts 16 random hexadecimal digits where others put less.
 */
const messageTraces: readonly Trace[] = [
  { program: 'offlineimap', shape: /,U=\d+,FMD5=[\da-f]{32}/ },
  { program: 'mbsync', shape: /,U=\d+(?!\d|,FMD5=)/ },
  { program: 'getmail', shape: /^\d+\.M\d+P\d+(?:Q\d+)?R[\da-f]{16}\./ },
];

/** Beside the mail: what mbsync (with SyncState *, AltMap, or its own UIDs) and lieer keep. */
const fileTraces: readonly Trace[] = [
  { program: 'mbsync', shape: /^\.(?:mbsyncstate|isyncstate|isyncuidmap\.db|uidvalidity$)/ },
  { program: 'lieer', shape: /^\.(?:state\.)?gmailieer\.json$/ },
];

/** Programs that gave these message files their names. */
export function fetchersOf(bases: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const base of bases) {
    for (const { program, shape } of messageTraces) if (!found.has(program) && shape.test(base)) found.add(program);
    if (found.size === messageTraces.length) break;
  }
  return [...found].sort();
}

/**
 * Programs whose own files lie in the root, in the inbox, or, as lieer's do, beside a root that is called `mail`. One
 * listing of each.
 */
export function fetchersBeside({ root, inbox }: MaildirLocation): string[] {
  const found = new Set<string>();
  for (const directory of inbox === null ? [root] : [root, inbox]) {
    for (const name of ifPresent(() => readdirSync(directory)) ?? []) {
      for (const { program, shape } of fileTraces) if (shape.test(name)) found.add(program);
    }
  }
  if (ifPresent(() => statSync(join(dirname(root), '.gmailieer.json'))) !== null) found.add('lieer');
  return [...found].sort();
}
