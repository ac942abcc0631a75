import type { Bench } from '../../apply/context/run-context.js';
import { readAnew, whyUnsendable } from '../../bundle/write/retry-or-leave-out-text.js';
import { textsToSendLater } from '../../catalog/facts/bundles/texts-to-send-later.js';
import type { DamagedTextCatalog } from '../../catalog/interface/damaged-text-catalog.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { type PlacedText, textCollector } from './collect-texts-to-send.js';

/** Texts that earlier bundles should have had, and could not have. */
export type LeftOut = {
  /** They can be sent now. */
  readonly ready: readonly Guid[];
  /** They still cannot. */
  readonly still: readonly Guid[];
  /** Why, by guid. */
  readonly left: readonly Trouble[];
  readonly texts: readonly PlacedText[];
};

export const nothingLeftOut: LeftOut = { ready: [], still: [], left: [], texts: [] };

/** Texts that no sound file here has any more. */
export function damagedGuids(catalog: DamagedTextCatalog): ReadonlySet<Guid> {
  return new Set(catalog.flawedTexts().flatMap(({ guid, wanted, kind }) => (kind === 'damaged' ? [guid, wanted] : [])));
}

/**
 * Tries again what could not be read when a bundle was written: nobody else may have it, and not every receiver can
 * ask. What there was no room for is ready.
 */
export async function leftOutTexts(bench: Pick<Bench, 'catalog' | 'copy' | 'store'>): Promise<LeftOut> {
  const collector = textCollector(bench);
  const damaged = damagedGuids(bench.catalog);
  const { unreadable, noRoom } = textsToSendLater(bench.catalog);
  const awaited = unreadable.filter((guid) => !collector.addCopy(guid) && damaged.has(guid));
  const texts = collector.all();
  const left: Trouble[] = [];
  const ready = noRoom.filter((guid) => bench.catalog.copyOf(bench.catalog.textNamed(guid)) !== null);
  for (const text of texts) {
    const failure = whyUnsendable(text);
    if (failure !== null) left.push({ subject: text.guid, failure });
    else if ((await readAnew(text, left)) !== null) ready.push(text.guid);
  }
  return { ready, still: [...awaited, ...left.map(({ subject }) => subject)], left, texts };
}

/** Troubles with texts, under the names of the messages. */
export function placed(troubles: readonly Trouble[], texts: readonly PlacedText[]): Trouble[] {
  const places = new Map(texts.map(({ guid, place }) => [guid, place]));
  return troubles.map(({ subject, failure }) => ({ subject: places.get(subject) ?? subject, failure }));
}
