import { dueModseqs } from '../../apply/context/modseqs-to-tell-server.js';
import type { Bench } from '../../apply/context/run-context.js';
import { settle } from '../../apply/execute/plan-and-execute-mailboxes.js';
import { foreseeMending, type Mending, mendTexts, startMending } from '../../apply/mend/mend-damaged-texts.js';
import { lookAtYoung } from '../../apply/mend/recheck-just-written-files.js';
import { passTime } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import { pairedSince } from '../../catalog/facts/hosts-believed-on-word-of-others.js';
import { mailboxesToSettle } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import type { DeleteLimit } from '../../replica/delete-limit.js';
import { giveWay } from '../peers/retract-unsigned-changes-in-all-mailboxes.js';
import type { ScanReport, SurveyReport } from '../reports/run-report-types.js';
import { benchFor, type Session } from '../session/account-session.js';
import { namesIn } from '../session/name-of-host-id.js';
import { spoolTrashed, trashedAmong } from '../trash/copy-texts-from-trash-to-spool.js';
import { dropUnawaited, spooledTexts } from '../trash/spooled-texts.js';
import { tidyTrash } from '../trash/tidy-trash.js';
import { learnSecondDigests } from './learn-digests-without-fetcher-headers.js';
import { survey } from './survey-store.js';

/** A run that has begun: the store has been looked at. */
export type Run = { readonly bench: Bench; readonly scan: SurveyReport; readonly mending: Mending };

/** The look at the store with what was done about flawed texts by now. */
export function scanReportOf({ scan, mending }: Run): ScanReport {
  return { ...scan, mended: [...mending.mended], troubles: [...scan.troubles, ...mending.troubles.values()] };
}

/** Does what can be done with what is here, the trash included, about texts known to be flawed. */
async function mendKnown(session: Session, bench: Bench, mending: Mending): Promise<void> {
  const flawed = session.catalog.flawedTexts();
  if (flawed.length === 0) return;
  await spoolTrashed(session, await trashedAmong(session, flawed));
  await mendTexts(bench, mending, await spooledTexts(session));
}

/** Does a run; a dry one within a transaction that is not kept, whatever its parts commit. */
export function performRun<T>(
  { catalog }: Pick<Session, 'catalog'>,
  { dryRun }: { readonly dryRun: boolean },
  work: () => Promise<T>,
): Promise<T> {
  return dryRun ? catalog.transaction(work, { keep: false }) : work();
}

/** What a run may do with mail that is gone from the store. */
type RunPermissions = {
  readonly dryRun: boolean;
  readonly allowExpunge: boolean;
  readonly deleteMax?: DeleteLimit;
};

/**
 * What every run begins with: the store is looked at, what happened there is committed, and what an interrupted run
 * left undone is done. `check` may refuse the run once the store was looked at, before anything is kept. Only within
 * `performRun`: a dry run leaves all of it in the transaction that stands around it.
 */
export async function beginRun(
  session: Session,
  options: RunPermissions,
  check?: (bench: Bench, messages: number) => Promise<void>,
): Promise<Run> {
  session.listener({ kind: 'stage', stage: 'scan', subject: session.store.description });
  if (session.catalog.lastRunDied && !options.dryRun) await clearAfterCrash(session);
  const bench = benchFor(session);
  const mending = startMending();
  if (options.dryRun) foreseeMending(bench, mending);
  else {
    await lookAtYoung(bench);
    await learnSecondDigests(bench);
    await mendKnown(session, bench, mending);
  }
  const scan = await session.catalog.transaction(async () => {
    const seen = await survey(bench, {
      unnumbered: options.dryRun ? 'foresee' : 'assign',
      allowExpunge: options.allowExpunge,
      ...(options.deleteMax === undefined ? {} : { deleteMax: options.deleteMax }),
    });
    await check?.(bench, seen.messages);
    passTime(session.catalog, bench.nowS());
    const dropped = giveWay(bench, pairedSince(session.catalog), namesIn(session.catalog));
    return { ...seen, troubles: [...seen.troubles, ...dropped] };
  });
  if (options.dryRun) return { bench, scan, mending };
  const unsettled = mailboxesToSettle(session.catalog);
  if (unsettled.length === 0 && dueModseqs(session.catalog).length === 0) {
    await tidyTrash(session, { isTouched: session.catalog.lastRunDied });
    return { bench, scan, mending };
  }
  const waiting = session.catalog.textsNamed(session.catalog.waitingGuids());
  const missing = waiting.filter((mail) => session.catalog.copyOf(mail) === null);
  await spoolTrashed(session, await trashedAmong(session, missing));
  const settled = await settle(bench, unsettled, await spooledTexts(session));
  await dropUnawaited(session);
  await tidyTrash(session, { isTouched: true });
  const troubles = [...settled.values()].flatMap(({ troubles }) => troubles);
  return { bench, scan: { ...scan, troubles: [...scan.troubles, ...troubles] }, mending };
}

/** What a run that died has left where the catalog does not know of it. */
async function clearAfterCrash({ catalog, store }: Session): Promise<void> {
  await store.clearAfterCrash(catalog.summaries().map(({ state }) => state.name));
  if (mailboxesToSettle(catalog).length === 0) await dropUnawaited({ catalog, store });
}
