import { textsAtHand } from '../../apply/context/available-texts.js';
import { keepReceivedTexts } from '../../catalog/facts/runs/texts-of-interrupted-import.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { peersInStep } from '../../check/account-status.js';
import { holdersOf } from '../../check/missing-texts.js';
import { isInterruption } from '../../failure.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { seeSource } from '../medium/check-medium-is-mounted.js';
import { refuseOtherAccounts } from '../medium/find-waiting-bundles.js';
import type { Arrival, ImportSource } from '../peers/incoming-bundle.js';
import { roomIn } from '../peers/vouched-hosts/intake-limits.js';
import type { ImportReport } from '../reports/run-report-types.js';
import { beginRun, performRun, type Run } from '../run/begin-run.js';
import { noteModseqDuties } from '../run/server-modseqs.js';
import type { Session } from '../session/account-session.js';
import { dropUnawaited } from '../trash/spooled-texts.js';
import { carryOutImport, foreseenEnd } from './carry-out-import.js';
import { describeChanges, headlinesIn } from './describe-changed-messages.js';
import { enterMerge } from './enter-merge-into-catalog.js';
import { assessImport } from './gather-facts-for-import.js';
import { guardArrivingDeletions } from './guard-arriving-deletions.js';
import type { ImportOptions } from './import-options.js';
import type { ImportPlan } from './import-plan.js';
import { importReport } from './import-report.js';
import { newestArrivals, textBytesReadMax } from './newest-arrivals.js';
import { arrivalsFrom } from './open-incoming-bundles.js';
import { planMerge } from './plan-merge-of-bundles.js';
import { planUids } from './plan-uids-after-merge.js';
import { recordImport } from './record-import.js';
import { takeTexts } from './take-texts.js';

/**
 * Takes in the bundles of other hosts. The order of durability: texts on disk, then the catalog (what is known now, and
 * what will be done to the store), then the store, then, with the next export, the acknowledgement. Whatever fails
 * before the catalog's commit leaves everything as it was; what fails after it is finished by the next run.
 */
export async function importFrom(
  session: Session,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const place = 'directory' in source ? { ...source, seen: seeSource(session, source.directory) } : source;
  const isUnpaired = session.catalog.pairedHosts().length === 0;
  if (isUnpaired && 'directory' in source) await refuseOtherAccounts(session, source.directory);
  return performRun(session, options, async () => {
    const run = await beginRun(session, options);
    return importInto(session, run, place, options);
  });
}

/**
 * The import proper, after `beginRun`, and within the same `performRun`: what is to be known, and done, is decided and
 * committed, and then done. A dry run ends with what was decided (mrepl-sync(7), ORDER OF DURABILITY).
 */
export async function importInto(
  session: Session,
  run: Run,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const plan = await commitPlan(session, run, source, options);
  const end = options.dryRun ? foreseenEnd(run.bench, plan) : await carryOutImport(session, run, plan);
  const { before, arrived } = plan;
  const after = plan.mailboxes.map(({ mailbox, decisions }) => {
    return { mailbox, decisions, after: run.bench.copy.get(mailbox) };
  });
  const messages =
    before &&
    (await describeChanges(
      session,
      after.map((one) => ({ ...one, before: before.get(one.mailbox) ?? one.after })),
      arrived ?? new Map(),
    ));
  const newest = arrived === null ? [] : await newestArrivals(session, after, arrived);
  const waitsFor = options.details === true ? holdersByName(session.catalog, end.waiting) : [];
  return { ...importReport(run, plan, end, { source, options }), messages, newest, waitsFor };
}

/** The peers that should have these texts, each with how many. */
function holdersByName(catalog: Session['catalog'], guids: readonly Guid[]): ImportReport['waitsFor'] {
  const peers = recipientsOf(catalog);
  const counts = new Map<string, number>();
  for (const mail of catalog.textsNamed(guids)) {
    for (const name of holdersOf(catalog, mail, peers)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, texts]) => ({ name, texts }));
}

/** Does a dry run read the texts of the bundles? Of any other the store has them. */
function areRead(arrivals: readonly Arrival[], { dryRun, details }: ImportOptions): boolean {
  const textBytes = arrivals.reduce((sum, { offered }) => sum + offered.bytes, 0);
  return dryRun && (details === true || textBytes <= textBytesReadMax);
}

/** All of an import that is to be on the disk before the store is changed: the texts, then the catalog. */
async function commitPlan(
  session: Session,
  run: Run,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportPlan> {
  let isSpoolWanted = options.dryRun;
  try {
    return await session.catalog.transaction(async () => {
      const plan = await makePlan(session, run, source, options);
      isSpoolWanted = true; // whether a commit that fails was one after all only the next run can tell
      return plan;
    });
  } catch (cause) {
    if (isInterruption(cause) && !options.dryRun) isSpoolWanted = await keepReceived(session);
    throw cause;
  } finally {
    // Nobody knows of what was spooled just now; a disk that it has filled would stay full. What brought us here is the
    // failure to tell.
    if (!isSpoolWanted) await dropUnawaited(session).catch(() => undefined);
  }
}

/**
 * Keeps what an interrupted import has received, each text checked by its hash: the next one goes on from there. False
 * where there is nothing, or it cannot be kept.
 */
async function keepReceived({ catalog, spool }: Pick<Session, 'catalog' | 'spool'>): Promise<boolean> {
  try {
    if ((await spool.texts()).length === 0) return false;
    await spool.sync();
    keepReceivedTexts(catalog);
    return true;
  } catch {
    return false; // the interruption is what is told
  }
}

/**
 * Decides, in the open transaction and in the order of the rules (mrepl-sync(7), THE RULES), what is to be known from
 * now on, and notes it.
 */
async function makePlan(session: Session, run: Run, source: ImportSource, options: ImportOptions): Promise<ImportPlan> {
  const { bench } = run;
  const { catalog, copy } = bench;
  const room = roomIn(catalog);
  const inStep = peersInStep(catalog);
  const opened = await arrivalsFrom(session, source, room);
  try {
    const situation = await assessImport(session, run, opened, { room, options });
    const { arrivals, self, mailboxOf, sizesHere, fed, freeBytes } = situation;

    const named = options.details === true ? arrivals.flatMap(({ news }) => news.map(({ name }) => name)) : null;
    const before = named && new Map(named.map((name) => [name, mailboxOf(name)]));
    const merge = planMerge(situation);
    guardArrivingDeletions(merge.mailboxes, run.scan.messages, options);
    const doubts = enterMerge(bench, arrivals, merge);

    const texts = await takeTexts(session, arrivals, { bench, dryRun: options.dryRun, sizesHere });
    const mailboxes = planUids(merge.mailboxes, texts, {
      self,
      mailboxOf,
      atHand: textsAtHand(bench.catalog, texts.spooled),
    });
    for (const { known } of mailboxes) copy.put(known);

    const arrived = areRead(arrivals, options) ? await headlinesIn(arrivals, session.signal) : null;
    const plan = {
      arrivals,
      mailboxes,
      texts,
      fed,
      freeBytes,
      before,
      arrived,
      troubles: [...situation.troubles, ...doubts],
    };
    recordImport(bench, situation, plan, { source, options, inStep });
    noteModseqDuties(bench, situation.earlier);
    return plan;
  } finally {
    for (const arrival of opened.arrivals) await arrival.close();
  }
}
