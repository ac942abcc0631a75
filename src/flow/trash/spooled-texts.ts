import type { SpooledTexts } from '../../apply/context/available-texts.js';
import { areReceivedTextsKept } from '../../catalog/facts/runs/texts-of-interrupted-import.js';
import { indexMails, indexTexts } from '../../mail/text/text-guid-and-second-digest.js';
import type { Session } from '../session/account-session.js';

type Places = Pick<Session, 'catalog' | 'spool'>;

/** What lies in the spool, to be looked up by the mail that it is. */
export async function spooledTexts({ spool }: Pick<Session, 'spool'>): Promise<SpooledTexts> {
  return indexTexts(await spool.texts());
}

/**
 * Removes from the spool what no message waits for that could be delivered, and no interrupted import has left there.
 */
export async function dropUnawaited({ catalog, spool }: Places): Promise<void> {
  if (areReceivedTextsKept(catalog)) return;
  const guids = catalog.deliverableGuids();
  if (guids.length === 0) return spool.drop(new Set());
  const awaited = indexMails(catalog.textsNamed(guids));
  const kept = (await spool.texts()).filter((text) => awaited.of(text).length > 0);
  await spool.drop(new Set(kept.map(({ guid }) => guid)));
}
