import { isOfOneThing } from '../failure.js';
import type { BodySum } from '../mail/body-sum.js';
import type { Guid } from '../mail/guid.js';
import type { Session } from './session.js';

/** Of these texts, which messages here wait for and no message here has, those that lie in the trash: expunged here, and back, or moved, since. */
export async function trashedAmong({ store }: Pick<Session, 'store'>, guids: readonly Guid[]): Promise<Guid[]> {
  if (guids.length === 0) return [];
  const kept = await store.trash.guids();
  return guids.filter((guid) => kept.has(guid));
}

/** Puts such texts into the spool. Answers the bytes of each; one that turns out to be damaged is left out: it has to come from elsewhere. */
export async function spoolTrashed(
  { catalog, store, signal }: Pick<Session, 'catalog' | 'store' | 'signal'>,
  guids: readonly Guid[],
): Promise<ReadonlyMap<Guid, number>> {
  const sizes = new Map<Guid, number>();
  const bodies = new Map<Guid, BodySum>();
  for (const guid of guids) {
    signal.throwIfAborted();
    try {
      const { sizeBytes, body } = await store.trash.spool(guid);
      sizes.set(guid, sizeBytes);
      bodies.set(guid, body);
    } catch (cause) {
      if (!isOfOneThing(cause, 'store-damaged')) throw cause;
    }
  }
  if (bodies.size > 0) catalog.noteBodies(bodies);
  return sizes;
}
