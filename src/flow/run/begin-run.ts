import { dueModseqs } from '../../apply/context/modseqs-to-tell-server.js';
import type { Bench } from '../../apply/context/run-context.js';
import { settle } from '../../apply/execute/plan-and-execute-mailboxes.js';
import { foreseeMending, type Mending, mendTexts, startMending } from '../../apply/mend/mend-damaged-texts.js';
import { lookAtYoung } from '../../apply/mend/recheck-just-written-files.js';
import { passTime } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import { mailboxesToSettle } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import { pairedSince } from '../../catalog/facts/peers/hosts-believed-on-word-of-others.js';
import { didRunDie, forgetDeadRun } from '../../catalog/facts/runs/run-that-died.js';
import { forgetReceivedTexts } from '../../catalog/facts/runs/texts-of-interrupted-import.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { DeleteLimit } from '../../replica/delete-limit.js';
import { giveWay } from '../peers/signed-statements/retract-unsigned-changes-in-all-mailboxes.js';
import type { ScanReport, SurveyReport } from '../reports/run-report-types.js';
import { benchFor, type Session } from '../session/account-session.js';
import { namesIn } from '../session/name-of-host-id.js';
import { spoolTrashed, trashedAmong } from '../trash/copy-texts-from-trash-to-spool.js';
import { dropUnawaited, spooledTexts } from '../trash/spooled-texts.js';
import { tidyTrash } from '../trash/tidy-trash.js';
import { learnSecondDigests } from './learn-digests-without-fetcher-headers.js';
import { type SurveyOptions, survey } from './survey-store.js';

/** A run that has begun: the store has been looked at. */
export type Run = { readonly bench: Bench; readonly scan: SurveyReport; readonly mending: Mending };

/** The look at the store with what was done about flawed texts by now. */
export function scanReportOf({ scan, mending }: Run): ScanReport {
  return { ...scan, mended: [...mending.mended], troubles: [...scan.troubles, ...mending.troubles.values()] };
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
 * `performRun`: a dry run leaves all of it in the transaction that stands around it, and changes nothing in the store.
 */
export async function beginRun(
  session: Session,
  options: RunPermissions,
  check?: (bench: Bench, messages: number) => Promise<void>,
): Promise<Run> {
  const { dryRun } = options;
  session.listener({ kind: 'stage', stage: 'scan', subject: session.store.description });
  if (!dryRun && didRunDie(session.catalog)) await clearAfterCrash(session);
  const bench = benchFor(session);
  const mending = startMending();
  if (dryRun) foreseeMending(bench.catalog, mending);
  else await mendBeforeLook(session, bench, mending);
  const scan = await session.catalog.transaction(async () => {
    const seen = await survey(bench, surveyOptions(options));
    await check?.(bench, seen.messages);
    passTime(bench.catalog, bench.nowS());
    const dropped = giveWay(bench, pairedSince(bench.catalog), namesIn(bench.catalog));
    return { ...seen, troubles: [...seen.troubles, ...dropped] };
  });
  const troubles = dryRun ? [] : await finishEarlierRuns(session, bench);
  return { bench, scan: { ...scan, troubles: [...scan.troubles, ...troubles] }, mending };
}

/** What a run that died has left where the catalog does not know of it. */
async function clearAfterCrash({ catalog, store, spool }: Pick<Session, 'catalog' | 'store' | 'spool'>): Promise<void> {
  forgetReceivedTexts(catalog); // what came after the last sync may have holes now
  await store.clearAfterCrash(catalog.summaries().map(({ state }) => state.name));
  if (mailboxesToSettle(catalog).length === 0) await dropUnawaited({ catalog, spool });
}

/**
 * Reads texts of which it was not known yet whether they are whole, or what they are, and does what can be done with
 * what is here, the trash included, about those that are flawed.
 */
async function mendBeforeLook(session: Session, bench: Bench, mending: Mending): Promise<void> {
  await lookAtYoung(bench);
  await learnSecondDigests(bench);
  const flawed = bench.catalog.flawedTexts();
  if (flawed.length === 0) return;
  await spoolTrashed(session, await trashedAmong(session, flawed));
  await mendTexts(bench, mending, await spooledTexts(session));
}

function surveyOptions({ dryRun, allowExpunge, deleteMax }: RunPermissions): SurveyOptions {
  return {
    unnumbered: dryRun ? 'foresee' : 'assign',
    allowExpunge,
    ...(deleteMax === undefined ? {} : { deleteMax }),
  };
}

/** Does what earlier runs left undone, and lets go of what nobody needs any more. Answers what is in the way. */
async function finishEarlierRuns(session: Session, bench: Bench): Promise<readonly Trouble[]> {
  const { catalog } = session;
  const unsettled = mailboxesToSettle(catalog);
  const isDue = unsettled.length > 0 || dueModseqs(catalog).length > 0;
  const troubles = isDue ? await settleLeft(session, bench, unsettled) : [];
  const isAfterCrash = didRunDie(catalog);
  await tidyTrash(session, { isTouched: isDue || isAfterCrash });
  if (isAfterCrash) forgetDeadRun(catalog);
  return troubles;
}

async function settleLeft(
  session: Session,
  bench: Bench,
  unsettled: readonly MailboxName[],
): Promise<readonly Trouble[]> {
  const { catalog } = session;
  const waiting = catalog.textsNamed(catalog.waitingGuids());
  const missing = waiting.filter((mail) => catalog.copyOf(mail) === null);
  await spoolTrashed(session, await trashedAmong(session, missing));
  const settled = await settle(bench, unsettled, await spooledTexts(session));
  await dropUnawaited(session);
  return [...settled.values()].flatMap(({ troubles }) => troubles);
}
