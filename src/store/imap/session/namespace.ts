import { inbox, type MailboxName, mailboxNameOf } from '../../../mail/mailbox-name.js';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../../mail/modified-utf7.js';

/** How a server spells the names of its user's own mailboxes, and which names are of others. */
export type Namespace = {
  /** What stands before every name but that of the inbox: empty, or `INBOX.`. */
  readonly prefix: string;
  /** Between the parts of a name; null where names have one part only. */
  readonly delimiter: string | null;
  /** Beginnings of names that are other people's mailboxes, or shared ones. */
  readonly foreign: readonly string[];
};

type Entry = { readonly prefix: string; readonly delimiter: string | null | undefined };

/** What NAMESPACE answered (RFC 2342); of several namespaces of one's own the first counts. */
export function namespaceOf(
  told: { personal: readonly Entry[]; other: readonly Entry[] | false; shared: readonly Entry[] | false } | undefined,
): Namespace {
  const { prefix = '', delimiter = '/' } = told?.personal[0] ?? {};
  const foreign = [...(told?.other || []), ...(told?.shared || [])].map((other) => other.prefix);
  return { prefix, delimiter, foreign: foreign.filter((beginning) => beginning !== '') };
}

/**
 * The name of a mailbox that the server spells so; null for what is not the user's, undefined where it can be no name
 * here: as it is not coded as it should be, or has a slash in a part.
 */
export function nameOfRaw(
  raw: string,
  delimiter: string | null,
  { prefix, foreign }: Namespace,
): MailboxName | null | undefined {
  if (foreign.some((beginning) => raw.startsWith(beginning))) return null;
  const isInbox = raw.toUpperCase() === inbox;
  const own = !isInbox && raw.startsWith(prefix) ? raw.slice(prefix.length) : raw;
  const parts = delimiter === null ? [own] : own.split(delimiter);
  const decoded = parts.map(decodeModifiedUtf7);
  if (decoded.some((part) => part === undefined)) return undefined;
  return mailboxNameOf(decoded.map((part) => part ?? ''));
}

/** How the server would spell a name; null where it cannot, as a part has what stands between parts there. */
export function rawOfName(name: MailboxName, { prefix, delimiter }: Namespace): string | null {
  if (name === inbox) return inbox;
  const parts = name.split('/');
  if (delimiter === null && parts.length > 1) return null;
  if (delimiter !== null && parts.some((part) => part.includes(delimiter))) return null;
  return prefix + parts.map(encodeModifiedUtf7).join(delimiter ?? '');
}
