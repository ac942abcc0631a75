import { resolve } from 'node:path';
import { beginsLikeBundle } from '../../bundle/read/does-file-begin-like-bundle.js';
import {
  type PassedOverFile,
  passedOverFiles,
  putPassedOverFiles,
} from '../../catalog/facts/bundles/files-that-are-no-bundles.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import { advice, Failure, typed } from '../../failure.js';
import { type FileKind, shownKind } from '../../fs/open-untrusted-file.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { SeenMedium } from '../../medium/medium-identity.js';
import type { BundleFile, MediumListing } from '../../medium/name-and-list-bundle-files.js';

// Files that have the name of a bundle and are none may lie on a stick in any number and size. What was looked at and
// is nothing is told of again from what is noted here, and not read again as long as its size and times are the same.

/**
 * Files that are told of one by one, inclusive; the rest is counted. As many as a terminal is shown at once, with the
 * count.
 */
const toldMax = 8;

/** Files that are noted in one place, inclusive. Of others the beginning is read again. */
const notedMax = 100;

/**
 * A file may change once more without another time being noted for it: that long ago it must have changed.
 * Milliseconds.
 */
const restMs = 50;
/** The same where the file system knows no parts of a second; FAT counts in twos. */
const coarseRestMs = 3000;

/** What is no bundle in one place. */
export type PassedOver = {
  /** Why it is none, where that is known. `isTold`: it was counted otherwise. */
  known(
    file: BundleFile,
  ): { readonly imprint: string | null; readonly failure: Failure; readonly isTold: boolean } | null;
  /** Is it none, and one too many to be told of? It is counted then. Only its beginning is read, and that is noted. */
  isOneOfMany(file: BundleFile): boolean;
  /** It was looked at, and is none. */
  note(file: BundleFile, found: { readonly imprint: string | null; readonly failure: Failure }): void;
  /** Why what is no file was not looked at; null where it is one too many, and counted. */
  unusable(found: MediumListing['unusable'][number]): Failure | null;
  /** To be asked when all was looked at: keeps the notes, and tells of those that were only counted. */
  end(): Trouble | null;
};

/** Begins a look through a directory, with what was noted there before. `nowMs`: milliseconds since 1970. */
export function passedOverIn(catalog: FactCatalog, { directory, id }: SeenMedium, nowMs: () => number): PassedOver {
  const place = `${id ?? ''} ${resolve(directory)}`;
  const before = passedOverFiles(catalog, place);
  const after = new Map<string, PassedOverFile>();
  let told = 0;
  let counted = 0;
  let example = '';
  const isToTell = (fileName: string): boolean => {
    if (told < toldMax) {
      told++;
      return true;
    }
    counted++;
    example = fileName;
    return false;
  };
  const keep = (file: BundleFile, said: Omit<PassedOverFile, 'stamp'>): void => {
    if (after.size < notedMax && isAtRest(file, nowMs())) after.set(file.fileName, { stamp: stampOf(file), ...said });
  };
  return {
    known(file) {
      const note = before.get(file.fileName);
      if (note === undefined || note.stamp !== stampOf(file)) return null;
      after.set(file.fileName, note);
      const { imprint, message, hint } = note;
      const isTold = isToTell(file.fileName);
      return { imprint, isTold, failure: new Failure('bundle-damaged', message, hint === null ? {} : { hint }) };
    },
    isOneOfMany(file) {
      if (file.sizeBytes > 0 && beginsLikeBundle(file.path)) return false;
      if (isToTell(file.fileName)) return false;
      keep(file, { imprint: null, message: `reading ${file.path}: it does not begin as bundles do`, hint: null });
      return true;
    },
    note(file, { imprint, failure: { message, hint = null } }) {
      keep(file, { imprint, message, hint });
    },
    unusable: ({ fileName, kind }) => (isToTell(fileName) ? noFile(directory, fileName, kind) : null),
    end() {
      putPassedOverFiles(catalog, place, after);
      return counted === 0 ? null : { subject: directory, failure: many(directory, counted, example) };
    },
  };
}

function stampOf({ sizeBytes, changed: { mtimeNs, ctimeNs } }: BundleFile): string {
  return `${sizeBytes} ${mtimeNs} ${ctimeNs}`;
}

function isAtRest({ changed: { mtimeNs, ctimeNs } }: BundleFile, nowMs: number): boolean {
  const latestNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  const isCoarse = mtimeNs % 1_000_000_000n === 0n;
  return nowMs - Number(latestNs / 1_000_000n) > (isCoarse ? coarseRestMs : restMs);
}

function noFile(directory: string, fileName: string, kind: FileKind): Failure {
  return new Failure('io', `reading ${fileName} in ${directory}: it is ${shownKind(kind)}, and no bundle`, {
    hint: advice`Remove it. A bundle that lies elsewhere is taken by its own name: ${typed('mrepl', 'import', 'FILE')}`,
  });
}

function many(directory: string, count: number, example: string): Failure {
  return new Failure(
    'io',
    `reading the bundles in ${directory}: besides those named, ${count} that have the name of one are none, such as ${example}`,
    { hint: 'Remove them; nothing of them was used.' },
  );
}
