import { formatRanges, type Ranges } from '../../replica/number-ranges.js';
import { grouped } from '../format/format-amounts.js';
import type { Group } from './group-decisions.js';

/** Ranges shown of a list before the rest is only counted; --verbose shows all. */
const rangesShownMax = 8;

/** `1:40,42`, or the first few ranges and `and 12 more ranges`. */
export function rangesText(ranges: Ranges, verbose: boolean): string {
  if (verbose || ranges.length <= rangesShownMax) return formatRanges(ranges);
  return `${formatRanges(ranges.slice(0, rangesShownMax))} and ${grouped(ranges.length - rangesShownMax)} more ranges`;
}

/** `UID 9`, `UIDs 9:12`, `no UID yet`, or both. */
export function uidsText({ count, uids, unnumbered }: Group, verbose: boolean): string {
  const numbered = count - unnumbered;
  const parts: string[] = [];
  if (numbered > 0) parts.push(`${numbered === 1 ? 'UID' : 'UIDs'} ${rangesText(uids, verbose)}`);
  if (unnumbered > 0) parts.push(numbered === 0 ? 'no UID yet' : `${grouped(unnumbered)} without a UID yet`);
  return parts.join(', ');
}
