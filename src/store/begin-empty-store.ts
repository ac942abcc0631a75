import { type DovecotQuestion, haveDovecotLook } from './maildir/discovery/ask-dovecot-for-paths.js';
import { beginEmpty, couldBeginEmpty, emptyMaildirDirectories } from './maildir/files/begin-empty-maildir.js';
import { parseMaildirLocation } from './maildir/layout/maildir-location.js';

/** A store that is not there yet, and could be made. */
export type EmptyStore = {
  /** Where it would be. */
  readonly root: string;
  /** The directories that make it one. */
  readonly directories: readonly string[];
  /** Makes it, and has a Dovecot that serves it look at it once. Throws `cannot-create`. */
  begin(): Promise<void>;
};

/**
 * The empty store that could be made where a user says that the mail is; null where something is there, and where it
 * is not for mrepl to make one. Throws `usage` as `openNewStore` does.
 */
export function emptyStoreAt(spec: string, question: DovecotQuestion): EmptyStore | null {
  const scheme = /^([a-z][a-z0-9+-]*):/i.exec(spec)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'maildir') return null;
  const location = parseMaildirLocation(spec, question.home);
  if (!couldBeginEmpty(location)) return null;
  const { root } = location;
  const begin = async (): Promise<void> => {
    beginEmpty(location);
    await haveDovecotLook(question, root);
  };
  return { root, directories: emptyMaildirDirectories(location), begin };
}
