import { commandBytesMax } from './protocol-limits.js';

/** The largest UID there can be; `n:*` would name the last message even where that is below n. */
export const uidMax = 4_294_967_295;

/** UIDs as IMAP writes a set of them, in ascending order, neighbours as a range. Empty for none. */
export function formatUidSet(uids: readonly number[]): string {
  const sorted = [...new Set(uids)].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    const first = sorted[at] ?? 0;
    let last = first;
    while (sorted[at + 1] === last + 1) {
      last++;
      at++;
    }
    at++;
    ranges.push(first === last ? `${first}` : `${first}:${last}`);
  }
  return ranges.join(',');
}

/**
 * The same in sets that each fit into a command, of up to `countMax` UIDs. Half of the command is left for what else it
 * says.
 */
export function cutUidSets(uids: readonly number[], countMax: number): number[][] {
  const sorted = [...new Set(uids)].sort((a, b) => a - b);
  const digits = 11; // of a UID, with a comma: a set without ranges is the longest
  const each = Math.max(1, Math.min(countMax, Math.floor(commandBytesMax / 2 / digits)));
  const sets: number[][] = [];
  for (let at = 0; at < sorted.length; at += each) sets.push(sorted.slice(at, at + each));
  return sets;
}

/**
 * The UIDs of a set as a server writes it, in its order, as APPENDUID does. Null for what is no set, or names more than
 * `countMax`: a server may say `1:4294967295`.
 */
export function parseUidSet(text: string, countMax: number): readonly number[] | null {
  const uids: number[] = [];
  for (const range of text.split(',')) {
    const [, first, last] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(range) ?? [];
    const from = Number(first);
    const to = last === undefined ? from : Number(last);
    if (first === undefined || from < 1 || to < from || to > uidMax) return null;
    if (uids.length + to - from + 1 > countMax) return null;
    for (let uid = from; uid <= to; uid++) uids.push(uid);
  }
  return uids;
}
