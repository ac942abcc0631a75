import { join } from 'node:path';
import { errnoOf } from '../../../fs/errno.js';
import { withOwnInbox } from '../files/find-inbox-subdirectory.js';
import { hasCur } from '../files/folder-kind.js';
import { type Subdirectory, subdirectories } from '../layout/list-subdirectories.js';
import type { MaildirLocation } from '../layout/maildir-location.js';

/** Where mail programs put a Maildir in a home directory, the most usual first. */
export const usualNames: readonly string[] = ['Maildir', 'Mail', '.maildir', 'mail'];

/**
 * The first of the usual directories that mail lies in, as its folders show it to be laid out; null where there is
 * none.
 */
export function findUsualLocation(home: string): MaildirLocation | null {
  for (const name of usualNames) {
    const location = locationByLook(join(home, name));
    if (location !== null) return location;
  }
  return null;
}

/**
 * What a directory looks like: folders that begin with a dot are Maildir++, others are directories within directories.
 * Null where no mail lies in it, and where it may not be looked into.
 */
function locationByLook(root: string): MaildirLocation | null {
  const all = subdirectoriesIfReadable(root);
  const folders = all.filter(isMailFolder);
  const isInbox = hasCur(root);
  const dotted = folders.filter(({ name }) => name.startsWith('.'));
  const plain = all.filter((each) => !each.name.startsWith('.') && (isMailFolder(each) || holdsFolders(each)));
  if (!isInbox && dotted.length + plain.length === 0) return null;
  const layout = plain.length > 0 && dotted.length === 0 ? 'fs' : 'maildir++';
  const utf8 = [...folders, ...plain].some(({ name, path }) => typeof path === 'string' && /[^\0-\x7f]/.test(name));
  return withOwnInbox({ root, layout, control: null, index: null, inbox: null, utf8 });
}

function isMailFolder({ path }: Subdirectory): boolean {
  return typeof path === 'string' && hasCur(path);
}

/** As `lists/work` in a directory `lists` that is no mailbox itself. */
function holdsFolders({ path }: Subdirectory): boolean {
  return typeof path === 'string' && subdirectoriesIfReadable(path).some(isMailFolder);
}

function subdirectoriesIfReadable(directory: string): readonly Subdirectory[] {
  try {
    return subdirectories(directory) ?? [];
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return []; // it is a file, or not the user's: then it is not where the user's mail is
  }
}
