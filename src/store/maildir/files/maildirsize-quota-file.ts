import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../../../fs/errno.js';
import { appendUntrusted, isUnusable, lookAt } from '../../../fs/open-untrusted-file.js';
import type { MaildirLocation } from '../layout/maildir-location.js';

const fileName = 'maildirsize';

/** A file larger than this is counted anew by whoever reads it next (Maildir++). In bytes, inclusive. */
const countedBytesMax = 5120;

/** What one batch does to the sizes that a Maildir++ quota adds up. */
export type QuotaNotes = {
  /** The file at this path has come. */
  come(path: string): void;
  /** Takes the file at this path away; counted only if that succeeds. */
  taking(path: string, take: () => Promise<void>): Promise<void>;
  /** Appends what was noted, in one line, as mail servers and delivery agents do beside us. */
  write(): void;
};

const nothing: QuotaNotes = { come: () => undefined, taking: (_path, take) => take(), write: () => undefined };

/**
 * Follows `maildirsize`, where somebody keeps one: lines of `BYTES COUNT` behind a first one with the limit, which is
 * its keeper's (Maildir++, and Dovecot's `quota = maildir`). Sizes are those of the files, in all mailboxes.
 */
export function quotaNotes(location: MaildirLocation): QuotaNotes {
  const path = quotaFile(location);
  if (path === null) return nothing;
  let bytes = 0;
  let count = 0;
  const sizeOf = (file: string): number => ifPresent(() => statSync(file).size) ?? 0;
  return {
    come(file) {
      bytes += sizeOf(file);
      count++;
    },
    async taking(file, take) {
      const size = sizeOf(file);
      await take();
      bytes -= size;
      count--;
    },
    write() {
      if (count !== 0 || bytes !== 0) append(path, `${bytes} ${count}\n`);
    },
  };
}

/**
 * Sees to it that everything is counted anew: what a run that died had done may not have been noted. The limit stays.
 */
export function recountQuota(location: MaildirLocation): void {
  const path = quotaFile(location);
  if (path !== null) append(path, '0 0\n'.repeat(Math.ceil(countedBytesMax / 4) + 1));
}

/** Nothing is noted in what is no such file, or has a name elsewhere: whoever keeps it will count anew some day. */
function append(path: string, text: string): void {
  if (lookAt(path) === null) return;
  try {
    appendUntrusted(path, text); // O_APPEND: one line at a time, whoever else writes
  } catch (error) {
    if (!isUnusable(error)) throw error;
  }
}

/** Where it is; null where nobody keeps one. */
export function quotaFile({ root, control }: MaildirLocation): string | null {
  const places = control === null ? [root] : [control, root];
  return places.map((place) => join(place, fileName)).find((path) => lookAt(path)?.isFile() === true) ?? null;
}
