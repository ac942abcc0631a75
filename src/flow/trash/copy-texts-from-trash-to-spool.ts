import { isOfOneThing } from '../../failure.js';
import type { BodySum } from '../../mail/text/body-checksum.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { indexTexts, type SizedText, type TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { Session } from '../session/account-session.js';

/**
 * The guids of texts that lie in the trash, one for each of these mails that lies there: expunged here, and back, or
 * moved, since. A copy with other stamped lines will do.
 */
export async function trashedAmong(
  { catalog, trash }: Pick<Session, 'catalog' | 'trash'>,
  mails: readonly TextId[],
): Promise<Guid[]> {
  if (mails.length === 0) return [];
  const kept = await trash.guids();
  if (kept.size === 0) return [];
  const known = catalog.trash().filter(({ guid }) => kept.has(guid));
  const texts = indexTexts([...[...kept].map((guid) => ({ guid })), ...known]);
  return [...new Set(mails.flatMap((mail) => texts.find(mail)?.guid ?? []))];
}

/**
 * Puts such texts into the spool. Answers them; one that turns out to be damaged is left out: it has to come from
 * elsewhere.
 */
export async function spoolTrashed(
  { catalog, trash, signal }: Pick<Session, 'catalog' | 'trash' | 'signal'>,
  guids: readonly Guid[],
): Promise<readonly SizedText[]> {
  const texts: SizedText[] = [];
  const bodies = new Map<Guid, BodySum>();
  for (const guid of guids) {
    signal.throwIfAborted();
    try {
      const { body, ...text } = await trash.copyToSpool(guid);
      texts.push(text);
      bodies.set(guid, body);
    } catch (cause) {
      if (!isOfOneThing(cause, 'store-damaged')) throw cause;
    }
  }
  if (bodies.size > 0) catalog.noteBodies(bodies);
  return texts;
}
