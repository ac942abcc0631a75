import { unsettledMailboxes } from '../apply/unsettled.js';
import type { Session } from './session.js';

/** How long expunged mail can be brought back. Inclusive. As long as between two visits to a cabin, and as mail programs keep their trash. */
export const trashKeptDays = 30;

const dayS = 24 * 60 * 60;

/**
 * Lets go of what was expunged longer ago than that, and of what never has to be brought back: a message that was moved, or whose text
 * another copy has. `isTouched`: something was expunged since the last time; else there is hardly anything to look at.
 */
export async function tidyTrash(
  { catalog, store, nowMs }: Pick<Session, 'catalog' | 'store' | 'nowMs'>,
  { isTouched }: { readonly isTouched: boolean },
): Promise<void> {
  const isExpired = catalog.dropTrashBefore(Math.floor(nowMs() / 1000) - trashKeptDays * dayS);
  if (!isExpired && !isTouched) return;
  const rows = catalog.trash();
  await store.trash.drop(new Set(rows.map(({ guid }) => guid)));
  if (unsettledMailboxes(catalog).length > 0) return; // what was to be expunged may still be
  // What its user expunged before we could, or took out of the trash.
  const kept = await store.trash.guids();
  const gone = rows.filter(({ guid }) => !kept.has(guid));
  if (gone.length > 0) catalog.dropTrash(gone);
}
