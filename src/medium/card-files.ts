import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import { ifPresent } from '../fs/errno.js';
import { isUnusable, readUntrusted, type UnusableFile } from '../fs/open-untrusted-file.js';
import { cardBytesMax } from '../trust/identity/identity-card.js';
import { mediumFailure } from './medium-failure.js';
import { legalName, partSuffix, removeFiles } from './name-and-list-bundle-files.js';
import { writeBundleFile } from './write-file-to-medium.js';

const cardSuffix = '.card';

/** Also `HOME.CARD`, and `home.card.txt` or `home.card(1)`, as somebody may have renamed one. */
const cardLike = /\.card(?![a-z0-9])/i;

export type CardFile = { readonly fileName: string; readonly bytes: Uint8Array };

/** What cards there are, and for those that no card can be, why. */
type CardListing = {
  readonly cards: readonly CardFile[];
  readonly unusable: readonly { readonly fileName: string; readonly failure: Failure }[];
};

/** Cards in the folder of an account, inclusive: far more than it can have hosts. Each that is new is asked about. */
const cardsMax = 4096;

/** The identity cards in the folder of an account, by name. Throws `medium-lost`, `io`. */
export function readCards(folder: string): CardListing {
  const cards: CardFile[] = [];
  const unusable: { fileName: string; failure: Failure }[] = [];
  try {
    const names = namesIn(folder).filter((name) => {
      return cardLike.test(name) && !name.startsWith('.') && !name.endsWith(partSuffix);
    });
    for (const fileName of names.sort().slice(0, cardsMax)) {
      const path = join(folder, fileName);
      try {
        const bytes = ifPresent(() => readUntrusted(path, { links: 'refuse', bytesMax: cardBytesMax }));
        if (bytes !== null) cards.push({ fileName, bytes });
      } catch (error) {
        if (!isUnusable(error)) throw error;
        unusable.push({ fileName, failure: noCard(error) });
      }
    }
    const left = names.length - cardsMax;
    if (left > 0) unusable.push({ fileName: folder, failure: tooMany(folder, left) });
    return { cards, unusable };
  } catch (error) {
    throw mediumFailure(`reading the cards in ${folder}`, error);
  }
}

function noCard(cause: UnusableFile): Failure {
  return new Failure('bundle-damaged', `reading a card: ${cause.message}; it was not taken up`, {
    hint: 'Remove it; the host that it should be of leaves its card with "mrepl pair DIR".',
    cause,
  });
}

function tooMany(folder: string, left: number): Failure {
  return new Failure(
    'bundle-damaged',
    `reading the cards in ${folder}: ${left} were not looked at, as there are over ${cardsMax}`,
    {
      hint: 'Remove those that are of no host of yours.',
    },
  );
}

function namesIn(folder: string): string[] {
  return ifPresent(() => readdirSync(folder)) ?? [];
}

/** A card that the user names. Throws `medium-lost`, `cannot-create`, `io`. */
export function readCard(path: string): CardFile {
  try {
    return { fileName: path, bytes: readUntrusted(path, { links: 'follow', bytesMax: cardBytesMax }) };
  } catch (error) {
    throw mediumFailure(`reading the card ${path}`, error);
  }
}

type NewCard = {
  readonly hostName: string;
  readonly bytes: Uint8Array;
  readonly old: string | null;
  /** As of a bundle that is written. */
  readonly confirm: () => void;
};

/**
 * Leaves a card in the folder, in place of `old`, an earlier one of the same host; else under a name that is free.
 * Answers its name. Throws as writing a bundle does.
 */
export async function leaveCard(folder: string, { hostName, bytes, old, confirm }: NewCard): Promise<string> {
  let fileName: string;
  try {
    if (old !== null) removeFiles(folder, [old]); // on FAT the old content could come back behind a rename
    fileName = freeName(legalName(hostName), new Set(namesIn(folder).map((name) => name.toLowerCase())));
  } catch (error) {
    throw mediumFailure(`making room for the card of this host in ${folder}`, error);
  }
  await writeBundleFile(join(folder, fileName), (sink) => sink.write(bytes), confirm);
  return fileName;
}

/** Removes cards of this host that a run which died was writing. Throws `medium-lost`, `io`, `cannot-create`. */
export function dropCardParts(folder: string, hostNames: readonly string[]): void {
  try {
    const isOurs = (name: string): boolean =>
      name.endsWith(cardSuffix + partSuffix) && hostNames.some((hostName) => isCardName(name, hostName));
    removeFiles(folder, namesIn(folder).filter(isOurs));
  } catch (error) {
    throw mediumFailure(`reading ${folder}`, error);
  }
}

/** Is it a name under which a host that calls itself so leaves its card, or a part of it? */
export function isCardName(fileName: string, hostName: string): boolean {
  const stem = legalName(hostName);
  return fileName.startsWith(stem) && /^(-\d+)?\.card(\.part)?$/.test(fileName.slice(stem.length));
}

function freeName(stem: string, taken: ReadonlySet<string>): string {
  for (let copy = 1; ; copy++) {
    const name = `${stem}${copy === 1 ? '' : `-${copy}`}${cardSuffix}`;
    if (!taken.has(name) && !taken.has(name + partSuffix)) return name;
  }
}
