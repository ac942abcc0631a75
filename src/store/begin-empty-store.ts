import { beginEmpty, couldBeginEmpty, emptyMaildirDirectories } from './maildir/files/begin-empty-maildir.js';
import { parseMaildirLocation } from './maildir/layout/maildir-location.js';

/** A store that is not there yet, and could be made. */
export type EmptyStore = {
  /** Where it would be. */
  readonly root: string;
  /** The directories that make it one. */
  readonly directories: readonly string[];
  /** Makes it. Throws `cannot-create`. */
  begin(): void;
};

/**
 * The empty store that could be made where a user says that the mail is; null where something is there, and where it
 * is not for mrepl to make one. Throws `usage` as `openNewStore` does.
 */
export function emptyStoreAt(spec: string, home: string): EmptyStore | null {
  const scheme = /^([a-z][a-z0-9+-]*):/i.exec(spec)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'maildir') return null;
  const location = parseMaildirLocation(spec, home);
  if (!couldBeginEmpty(location)) return null;
  return { root: location.root, directories: emptyMaildirDirectories(location), begin: () => beginEmpty(location) };
}
