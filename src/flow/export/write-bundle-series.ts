import type { Bench } from '../../apply/context/run-context.js';
import type { Receipt } from '../../bundle/format/bundle-contents.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Session } from '../session/account-session.js';
import type { Allowance } from './byte-budget.js';
import { type Outstanding, outstandingFor } from './compose-bundle.js';
import type { Series, SeriesBundle } from './export-outcome.js';
import type { Outlet, Overflow } from './export-to-directory-or-pipe.js';
import type { ExportPlan } from './plan-export.js';
import { type PlannedBundle, planNextBundle, triesMax } from './plan-next-bundle.js';
import { exportedOf, send } from './write-and-record-bundle.js';

export type SeriesRequest = {
  readonly bench: Bench;
  readonly plan: ExportPlan;
  readonly allowance: Allowance;
  readonly dryRun: boolean;
};

/**
 * Writes what is outstanding: as one bundle, or as many as the file system's limit of a file makes of it, each complete
 * in itself and built upon the one before; and as much as there is room for. How well mail can be compressed is not
 * known beforehand: the first bundle is as large as it would be if nothing could be, the next ones as what was written
 * teaches. In a dry run every planned bundle counts as written, with as many bytes as it has at the most.
 */
export async function writeSeries(session: Session, outlet: Outlet, request: SeriesRequest): Promise<Series> {
  const { bench, plan, allowance } = request;
  const hands = request.dryRun ? foreseeing(outlet, plan) : writing(session, outlet, plan);
  const bundles: SeriesBundle[] = [];
  const written: Exported[] = [];
  const behind = new Set<Guid>();
  let { outstanding } = plan;
  for (;;) {
    const isFirst = bundles.length === 0;
    if (!isFirst && (!outlet.holdsMany || !allowance.isWorthwhile())) break;
    const one = await writeNext(session, outlet, { ...request, outstanding, isFirst, hands });
    if (one === null) break;
    const { composition, number, fileName } = one.planned.dispatch;
    for (const guid of one.planned.portion.behind) behind.add(guid);
    bundles.push({ number, fileName, composition, receipt: one.receipt });
    written.push(one.exported);
    outstanding = outstandingFor(bench, { ...plan.request, chain: [...plan.request.chain, ...written] });
    if (isNothing(outstanding)) return { bundles, behind, rest: null };
    if (one.planned.portion.tellings.length + composition.answers.length === 0) break;
  }
  return { bundles, behind, rest: { outstanding, limit: allowance.limit() } };
}

function isNothing({ tellings, asked }: Outstanding): boolean {
  return tellings.length + asked.length === 0;
}

/** `receipt` null: it would be written. */
type Written = { readonly exported: Exported; readonly receipt: Receipt | null };

/** What is done with what was planned. */
type Hands = {
  write(planned: PlannedBundle): Promise<Written | { readonly overflow: Overflow }>;
  /** Removes files that nobody needs, or, in a dry run, answers how many bytes would be free without them. */
  makeRoom(): Promise<number>;
};

function writing(session: Session, outlet: Outlet, { removed }: ExportPlan): Hands {
  return {
    write: ({ dispatch, portion: { behind }, bytesMax }) => send(session, outlet, { dispatch, behind, bytesMax }),
    async makeRoom() {
      await outlet.remove(removed);
      return 0;
    },
  };
}

function foreseeing(outlet: Outlet, { removed }: ExportPlan): Hands {
  return {
    async write({ dispatch, boundBytes }) {
      return { exported: exportedOf(dispatch, { sizeBytes: boundBytes, imprint: '' }), receipt: null };
    },
    makeRoom: async () => outlet.sizeOf(removed),
  };
}

/**
 * Plans a bundle and writes it; one that comes to more than there is room for is tried again with less in it. Null
 * where nothing fits.
 */
async function writeNext(
  session: Session,
  outlet: Outlet,
  request: SeriesRequest & { readonly outstanding: Outstanding; readonly isFirst: boolean; readonly hands: Hands },
): Promise<(Written & { readonly planned: PlannedBundle }) | null> {
  const { bench, plan, outstanding, allowance, isFirst, hands } = request;
  const { sender, mustState } = plan;
  const isSealed = sender.keys.recipients.length > 0;
  const numbered = (number: number) => ({ number, fileName: outlet.fileNameOf(number, isSealed) });
  const foreseen = session.catalog.lastNumber() + 1;
  const next = (canMakeRoom: boolean) =>
    planNextBundle(session, {
      ...{ bench, outstanding, sender, allowance, isFirst, mustState, canMakeRoom },
      numbered: numbered(foreseen),
    });
  for (let tries = 0; tries < triesMax; tries++) {
    let chosen = next(plan.removed.length > 0);
    if (chosen === 'make-room') {
      allowance.freed(await hands.makeRoom());
      chosen = next(false);
    }
    if (chosen === null || chosen === 'make-room') return null;
    const names = numbered(tries === 0 ? session.catalog.takeNumber() : foreseen);
    const planned = { ...chosen, dispatch: { ...chosen.dispatch, ...names } };
    const outcome = await hands.write(planned);
    if (!('overflow' in outcome)) {
      const { exported, receipt } = outcome;
      allowance.used(exported.sizeBytes, planned.boundBytes, { isForeseen: receipt === null });
      return { exported, receipt, planned };
    }
    const { bytes, by, failure } = outcome.overflow;
    if (isNothing(outstanding)) throw failure;
    allowance.failed(by === 'asked' ? null : { bytes, isFileLimit: by === 'file' });
    if (by === 'medium') await hands.makeRoom();
    if (tries + 1 === triesMax && isFirst) throw failure;
  }
  return null;
}
