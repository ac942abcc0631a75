import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { privateCustody, replaceFile } from '../../../fs/durable-write.js';
import { errnoOf } from '../../../fs/errno.js';
import { readUntrusted } from '../../../fs/open-untrusted-file.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { Guid } from '../../../mail/text/text-guid.js';

/**
 * Texts that the server did not take, or altered, so that none is sent to it again and again. Methods throw errors of
 * the system.
 */
export type RefusedTexts = {
  /** Why the server did not take a text into a mailbox lately; null where it did, or is to be asked again. */
  reason(mailbox: MailboxName, guid: Guid): string | null;
  note(mailbox: MailboxName, guid: Guid, reason: string): void;
};

/** So long a refusal holds, in seconds: servers learn, and limits are lifted. */
const believedS = 30 * 86_400;

/** Refusals that are remembered, inclusive; the oldest are forgotten first. */
const refusedMax = 10_000;

/** Bytes of the file, inclusive: so many refusals, each with a long line of the server, take less. */
const fileBytesMax = 16 << 20;

/** Characters of a reason that are kept, inclusive. */
const reasonMax = 500;

type Refusal = { readonly atS: number; readonly reason: string };

/** Opens what is remembered in `directory`, which is made when something is noted. What cannot be read is forgotten. */
export function refusedTexts(directory: string, now: () => number): RefusedTexts {
  const path = join(directory, 'refused.json');
  const nowS = (): number => Math.floor(now() / 1000);
  let kept: Map<string, Refusal> | null = null;
  const known = (): Map<string, Refusal> => {
    kept ??= new Map(read(path));
    return kept;
  };
  return {
    reason(mailbox, guid) {
      const refusal = known().get(keyOf(mailbox, guid));
      const ageS = nowS() - (refusal?.atS ?? 0);
      return refusal !== undefined && ageS >= 0 && ageS < believedS ? refusal.reason : null;
    },
    note(mailbox, guid, reason) {
      const refusals = known();
      refusals.delete(keyOf(mailbox, guid));
      refusals.set(keyOf(mailbox, guid), { atS: nowS(), reason: reason.slice(0, reasonMax) });
      for (const [oldest] of refusals) {
        if (refusals.size <= refusedMax) break;
        refusals.delete(oldest);
      }
      mkdirSync(directory, { recursive: true, mode: privateCustody.dirMode });
      replaceFile(path, JSON.stringify([...refusals]), privateCustody);
    },
  };
}

function keyOf(mailbox: MailboxName, guid: Guid): string {
  return createHash('sha256').update(`${guid} ${mailbox}`).digest('hex');
}

function read(path: string): readonly (readonly [string, Refusal])[] {
  try {
    const parsed: unknown = JSON.parse(readUntrusted(path, { links: 'refuse', bytesMax: fileBytesMax }).toString());
    return Array.isArray(parsed) ? parsed.filter(isEntry) : [];
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof SyntaxError)) throw error;
    return [];
  }
}

function isEntry(entry: unknown): entry is readonly [string, Refusal] {
  if (!Array.isArray(entry)) return false;
  const [key, refusal] = entry as readonly unknown[];
  const { atS, reason } = (refusal ?? {}) as Record<string, unknown>;
  return typeof key === 'string' && typeof atS === 'number' && typeof reason === 'string';
}
