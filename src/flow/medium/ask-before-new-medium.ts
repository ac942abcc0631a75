import { dirname } from 'node:path';
import { Failure } from '../../failure.js';
import { realPath } from '../../fs/real-path.js';
import { mediumFailure } from '../../medium/medium-failure.js';
import type { SeenMedium } from '../../medium/medium-identity.js';
import { isBelow, type UnlikelyPlace, type UserPlaces, unlikelyPlace } from '../../medium/places-unlike-a-medium.js';
import { isMailDirectory } from '../../store/is-mail-directory.js';
import { pathsOfStore } from '../../store/paths-and-settings-of-store.js';
import type { Session } from '../session/account-session.js';

/** Why a directory is hardly meant to become a medium; `store`: mail lies above it. */
export type UnlikelyMedium = { readonly directory: string; readonly why: UnlikelyPlace | 'store' };

/** What is needed to ask before a directory becomes a medium that is hardly meant to. */
export type NewMediumPolicy = {
  readonly user: UserPlaces;
  /** Answers whether it is meant all the same; null where there is nobody to ask. */
  readonly accept: (question: UnlikelyMedium) => Promise<boolean | null>;
};

/**
 * Asks before a home directory, the root, a directory that others are mounted in, or one within a store becomes a
 * medium. One that is a medium already is asked of no more, and without a policy nothing is. Throws `usage` where the
 * answer is no or nobody gives one.
 */
export async function askBeforeNewMedium(
  session: Session,
  { directory, id }: SeenMedium,
  policy: NewMediumPolicy | undefined,
): Promise<void> {
  if (id !== null || policy === undefined) return;
  const why = whyUnlikely(session, directory, policy.user);
  if (why === null || (await policy.accept({ directory, why })) === true) return;
  throw new Failure('usage', `using ${directory}: ${reasons[why]}; nothing was changed`, {
    hint: 'Name a stick, or a directory of its own that gets to the other hosts. If this one is meant, add --new-medium.',
  });
}

const reasons: Readonly<Record<UnlikelyMedium['why'], string>> = {
  root: 'it is the root directory, and no medium yet',
  home: 'it is the home directory, and no medium yet',
  mounts: 'sticks are mounted below it, and it is no medium itself yet',
  store: 'it lies within a mail store, and is no medium yet',
};

function whyUnlikely(
  { store }: Pick<Session, 'store'>,
  directory: string,
  user: UserPlaces,
): UnlikelyMedium['why'] | null {
  try {
    return unlikelyPlace(directory, user) ?? (isWithinStore(directory, store.description) ? 'store' : null);
  } catch (cause) {
    throw mediumFailure(`looking at ${directory}`, cause);
  }
}

/** Does it lie below this store, or below any Maildir? `store` is as `MailStore.description` has it. */
function isWithinStore(directory: string, store: string): boolean {
  const place = realPath(directory);
  if (pathsOfStore(store).some((path) => isBelow(place, realPath(path)))) return true;
  for (let above = dirname(place); above !== dirname(above); above = dirname(above)) {
    if (isMailDirectory(above, store)) return true;
  }
  return false;
}
