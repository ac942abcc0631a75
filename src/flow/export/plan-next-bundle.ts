import type { Bench } from '../../apply/context/run-context.js';
import { entryBytes } from '../../bundle/archive/tar-header.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Session } from '../session/account-session.js';
import type { Allowance } from './byte-budget.js';
import { type Composition, compose, everythingOf, type Outstanding, type Portion } from './compose-bundle.js';
import { portionOf } from './select-portion-that-fits.js';
import { boundOf, type Dispatch, dispatchOf, type Sender } from './write-and-record-bundle.js';

/** A bundle that is going to be written. */
export type PlannedBundle = {
  readonly dispatch: Dispatch;
  readonly portion: Portion;
  /** Bytes that it has at the most, or about as many as are known to be there. */
  readonly boundBytes: number;
  /** Bytes that it may have. */
  readonly bytesMax: number;
};

export type NextBundleRequest = {
  readonly bench: Pick<Bench, 'catalog' | 'copy' | 'store'>;
  readonly outstanding: Outstanding;
  readonly sender: Sender;
  readonly allowance: Allowance;
  readonly numbered: { readonly number: number; readonly fileName: string };
  /** Is it the first one of this export? */
  readonly isFirst: boolean;
  /** Must something be said of this host itself, even if there is no room for anything else? */
  readonly mustState: boolean;
  /** Are there files that could be removed first, where there is no room otherwise? */
  readonly canMakeRoom: boolean;
};

/** How often the choice of a portion is made smaller. */
export const triesMax = 6;

/** By how much more than it was too large the next estimate is smaller: sizes come in blocks. */
const correction = 1.25;

/**
 * Bytes of records and lists that are taken for granted, for each message and altogether, where the room is far larger
 * than that.
 */
const roughRecordBytes = 1024;
const roughFrontBytes = 64 << 20;

/**
 * Decides what the next bundle says, and changes nothing: everything, if it fits, else as much as does; where nothing
 * does and something must be stated, only that, for which the room is that is left for others. Answers `make-room`
 * where more fits if files are removed before; null where there is nothing to be written.
 */
export function planNextBundle(session: Session, request: NextBundleRequest): PlannedBundle | 'make-room' | null {
  const { bench, outstanding, allowance, sender, numbered, isFirst } = request;
  const saying = (portion: Portion): Dispatch => {
    const composition = compose(bench, outstanding, portion);
    return dispatchOf(session, numbered, { composition, sender });
  };
  const whole = everythingOf(outstanding);
  const dispatch = saying(whole);
  const bytesMax = allowance.fileBytes();
  const wholeBytes = boundIfFits(dispatch, allowance.contentBytes());
  if (wholeBytes !== null) return { dispatch, portion: whole, boundBytes: wholeBytes, bytesMax };
  if (isFirst && request.canMakeRoom && allowance.limit() === 'room') return 'make-room';

  const portion = { tellings: [], asked: [], behind: new Set<Guid>() };
  const least = saying(portion);
  const leastBytes = boundOf(least);
  const part = largestPart(request, { leastBytes, saying });
  if (part !== null) return part;
  if (!isFirst || !request.mustState || allowance.limit() === 'max-size') return null;
  return { dispatch: least, portion, boundBytes: leastBytes, bytesMax: Number.POSITIVE_INFINITY };
}

/**
 * Bytes that it has at the most, as exactly as is needed to tell that they fit into so many; null where they do not.
 */
function boundIfFits(dispatch: Dispatch, contentBytes: number): number | null {
  const roughBytes = roughBytesOf(dispatch.composition);
  if (roughBytes <= contentBytes) return roughBytes;
  if (textBytesOf(dispatch.composition) > contentBytes) return null;
  const boundBytes = boundOf(dispatch);
  return boundBytes <= contentBytes ? boundBytes : null;
}

/** As much as fits, beside the `leastBytes` that any bundle has; null where nothing does. */
function largestPart(
  { bench, outstanding, allowance }: NextBundleRequest,
  { leastBytes, saying }: { readonly leastBytes: number; readonly saying: (portion: Portion) => Dispatch },
): PlannedBundle | null {
  const contentBytes = allowance.contentBytes();
  let contentBytesMax = contentBytes - leastBytes;
  for (let tries = 0; tries < triesMax && contentBytesMax > 0; tries++) {
    const { everBytesMax } = allowance;
    const isFollowed = allowance.limit() === 'file-size';
    const limits = { contentBytesMax, everBytesMax, isAmple: allowance.isAmple(), isFollowed };
    const portion = portionOf(bench, outstanding, limits);
    if (portion === null) return null;
    const dispatch = saying(portion);
    const boundBytes = boundOf(dispatch);
    if (boundBytes <= contentBytes) return { dispatch, portion, boundBytes, bytesMax: allowance.fileBytes() };
    contentBytesMax -= (boundBytes - contentBytes) * correction;
  }
  return null;
}

function roughBytesOf(composition: Composition): number {
  const records = composition.news.reduce((sum, { saves, updates }) => sum + saves.length + updates.length, 0);
  return roughFrontBytes + roughRecordBytes * records + textBytesOf(composition);
}

function textBytesOf({ texts }: Composition): number {
  return texts.reduce((sum, { sizeBytes }) => sum + entryBytes(sizeBytes), 0);
}
