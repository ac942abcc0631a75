import { timeSeen } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import { unsettledMailboxes } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import type { Session } from '../session/account-session.js';
import { tidySetAside } from './tidy-replaced-files.js';

/**
 * How long expunged mail can be brought back. Inclusive. As long as between two visits to a cabin, and as mail programs
 * keep their trash.
 */
export const trashKeptDays = 30;

const dayS = 24 * 60 * 60;

/**
 * Lets go of what was expunged longer ago than that, as far as runs have seen the time pass
 * (`elapsed-time-despite-clock-jumps.ts`); of the oldest where the trash is larger than its user wants; and of what
 * never has to be brought back: a message that was moved, or whose text another copy has. `isTouched`: something was
 * expunged since the last time; else there is hardly anything to look at.
 */
export async function tidyTrash(
  session: Pick<Session, 'catalog' | 'trash' | 'nowMs' | 'trashBytesMax'>,
  { isTouched }: { readonly isTouched: boolean },
): Promise<void> {
  const { catalog, trash, nowMs, trashBytesMax = null } = session;
  const lastS = timeSeen(catalog, Math.floor(nowMs() / 1000)) - trashKeptDays * dayS;
  await tidySetAside(session, lastS);
  const isExpired = catalog.dropTrashBefore(lastS);
  const isTooLarge = trashBytesMax !== null && catalog.trashBytes() > trashBytesMax;
  if (isTooLarge) catalog.dropTrash(beyond(catalog.trash(), trashBytesMax));
  if (!isExpired && !isTouched && !isTooLarge) return;
  const rows = catalog.trash();
  await trash.drop(new Set(rows.map(({ guid }) => guid)));
  if (unsettledMailboxes(catalog).length > 0) return; // what was to be expunged may still be
  // What its user expunged before we could, or took out of the trash.
  const kept = await trash.guids();
  const gone = rows.filter(({ guid }) => !kept.has(guid));
  if (gone.length > 0) catalog.dropTrash(gone);
}

/**
 * The oldest of them, without which the rest is no larger than `bytesMax`. A text that several messages had counts
 * once.
 */
function beyond(oldestFirst: readonly Trashed[], bytesMax: number): readonly Trashed[] {
  const counted = new Set<string>();
  let bytes = 0;
  let kept = 0;
  for (const { guid, sizeBytes } of oldestFirst.toReversed()) {
    if (!counted.has(guid)) bytes += sizeBytes;
    if (bytes > bytesMax) break;
    counted.add(guid);
    kept += 1;
  }
  return oldestFirst.slice(0, oldestFirst.length - kept);
}
