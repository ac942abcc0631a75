import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../fs/errno.js';
import { cardBytesMax } from '../trust/card.js';
import { writeBundleFile } from './bundle-file.js';
import { legalName, partSuffix, removeFiles } from './medium.js';
import { mediumFailure } from './medium-failure.js';

const cardSuffix = '.card';

/** Also `HOME.CARD`, and `home.card.txt` or `home.card(1)`, as somebody may have renamed one. */
const cardLike = /\.card(?![a-z0-9])/i;

export type CardFile = { readonly fileName: string; readonly bytes: Uint8Array };

/** The identity cards in the folder of an account, by name; of one that is too large only the beginning, one byte too much. */
export function readCards(folder: string): CardFile[] {
  try {
    const names = (ifPresent(() => readdirSync(folder)) ?? [])
      .filter((name) => cardLike.test(name) && !name.startsWith('.') && !name.endsWith(partSuffix))
      .sort();
    return names.flatMap((fileName) => {
      const path = join(folder, fileName);
      const stats = ifPresent(() => statSync(path));
      if (stats === null || !stats.isFile()) return [];
      const bytes = stats.size > cardBytesMax ? Buffer.alloc(cardBytesMax + 1) : ifPresent(() => readFileSync(path));
      return bytes === null ? [] : [{ fileName, bytes }];
    });
  } catch (error) {
    throw mediumFailure(`reading the cards in ${folder}`, error);
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
 * Leaves a card in the folder, in place of `old`, an earlier one of the same host; else under a name that is free. Answers its name.
 * Throws as writing a bundle does.
 */
export async function leaveCard(folder: string, { hostName, bytes, old, confirm }: NewCard): Promise<string> {
  const taken = new Set(readCards(folder).map(({ fileName }) => fileName));
  if (old !== null) {
    try {
      rmSync(join(folder, old), { force: true }); // on FAT the old content could come back behind a rename
    } catch (error) {
      throw mediumFailure(`removing ${join(folder, old)}`, error);
    }
    taken.delete(old);
  }
  const fileName = freeName(legalName(hostName), taken);
  await writeBundleFile(join(folder, fileName), (sink) => sink.write(bytes), confirm);
  return fileName;
}

/** Removes cards of this host that a run which died was writing. Throws `medium-lost`, `io`, `cannot-create`. */
export function dropCardParts(folder: string, hostNames: readonly string[]): void {
  try {
    const isOurs = (name: string): boolean =>
      name.endsWith(cardSuffix + partSuffix) && hostNames.some((hostName) => isCardName(name, hostName));
    removeFiles(folder, (ifPresent(() => readdirSync(folder)) ?? []).filter(isOurs));
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
    if (!taken.has(name)) return name;
  }
}
