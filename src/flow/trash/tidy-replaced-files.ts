import { filesSetAside, putFilesSetAside } from '../../catalog/facts/damaged-message-files-set-aside.js';
import { timeSeen } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import type { Session } from '../session/account-session.js';

/** Lets go of files that were damaged, replaced and put aside before `lastS` of the time seen to pass here. */
export async function tidySetAside(
  { catalog, trash, nowMs }: Pick<Session, 'catalog' | 'trash' | 'nowMs'>,
  lastS: number,
): Promise<void> {
  const names = await trash.setAside();
  const known = filesSetAside(catalog);
  if (names.size === 0 && known.size === 0) return;
  const nowS = timeSeen(catalog, Math.floor(nowMs() / 1000));
  const since = new Map([...names].sort().map((name) => [name, known.get(name) ?? nowS]));
  const old = new Set([...since].filter(([, seenS]) => seenS < lastS).map(([name]) => name));
  if (old.size > 0) await trash.dropSetAside(old);
  const isSame = old.size === 0 && since.size === known.size && [...since.keys()].every((name) => known.has(name));
  if (isSame) return;
  putFilesSetAside(catalog, new Map([...since].filter(([name]) => !old.has(name))));
}
