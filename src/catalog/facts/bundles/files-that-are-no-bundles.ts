import { invariant } from '../../../failure.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { readList, writeJson } from '../json-fact.js';

const key = 'passed-over';

/** Places whose files are noted, inclusive: those looked at last. */
const placesMax = 8;

/** How a file that has the name of a bundle and is none was found. */
export type PassedOverFile = {
  /** Its size and times, as texts of numbers. */
  readonly stamp: string;
  readonly imprint: string | null;
  /** What is said of it. */
  readonly message: string;
  readonly hint: string | null;
};

/** Those of one place, by file name. `place` names a medium and a directory. */
export function passedOverFiles(catalog: FactCatalog, place: string): ReadonlyMap<string, PassedOverFile> {
  const found = readPlaces(catalog).find(([name]) => name === place)?.[1] ?? {};
  return new Map(Object.entries(found).map(([name, file]) => [name, parseFile(file)]));
}

/** Lays down those of one place, in place of those before, in the open transaction or one of its own. */
export function putPassedOverFiles(
  catalog: FactCatalog,
  place: string,
  files: ReadonlyMap<string, PassedOverFile>,
): void {
  const others = readPlaces(catalog).filter(([name]) => name !== place);
  const now = files.size === 0 ? others : [...others, [place, Object.fromEntries(files)] as const];
  writeJson(catalog, key, now.length === 0 ? null : now.slice(-placesMax));
}

function readPlaces(catalog: FactCatalog): readonly (readonly [place: string, files: object])[] {
  return readList(catalog, key).map((entry) => {
    const [place, files]: unknown[] = Array.isArray(entry) ? entry : [];
    invariant(typeof place === 'string' && typeof files === 'object' && files !== null, `the note ${key} has no place`);
    return [place, files];
  });
}

function parseFile(value: unknown): PassedOverFile {
  invariant(typeof value === 'object' && value !== null, `the note ${key} has no file`);
  const { stamp, imprint, message, hint } = value as Readonly<Record<string, unknown>>;
  invariant(typeof stamp === 'string' && typeof message === 'string', `the note ${key} says nothing of a file`);
  return {
    stamp,
    message,
    imprint: typeof imprint === 'string' ? imprint : null,
    hint: typeof hint === 'string' ? hint : null,
  };
}
