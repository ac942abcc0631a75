import type { Receipt } from '../../bundle/format/bundle-contents.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { LeftForLater } from '../reports/run-report-types.js';
import type { Composition } from './compose-bundle.js';
import { leftForLater, leftTrouble, type Rest } from './deferred-report.js';
import type { LeftOut } from './deferred-texts.js';

/** A bundle of an export. `receipt` null: it would be written. */
export type SeriesBundle = {
  readonly number: number;
  readonly fileName: string;
  readonly composition: Composition;
  readonly receipt: Receipt | null;
};

/** The bundles of one export, each built upon the one before, and what did not go into them. */
export type Series = {
  readonly bundles: readonly SeriesBundle[];
  /** Texts that stayed behind though their messages went. */
  readonly behind: ReadonlySet<Guid>;
  /** What there was no room for; null where all was written. */
  readonly rest: Rest | null;
};

/** The series of an export that has nothing to write. */
export const emptySeries: Series = { bundles: [], behind: new Set(), rest: null };

/** What an export could not send. */
export type Unsent = {
  /** Texts for which there was no room. */
  readonly noRoom: ReadonlySet<Guid>;
  /** Everything else for which there was none; null for nothing. */
  readonly later: LeftForLater | null;
  /** That, as the trouble that it is. */
  readonly tooMuch: Trouble | null;
  /**
   * Texts that could not be read, by guid: those that were tried again in vain, and those of the bundles themselves.
   */
  readonly unread: readonly Trouble[];
};

/** Tells what a series lacks. `target`: what it was written to, for messages. */
export function unsentIn(series: Series, deferred: LeftOut, target: string): Unsent {
  const sent = new Set(series.bundles.flatMap(({ composition }) => composition.answers));
  const noRoom = new Set([...deferred.ready.filter((guid) => !sent.has(guid)), ...series.behind]);
  const later = series.rest && leftForLater(series.rest, noRoom);
  const unread = [...deferred.left, ...series.bundles.flatMap(({ receipt }) => receipt?.left ?? [])];
  return { noRoom, later, tooMuch: later && leftTrouble(later, target), unread };
}

/**
 * Is everything in these bundles that was outstanding, so that others which say a part of it are not needed any more?
 */
export function saysAll({ bundles, behind, rest }: Series, { unread }: Unsent): boolean {
  const isWhole = bundles.every(({ composition }) => composition.damaged.length === 0);
  return bundles.length > 0 && isWhole && behind.size === 0 && rest === null && unread.length === 0;
}
