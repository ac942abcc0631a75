import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { readList, writeJson } from './json-fact.js';

const key = 'young';

/**
 * So many files are remembered, inclusive: the last ones. A first look at a large store that was copied just before
 * finds more.
 */
const rememberedMax = 1000;

/** A message in the store, by its mailbox and its ref there. */
export type MessagePlace = readonly [mailbox: MailboxName, ref: string];

/** Messages whose files had just been written when they were read, and that are to be looked at once more. */
export function justWrittenFiles(catalog: FactCatalog): readonly MessagePlace[] {
  return readList(catalog, key).map((place) => {
    invariant(Array.isArray(place) && place.length === 2, `the note ${key} is not a list of messages`);
    const [mailbox, ref]: unknown[] = place;
    invariant(typeof mailbox === 'string' && typeof ref === 'string', `the note ${key} names no messages`);
    return [mailbox, ref];
  });
}

/** Lays them down in place of those before, in the open transaction or one of its own. */
export function putJustWrittenFiles(catalog: FactCatalog, places: readonly MessagePlace[]): void {
  writeJson(catalog, key, places.length === 0 ? null : places.slice(-rememberedMax));
}
