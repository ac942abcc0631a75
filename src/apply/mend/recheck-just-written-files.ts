import { justWrittenFiles, type MessagePlace, putJustWrittenFiles } from '../../catalog/facts/just-written-files.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import { isOfOneThing } from '../../failure.js';
import { type FileStamp, sameStamp, secondOf } from '../../mail/file-change-stamp.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { type FlawNoter, noteFlaws } from './mend-damaged-texts.js';

// A file that had just been written when it was first read may have been half there: whoever copies into a mailbox in
// place, or writes a message anew, does not do it all at once. It is looked at once more by the next run, for the price
// of a stat.

/** Seconds within which a file counts as just written. Inclusive. */
const youngS = 60;

function isYoung(file: FileStamp, nowS: number): boolean {
  return Math.abs(nowS - secondOf(file)) <= youngS;
}

/** Remembers, in the open transaction, which of the files that were just read had just been written. */
export function noteYoung(
  { catalog, nowS }: { readonly catalog: FactCatalog; readonly nowS: () => number },
  mailbox: MailboxName,
  read: readonly { readonly ref: string; readonly file: FileStamp }[],
): void {
  const now = nowS();
  const young = read.filter(({ file }) => isYoung(file, now)).map(({ ref }): MessagePlace => [mailbox, ref]);
  if (young.length === 0) return;
  const all = new Map([...justWrittenFiles(catalog), ...young].map((place) => [place.join('/'), place]));
  putJustWrittenFiles(catalog, [...all.values()]);
}

/**
 * Looks at them once more, and remembers which hold something else now, as it does of any flawed text. One that still
 * counts as just written is looked at again by the next run.
 */
export async function lookAtYoung(bench: FlawNoter): Promise<void> {
  const { catalog, store } = bench;
  const places = justWrittenFiles(catalog);
  if (places.length === 0) return;
  const now = bench.nowS();
  const still: MessagePlace[] = [];
  for (const mailbox of new Set(places.map(([name]) => name))) {
    const refs = places.flatMap(([name, ref]) => (name === mailbox ? [ref] : []));
    try {
      for (const [ref, file] of await store.stamps(mailbox, refs)) {
        bench.signal.throwIfAborted();
        const noted = catalog.fileOf(mailbox, ref);
        if (noted === null) continue; // not a message any more
        if (!sameStamp(noted, file) || isCoarse(file)) await noteFlaws(bench, mailbox, [ref]);
        if (isYoung(file, now)) still.push([mailbox, ref]);
      }
    } catch (cause) {
      // The look that follows says what is wrong with the mailbox.
      if (!isOfOneThing(cause)) throw cause;
      for (const ref of refs) still.push([mailbox, ref]);
    }
  }
  putJustWrittenFiles(catalog, still);
}

/** On file systems that count whole seconds a file may be written twice at one time. */
function isCoarse({ mtimeNs }: FileStamp): boolean {
  return mtimeNs % 1_000_000_000n === 0n;
}
