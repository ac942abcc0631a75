import { createHash } from 'node:crypto';
import {
  accountAtServer,
  isImapAddress,
  nameOfImapAccount,
  parseImapLocation,
  serverWords,
} from './imap/imap-location.js';
import { type MaildirLocation, parseMaildirLocation } from './maildir/layout/maildir-location.js';

/** Words of a Maildir's specification that say nothing of whose it is; what follows `=` is a path, but for LAYOUT. */
const maildirWords: readonly string[] = ['LAYOUT=fs', 'INBOX=', 'CONTROL=', 'INDEX=', 'UTF-8', 'LISTESCAPE'];

function kindOf(description: string): string {
  return /^([a-z][a-z0-9+-]*):/i.exec(description)?.[1]?.toLowerCase() ?? 'maildir';
}

/** Where a Maildir is, by `MailStore.description`; null for a store of another kind. */
export function maildirOf(description: string): MaildirLocation | null {
  return kindOf(description) === 'maildir' ? parseMaildirLocation(description, '/') : null;
}

/**
 * The directories in which a store has what belongs to it: none where it is on a server. `description` is as
 * `MailStore.description` has it.
 */
export function pathsOfStore(description: string): readonly string[] {
  const location = maildirOf(description);
  if (location === null) return [];
  const { root, inbox, control, index } = location;
  return [root, inbox, control, index].filter((path) => path !== null);
}

/**
 * Whose account on which server it is, whatever way leads there; null where the store is on this machine. `description`
 * is as `openNewStore` answers it.
 */
export function serverAccountOf(description: string): string | null {
  return isImapAddress(description) ? accountAtServer(parseImapLocation(description)) : null;
}

/** Hexadecimal digits by which two hosts find out that they have one account; null as `serverAccountOf` answers it. */
export function serverAccountId(description: string): string | null {
  const account = serverAccountOf(description);
  return account && createHash('sha256').update(`account on a server: ${account}`).digest('hex').slice(0, 32);
}

/**
 * A store for whoever reads a report: of an account on a server not how its password is got. `description` is as
 * `openNewStore` answers it.
 */
export function shownStore(description: string): string {
  return isImapAddress(description) ? nameOfImapAccount(parseImapLocation(description)) : description;
}

/**
 * What kind of store this is, and which of its settings are used, without paths and names, for a report that strangers
 * read. `description` is as `MailStore.description` has it; of a store that is no Maildir only the kind is said.
 */
export function storeSettingsWithoutPaths(description: string): string {
  const kind = kindOf(description);
  if (isImapAddress(description)) {
    const words = serverWords.filter((word) => description.includes(`?${word}=`) || description.includes(`&${word}=`));
    return [kind, ...words].join(', ');
  }
  if (kind !== 'maildir') return kind;
  return [kind, ...maildirWords.filter((word) => description.includes(`:${word}`))].join(', ');
}
