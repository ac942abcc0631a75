import { randomBytes } from 'node:crypto';
import { mediumMountedAt, rememberMedium } from '../../catalog/facts/bundles/directories-where-media-were-mounted.js';
import { Failure } from '../../failure.js';
import { mediumFailure } from '../../medium/medium-failure.js';
import { type SeenMedium, seeMedium } from '../../medium/medium-identity.js';
import { isMountPoint } from '../../medium/name-and-list-bundle-files.js';
import { isMailDirectory } from '../../store/is-mail-directory.js';
import type { Session } from '../session/account-session.js';

/** Random, for a stick that has no id yet. */
export function newMediumId(): string {
  return randomBytes(16).toString('hex');
}

/** Notes that a directory is a stick of ours, so that its empty mount point is known for what it is. */
export function noteMedium({ catalog }: Pick<Session, 'catalog'>, directory: string, id: string): void {
  rememberMedium(catalog, directory, { id, mounted: isMountPoint(directory) });
}

/**
 * Looks at a directory that something is to be left in: at first of all, as a stick may be pulled at any time from then
 * on.
 */
export function seeTarget(session: Pick<Session, 'catalog' | 'store'>, directory: string): SeenMedium {
  const seen = seeSource(session, directory);
  refuseMailDirectory(session, directory);
  return seen;
}

/** The same where it is only read. */
export function seeSource(session: Pick<Session, 'catalog' | 'store'>, directory: string): SeenMedium {
  const seen = seeMedium(directory);
  refuseEmptyMountPoint(session, seen);
  return seen;
}

/**
 * Stops whoever uses the empty mount point of a stick that is not there: what was left would be on the system disk. A
 * directory that was a stick of ours is known by its mark and by being a device of its own.
 */
function refuseEmptyMountPoint({ catalog }: Pick<Session, 'catalog'>, { directory, id: found }: SeenMedium): void {
  const id = mediumMountedAt(catalog, directory);
  if (id === null || found === id || isMountPoint(directory)) return;
  throw new Failure(
    'medium-absent',
    `using ${directory}: a stick was mounted there before, and is not now; nothing was changed`,
    {
      hint: 'Mount it. If a plain directory is meant from now on, use another one.',
    },
  );
}

/**
 * Stops whoever names the mail itself as the place to leave something at: a folder there may be taken for a mailbox.
 */
function refuseMailDirectory({ store }: Pick<Session, 'store'>, directory: string): void {
  let isMail: boolean;
  try {
    isMail = isMailDirectory(directory, store.description);
  } catch (cause) {
    throw mediumFailure(`looking at ${directory}`, cause);
  }
  if (!isMail) return;
  throw new Failure('usage', `using ${directory}: mail lies in it; nothing was changed`, {
    hint: 'Name a stick, or any other directory that gets to the other hosts.',
  });
}
