import type { Bench } from '../../apply/context/run-context.js';
import { readAnew, whyUnsendable } from '../../bundle/write/retry-or-leave-out-text.js';
import type { Catalog } from '../../catalog/interface/catalog.js';
import { invariant } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { type Guid, guidPattern } from '../../mail/text/text-guid.js';
import { type PlacedText, textCollector } from './outgoing-texts.js';

const key = 'left-out';
const roomKey = 'no-room';

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
export function damagedGuids(catalog: Catalog): ReadonlySet<Guid> {
  return new Set(catalog.flawedTexts().flatMap(({ guid, wanted, kind }) => (kind === 'damaged' ? [guid, wanted] : [])));
}

/**
 * Tries again what could not be read when a bundle was written: nobody else may have it, and not every receiver can ask. What there was no
 * room for is ready.
 */
export async function leftOutTexts(bench: Bench): Promise<LeftOut> {
  const collector = textCollector(bench);
  const damaged = damagedGuids(bench.catalog);
  const awaited = readNote(bench.catalog, key).filter((guid) => !collector.addCopy(guid) && damaged.has(guid));
  const texts = collector.all();
  const left: Trouble[] = [];
  const ready = readNote(bench.catalog, roomKey).filter(
    (guid) => bench.catalog.copyOf(bench.catalog.textNamed(guid)) !== null,
  );
  for (const text of texts) {
    const failure = whyUnsendable(text);
    if (failure !== null) left.push({ subject: text.guid, failure });
    else if ((await readAnew(text, left)) !== null) ready.push(text.guid);
  }
  return { ready, still: [...awaited, ...left.map(({ subject }) => subject)], left, texts };
}

/** Commits (or adds to the open transaction) which texts are to be tried again, and for which there was no room. */
export function noteLeftOut(catalog: Catalog, unreadable: ReadonlySet<Guid>, noRoom: ReadonlySet<Guid>): void {
  writeNote(catalog, key, unreadable);
  writeNote(catalog, roomKey, noRoom);
}

/** Adds what a bundle that has just been written lacks: the run may not come to its end. */
export function noteLeftBehind(
  catalog: Catalog,
  { unreadable, noRoom }: { readonly unreadable: Iterable<Guid>; readonly noRoom: Iterable<Guid> },
): void {
  for (const [note, guids] of [
    [key, unreadable],
    [roomKey, noRoom],
  ] as const) {
    const more = [...guids];
    if (more.length > 0) writeNote(catalog, note, new Set([...readNote(catalog, note), ...more]));
  }
}

function writeNote(catalog: Catalog, note: string, guids: ReadonlySet<Guid>): void {
  if (guids.size === 0 && catalog.note(note) === null) return;
  catalog.setNote(note, guids.size === 0 ? null : JSON.stringify([...guids]));
}

/** Troubles with texts, under the names of the messages. */
export function placed(troubles: readonly Trouble[], texts: readonly PlacedText[]): Trouble[] {
  const places = new Map(texts.map(({ guid, place }) => [guid, place]));
  return troubles.map(({ subject, failure }) => ({ subject: places.get(subject) ?? subject, failure }));
}

function readNote(catalog: Catalog, note: string): Guid[] {
  const guids: unknown = JSON.parse(catalog.note(note) ?? '[]');
  const isGuid = (guid: unknown): guid is Guid => typeof guid === 'string' && guidPattern.test(guid);
  invariant(Array.isArray(guids) && guids.every(isGuid), `the note ${note} is not a list of texts`);
  return guids;
}
