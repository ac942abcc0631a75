import type { MailboxName } from '../../../mail/mailbox-name.js';

/** Where one mailbox lies. */
export type Folder = {
  readonly name: MailboxName;
  /** Holds `cur`, `new` and `tmp`. */
  readonly directory: string;
  /** Holds `dovecot-uidlist` and `dovecot-keywords`; mostly the same. */
  readonly control: string;
  /** Holds Dovecot's indexes where they are not with the mail, else null. */
  readonly index: string | null;
  /** Directories among its own and those above whose names are shortened, and what each stands for: see `nameFile`. */
  readonly tails: readonly { readonly directory: string; readonly tail: string }[];
};
