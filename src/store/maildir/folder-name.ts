import { inbox, type MailboxName, mailboxNameOf, partProblem } from '../../mail/mailbox-name.js';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../mail/modified-utf7.js';
import type { MaildirLocation } from './location.js';

type Spelling = Pick<MaildirLocation, 'layout' | 'utf8'>;

/** The directories that a mailbox consists of, and that therefore never are one. */
export const mailboxParts: readonly string[] = ['cur', 'new', 'tmp'];

/** What a mailbox's directory is called below the root, or why it cannot be called anything. */
export type Spelled = { readonly folder: string } | { readonly problem: string };

/** The longest file name there is, in bytes, inclusive (NAME_MAX on Linux). */
const nameBytesMax = 255;

/**
 * Files that Dovecot and delivery agents keep beside mailboxes, by their beginnings: a directory in the place of one would break the
 * mailbox that it lies in.
 */
const fileNames = /^(?:dovecot[-.]|subscriptions|maildirfolder|maildirsize|courierimap)/i;

/** The parts of a name as this store spells them, as in its directories and its subscriptions. */
export function spelledParts(name: MailboxName, { utf8 }: Spelling): string[] {
  return name.split('/').map((part) => (utf8 ? part : encodeModifiedUtf7(part)));
}

/** The mailbox that these parts stand for, or undefined where they are no mailbox name. */
export function nameOfSpelledParts(parts: readonly string[], { utf8 }: Spelling): MailboxName | undefined {
  if (utf8) return mailboxNameOf(parts);
  const decoded: string[] = [];
  for (const part of parts) {
    const text = decodeModifiedUtf7(part);
    if (text === undefined) return undefined;
    decoded.push(text);
  }
  return mailboxNameOf(decoded);
}

/** `A/B` is `.A.B` or `A/B`. The inbox has no folder of its own here: the empty string. */
export function folderOfName(name: MailboxName, spelling: Spelling): Spelled {
  if (name === inbox) return { folder: '' };
  const parts = spelledParts(name, spelling);
  const problem = name
    .split('/')
    .map(partProblem)
    .find((found) => found !== undefined);
  if (problem !== undefined) return { problem: `its name ${problem}` };
  if (mailboxNameOf(name.split('/')) !== name) return { problem: 'its name is not spelled as mailbox names are' };
  if (name.startsWith('~')) return { problem: 'its name begins with "~", which Dovecot does not open' };
  if (spelling.layout === 'fs') {
    if (parts.some((part) => mailboxParts.includes(part)))
      return { problem: 'cur, new and tmp are not names of mailboxes here' };
    if (parts.some((part) => fileNames.test(part)))
      return { problem: 'its name is one that mail servers use for files of their own here' };
    if (parts.some((part) => Buffer.byteLength(part) > nameBytesMax)) return { problem: 'its name is too long' };
    return { folder: parts.join('/') };
  }
  if (parts.some((part) => part.includes('.'))) {
    return { problem: 'its name has a dot, which separates mailboxes here (Maildir++)' };
  }
  const folder = `.${parts.join('.')}`;
  return Buffer.byteLength(folder) > nameBytesMax ? { problem: 'its name is too long' } : { folder };
}

/** The inverse for a directory found below the root; undefined where it names no mailbox, or the inbox over again. */
export function nameOfFolder(folder: string, spelling: Spelling): MailboxName | undefined {
  const parts = spelling.layout === 'fs' ? folder.split('/') : folder.slice(1).split('.');
  const name = nameOfSpelledParts(parts, spelling);
  return name === inbox ? undefined : name;
}
