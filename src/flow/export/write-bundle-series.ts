import type { Bench } from '../../apply/context/run-context.js';
import { entryBytes } from '../../bundle/archive/tar-header.js';
import type { Receipt } from '../../bundle/format/bundle-contents.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Session } from '../session/account-session.js';
import type { Allowance } from './byte-budget.js';
import { type Composition, compose, everythingOf, type Outstanding, type Portion } from './compose-bundle.js';
import type { Outlet } from './export-to-directory-or-pipe.js';
import { portionOf } from './select-portion-that-fits.js';
import { boundOf, type Dispatch, dispatchOf, exportedOf, type Sender, send } from './write-and-record-bundle.js';

export type SeriesRequest = {
  readonly bench: Bench;
  readonly outstanding: Outstanding;
  /** What will still be outstanding after these bundles. */
  outstandingAfter(bundles: readonly Exported[]): Outstanding;
  readonly sender: Sender;
  readonly allowance: Allowance;
  /** Must something be said of this host itself, even if there is no room for anything else? */
  readonly mustState: boolean;
  /** Files that nobody needs any more: they go first where there is no room otherwise. */
  readonly makesRoom: { readonly fileNames: readonly string[]; readonly bytes: number };
  readonly dryRun: boolean;
};

/** `receipt` null: it would be written. */
export type SeriesBundle = {
  readonly number: number;
  readonly fileName: string;
  readonly composition: Composition;
  readonly receipt: Receipt | null;
};

export type Series = {
  readonly bundles: readonly SeriesBundle[];
  /** Texts that stayed behind though their messages went. */
  readonly behind: ReadonlySet<Guid>;
  /** What there was no room for; null where all was written. */
  readonly rest: { readonly outstanding: Outstanding; readonly limit: ReturnType<Allowance['limit']> } | null;
};

/** How often a bundle that came to more than there is room for is tried again, with less in it. */
const triesMax = 6;

/** By how much more than it was too large the next estimate is smaller: sizes come in blocks. */
const correction = 1.25;

/** Bytes of records and lists that are taken for granted, for each message and altogether, where the room is far larger than that. */
const roughRecordBytes = 1024;
const roughFrontBytes = 64 << 20;

/**
 * Writes what is outstanding: as one bundle, or as many as the file system's limit of a file makes of it, each complete in itself and built upon
 * the one before; and as much as there is room for. How well mail can be compressed is not known beforehand: the first bundle is as large as
 * it would be if nothing could be, the next ones as what was written teaches.
 */
export async function writeSeries(session: Session, outlet: Outlet, request: SeriesRequest): Promise<Series> {
  const { allowance, outstandingAfter } = request;
  const bundles: SeriesBundle[] = [];
  const written: Exported[] = [];
  const behind = new Set<Guid>();
  let { outstanding } = request;
  for (;;) {
    const isFirst = bundles.length === 0;
    if (!isFirst && (!outlet.holdsMany || !allowance.isWorthwhile())) break;
    const one = await writeOne(session, outlet, { ...request, outstanding, isFirst });
    if (one === null) break;
    for (const guid of one.portion.behind) behind.add(guid);
    bundles.push(one.bundle);
    written.push(one.exported);
    outstanding = outstandingAfter(written);
    if (isNothing(outstanding)) return { bundles, behind, rest: null };
    if (one.portion.tellings.length + one.bundle.composition.answers.length === 0) break;
  }
  return { bundles, behind, rest: { outstanding, limit: allowance.limit() } };
}

function isNothing({ tellings, asked }: Outstanding): boolean {
  return tellings.length + asked.length === 0;
}

type Written = { readonly bundle: SeriesBundle; readonly exported: Exported; readonly portion: Portion };

/** Null where nothing fits. */
async function writeOne(
  session: Session,
  outlet: Outlet,
  request: SeriesRequest & { readonly isFirst: boolean },
): Promise<Written | null> {
  const { allowance, sender, dryRun } = request;
  const numbered = (number: number): { number: number; fileName: string } => ({
    number,
    fileName: outlet.fileNameOf(number, sender.keys.recipients.length > 0),
  });
  const foreseen = numbered(session.catalog.lastNumber() + 1);
  for (let tries = 0; tries < triesMax; tries++) {
    const chosen = await choose(session, outlet, { ...request, foreseen });
    if (chosen === null) return null;
    const { portion, boundBytes, bytesMax } = chosen;
    const { composition } = chosen.dispatch;
    const { number, fileName } = numbered(tries === 0 ? session.catalog.takeNumber() : foreseen.number);
    const dispatch = { ...chosen.dispatch, number, fileName };
    if (dryRun) {
      allowance.used(boundBytes, boundBytes, { isForeseen: true });
      const exported = exportedOf(dispatch, { sizeBytes: boundBytes, imprint: '' });
      return { bundle: { number, fileName, composition, receipt: null }, exported, portion };
    }
    const outcome = await send(session, outlet, { dispatch, behind: portion.behind, bytesMax });
    if (!('overflow' in outcome)) {
      const { receipt, exported } = outcome;
      allowance.used(receipt.sizeBytes, boundBytes);
      return { bundle: { number, fileName, composition, receipt }, exported, portion };
    }
    const { bytes, by, failure } = outcome.overflow;
    if (isNothing(request.outstanding)) throw failure;
    allowance.failed(by === 'asked' ? null : { bytes, isFileLimit: by === 'file' });
    if (by === 'medium') await outlet.remove(request.makesRoom.fileNames);
    if (tries + 1 === triesMax && request.isFirst) throw failure;
  }
  return null;
}

type Chosen = {
  readonly dispatch: Dispatch;
  readonly portion: Portion;
  /** Bytes that it has at the most, or about as many as are known to be there. */
  readonly boundBytes: number;
  readonly bytesMax: number;
};

/**
 * Everything, if it fits, else as much as does; where nothing does and something must be stated, only that, for which the room is that is left
 * for others. Null: nothing.
 */
async function choose(
  session: Session,
  outlet: Outlet,
  request: SeriesRequest & {
    readonly isFirst: boolean;
    readonly isRoomMade?: boolean;
    readonly foreseen: { number: number; fileName: string };
  },
): Promise<Chosen | null> {
  const { bench, outstanding, allowance, sender, makesRoom, foreseen, isFirst, isRoomMade = false, dryRun } = request;
  const made = (portion: Portion): Dispatch => {
    const composition = compose(bench, outstanding, portion);
    return dispatchOf(session, foreseen, { composition, sender });
  };
  const whole = everythingOf(outstanding);
  const dispatch = made(whole);
  const bytesMax = allowance.fileBytes();
  const roughBytes = roughBytesOf(dispatch.composition);
  if (roughBytes <= allowance.contentBytes()) return { dispatch, portion: whole, boundBytes: roughBytes, bytesMax };
  const mayFit = textBytesOf(dispatch.composition) <= allowance.contentBytes();
  const boundBytes = mayFit ? boundOf(dispatch) : Number.POSITIVE_INFINITY;
  if (boundBytes <= allowance.contentBytes()) return { dispatch, portion: whole, boundBytes, bytesMax };

  if (isFirst && !isRoomMade && makesRoom.fileNames.length > 0 && allowance.limit() === 'room') {
    if (!dryRun) await outlet.remove(makesRoom.fileNames);
    allowance.freed(dryRun ? makesRoom.bytes : 0);
    return choose(session, outlet, { ...request, isRoomMade: true });
  }
  const nothing = made({ tellings: [], asked: [], behind: new Set() });
  const leastBytes = boundOf(nothing);
  const contentBytes = allowance.contentBytes();
  let contentBytesMax = contentBytes - leastBytes;
  for (let tries = 0; tries < triesMax && contentBytesMax > 0; tries++) {
    const { everBytesMax } = allowance;
    const limits = { contentBytesMax, everBytesMax, isAmple: allowance.isAmple() };
    const portion = portionOf(bench, outstanding, limits);
    if (portion === null) break;
    const dispatch = made(portion);
    const boundBytes = boundOf(dispatch);
    if (boundBytes <= contentBytes) return { dispatch, portion, boundBytes, bytesMax: allowance.fileBytes() };
    contentBytesMax -= (boundBytes - contentBytes) * correction;
  }
  if (!isFirst || !request.mustState || allowance.limit() === 'max-size') return null;
  const portion = { tellings: [], asked: [], behind: new Set<Guid>() };
  return { dispatch: nothing, portion, boundBytes: leastBytes, bytesMax: Number.POSITIVE_INFINITY };
}

function roughBytesOf(composition: Composition): number {
  const records = composition.news.reduce((sum, { saves, updates }) => sum + saves.length + updates.length, 0);
  return roughFrontBytes + roughRecordBytes * records + textBytesOf(composition);
}

function textBytesOf({ texts }: Composition): number {
  return texts.reduce((sum, { sizeBytes }) => sum + entryBytes(sizeBytes), 0);
}
