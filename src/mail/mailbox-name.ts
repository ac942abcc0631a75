/**
 * The name of a mailbox, as everybody spells it: parts joined by `/`, in NFC, `INBOX` in capitals when it is the inbox
 * or the first part. Stores map it to and from their own spelling (Maildir++ dots, modified UTF-7, an IMAP server's
 * separator).
 */
export type MailboxName = string;

export const inbox: MailboxName = 'INBOX';

/**
 * The longest mailbox name, in UTF-8 bytes, inclusive: far above what one file name takes, far below a path's 4,096.
 */
const mailboxNameBytesMax = 1024;

/** Why this cannot be one part of a mailbox name, as the end of a sentence; undefined where it can. */
export function partProblem(part: string): string | undefined {
  if (part === '') return 'has an empty part';
  if (part === '.' || part === '..') return 'has a part that means a directory';
  if (part.includes('/')) return 'has a slash in a part';
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(part)) return 'has control characters';
  if (/\p{Surrogate}|\ufffd/u.test(part)) return 'is not valid Unicode';
  return undefined;
}

/** The name made of these parts, in its one spelling; undefined where a part cannot be one or the whole is too long. */
export function mailboxNameOf(parts: readonly string[]): MailboxName | undefined {
  if (parts.length === 0 || parts.some((part) => partProblem(part) !== undefined)) return undefined;
  const [first = '', ...rest] = parts.map((part) => part.normalize('NFC'));
  const name = [/^inbox$/i.test(first) ? inbox : first, ...rest].join('/');
  return Buffer.byteLength(name) > mailboxNameBytesMax ? undefined : name;
}

/**
 * What nobody sees: control and format characters, combining marks, fillers, blanks other than the one that everybody
 * types.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{M}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{White_Space}/gu;

/**
 * Does a name look like that of the inbox, or of a mailbox below it, without being one? So it does where the first part
 * is INBOX but for characters that nobody sees, for marks on its letters, for their width or style. Letters of other
 * alphabets are not looked at.
 */
export function looksLikeInbox(name: MailboxName): boolean {
  const first = name.slice(0, `${name}/`.indexOf('/'));
  if (first === inbox) return false;
  const plain = first.replace(unseen, '').normalize('NFKD').replace(unseen, '').trim();
  return plain.toUpperCase() === inbox;
}

/** Is this a mailbox name in its one spelling? For names from elsewhere. */
export function isMailboxName(text: string): boolean {
  return mailboxNameOf(text.split('/')) === text;
}
