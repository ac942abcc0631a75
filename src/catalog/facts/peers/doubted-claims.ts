import { invariant } from '../../../failure.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { isHostId, readList, writeJson } from '../json-fact.js';

const key = 'doubts';

/** So many are kept, inclusive, the newest: a bad peer could speak for any number of hosts. */
const doubtsMax = 64;

/** Somebody said more of a host than that host has signed, as far as the one who said it could show. */
export type Doubt = {
  readonly from: HostId;
  readonly of: HostId;
  /** One in which it did so. */
  readonly mailbox: MailboxName;
  readonly atS: number;
};

/** Those that are noted, the oldest first. */
export function doubtsIn(catalog: FactCatalog): readonly Doubt[] {
  return readList(catalog, key).map((row) => {
    const [from, of, mailbox, atS]: unknown[] = Array.isArray(row) ? row : [];
    invariant(isHostId(from) && isHostId(of), `the note ${key} names no hosts`);
    invariant(typeof mailbox === 'string' && typeof atS === 'number', `the note ${key} says not where and when`);
    return { from, of, mailbox, atS };
  });
}

/** Remembers what is doubted now, in the open transaction, and forgets what `isOver`. Answers what is new. */
export function rememberDoubts(
  catalog: FactCatalog,
  found: readonly Doubt[],
  isOver: (doubt: Doubt) => boolean,
): readonly Doubt[] {
  const before = doubtsIn(catalog);
  const known = new Set(before.map(pairOf));
  const added = new Map(found.filter((doubt) => !known.has(pairOf(doubt))).map((doubt) => [pairOf(doubt), doubt]));
  const still = new Set(found.map(pairOf));
  const kept = before.filter((doubt) => still.has(pairOf(doubt)) || !isOver(doubt));
  if (added.size === 0 && kept.length === before.length) return [];
  const rows = [...kept, ...added.values()]
    .slice(-doubtsMax)
    .map(({ from, of, mailbox, atS }) => [from, of, mailbox, atS]);
  writeJson(catalog, key, rows.length === 0 ? null : rows);
  return [...added.values()];
}

function pairOf({ from, of }: Doubt): string {
  return `${from} ${of}`;
}
