import { invariant } from '../../../failure.js';
import { type Guid, guidPattern } from '../../../mail/text/text-guid.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { readList, writeJson } from '../json-fact.js';

const unreadableKey = 'left-out';
const roomKey = 'no-room';

/** Texts that earlier bundles should have had, and could not have. As many as there are in the store, at the most. */
type TextsToSendLater<Some extends Iterable<Guid> = readonly Guid[]> = {
  /** Their files could not be read, or held something else. */
  readonly unreadable: Some;
  /** There was no room for them. */
  readonly noRoom: Some;
};

/** Those that are noted. */
export function textsToSendLater(catalog: FactCatalog): TextsToSendLater {
  return { unreadable: guidsUnder(catalog, unreadableKey), noRoom: guidsUnder(catalog, roomKey) };
}

/** Lays them down in place of those before, in the open transaction or one of its own. */
export function putTextsToSendLater(catalog: FactCatalog, texts: TextsToSendLater<ReadonlySet<Guid>>): void {
  const { unreadable, noRoom } = texts;
  writeJson(catalog, unreadableKey, unreadable.size === 0 ? null : [...unreadable]);
  writeJson(catalog, roomKey, noRoom.size === 0 ? null : [...noRoom]);
}

/** Adds more to those that are noted, in the open transaction or one of its own. */
export function addTextsToSendLater(catalog: FactCatalog, more: TextsToSendLater<Iterable<Guid>>): void {
  const before = textsToSendLater(catalog);
  putTextsToSendLater(catalog, {
    unreadable: new Set([...before.unreadable, ...more.unreadable]),
    noRoom: new Set([...before.noRoom, ...more.noRoom]),
  });
}

function guidsUnder(catalog: FactCatalog, key: string): readonly Guid[] {
  return readList(catalog, key).map((guid) => {
    invariant(typeof guid === 'string' && guidPattern.test(guid), `the note ${key} is not a list of texts`);
    return guid;
  });
}
