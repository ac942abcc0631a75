import { readdirSync } from 'node:fs';
import { Failure } from '../../../failure.js';
import { ifPresent } from '../../../fs/errno.js';

const remedy =
  'Put an IMAP server such as Dovecot in front of a Maildir, move the mail there with that program, and give the Maildir to mrepl.';

/**
 * Refuses the mail directories of KMail and Thunderbird, which look like Maildirs in part and are none: KMail's
 * subfolders lie in `.NAME.directory`; Thunderbird has an index `NAME.msf` beside each folder. Throws `store-absent`.
 */
export function refuseForeignTree(root: string): void {
  const names = ifPresent(() => readdirSync(root)) ?? [];
  const isThunderbirds = names.some((name) => /.\.(?:msf|sbd)$/.test(name));
  if (isThunderbirds) {
    throw foreign(
      root,
      'it is a mail directory of Thunderbird, whose folders are mbox files, or Maildirs of its own kind',
    );
  }
  if (names.some((name) => /^\..+\.directory$/.test(name))) {
    throw foreign(root, 'it is a mail directory of KMail, which has subfolders where no other program looks for them');
  }
}

function foreign(root: string, why: string): Failure {
  return new Failure('store-absent', `${root} is not a Maildir: ${why}`, { hint: remedy });
}
