/** A sorted list of disjoint, non-adjacent, inclusive ranges of positive integers, such as serials or UIDs. */
export type Ranges = readonly Range[];
export type Range = readonly [lo: number, hi: number];

/** Adjacent and overlapping ranges joined, in ascending order. The input may be in any order. */
export function normaliseRanges(ranges: Iterable<Range>): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [lo, hi] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && lo <= last[1] + 1) last[1] = Math.max(last[1], hi);
    else result.push([lo, hi]);
  }
  return result;
}

/**
 * Ranges of these whole numbers, which may come in any order and more than once: ascending, and never two that touch.
 */
export function rangesOf(numbers: Iterable<number>): Ranges {
  const result: [number, number][] = [];
  for (const n of Float64Array.from(numbers).sort()) {
    const last = result.at(-1);
    if (last !== undefined && n <= last[1] + 1) last[1] = n;
    else result.push([n, n]);
  }
  return result;
}

/** Is `n` in one of the ranges? Binary search. */
export function inRanges(ranges: Ranges, n: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle] as Range;
    if (n < range[0]) high = middle - 1;
    else if (n > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}

/** The ranges without these numbers, which may come in any order. */
export function withoutNumbers(ranges: Ranges, numbers: readonly number[]): Ranges {
  if (numbers.length === 0) return ranges;
  const sorted = Float64Array.from(numbers).sort();
  let at = 0;
  const left: Range[] = [];
  for (const [lo, hi] of ranges) {
    let from = lo;
    for (; at < sorted.length && (sorted[at] as number) <= hi; at++) {
      const number = sorted[at] as number;
      if (number < from) continue;
      if (number > from) left.push([from, number - 1]);
      from = number + 1;
    }
    if (from <= hi) left.push([from, hi]);
  }
  return left;
}

/** How many numbers the ranges hold. */
export function countRanges(ranges: Ranges): number {
  return ranges.reduce((sum, [lo, hi]) => sum + hi - lo + 1, 0);
}

/** `1:40,42`, as IMAP writes sequence sets. The empty list is the empty string. */
export function formatRanges(ranges: Ranges): string {
  return ranges.map(([lo, hi]) => (lo === hi ? `${lo}` : `${lo}:${hi}`)).join(',');
}

/**
 * The strict inverse of `formatRanges`: ascending, disjoint, not adjacent, positive safe integers without leading
 * zeros. Returns undefined for anything else.
 */
export function parseRanges(text: string): Ranges | undefined {
  if (text === '') return [];
  const result: Range[] = [];
  let previous = -1; // the first range may start at 1
  for (const part of text.split(',')) {
    const match = /^([1-9]\d{0,15})(?::([1-9]\d{0,15}))?$/.exec(part);
    if (match === null) return undefined;
    const lo = Number(match[1]);
    const hi = match[2] === undefined ? lo : Number(match[2]);
    if (!Number.isSafeInteger(hi) || lo <= previous + 1 || (match[2] !== undefined && hi <= lo)) return undefined;
    result.push([lo, hi]);
    previous = hi;
  }
  return result;
}
