import { resolve } from 'node:path';
import { textsAtHand } from '../../apply/context/available-texts.js';
import type { Bench } from '../../apply/context/run-context.js';
import { planOf, renumberMailbox, type Settled, settle } from '../../apply/execute/plan-and-execute-mailboxes.js';
import { mendTexts } from '../../apply/mend/mend-damaged-texts.js';
import { addUnsettled } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import { formerSelf } from '../../catalog/facts/previous-identity.js';
import { rightsIn } from '../../catalog/interface/recipients-and-permissions.js';
import { spellingOf } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { awaited } from '../../merge/deliver/newly-deliverable-messages.js';
import { spelledDecisions } from '../../merge/merge-decision.js';
import { isAny } from '../../merge/permission/withheld-changes.js';
import type { DeleteLimit } from '../../replica/delete-limit.js';
import { seeSource } from '../medium/check-medium-is-mounted.js';
import { rememberTold } from '../peers/acknowledge-limited-peers.js';
import { hearFed, sayFed } from '../peers/hosts-fetching-mail.js';
import { askAnew } from '../peers/hosts-left-out-beyond-limits.js';
import type { Arrival, ImportSource } from '../peers/incoming-bundle.js';
import { roomIn } from '../peers/intake-limits.js';
import { takeStatements } from '../peers/keep-signed-statements.js';
import type { Fed, Refetched } from '../reports/fetched-mail-report.js';
import type { ImportedMailbox, ImportReport } from '../reports/run-report-types.js';
import { beginRun, performRun, type Run, scanReportOf } from '../run/begin-run.js';
import { deletionsDecided, totalOf } from '../run/count-deletions.js';
import { forgetHeardDepartures, replacedIn } from '../run/gone-here-still-at-peers.js';
import { guardAgainstMassExpunge, guardDeleteLimit } from '../run/guards-against-mail-loss.js';
import { earlierStatements, noteModseqDuties } from '../run/server-modseqs.js';
import type { Session } from '../session/account-session.js';
import { unmatchedPatterns } from '../session/unmatched-patterns.js';
import { dropUnawaited } from '../trash/spooled-texts.js';
import { tidyTrash } from '../trash/tidy-trash.js';
import { refuseEquivocal } from './authorise-sender.js';
import { correctSizes, sizesHere } from './correct-claimed-text-sizes.js';
import { refetchedBy } from './detect-refetched-mail.js';
import { type Merged, nothingMerged } from './merge-bundles-into-mailboxes.js';
import { mergeBelieved, partStories } from './merge-only-signed-changes.js';
import { hearOfHosts } from './note-hosts-vouched-for.js';
import { arrivalsFrom } from './open-incoming-bundles.js';
import { rememberSenders } from './record-senders.js';
import { type TextsTaken, takeTexts } from './take-texts.js';

export type ImportOptions = {
  readonly dryRun: boolean;
  /** Patterns of mailbox names; none takes all. */
  readonly mailboxes: readonly string[];
  readonly allowExpunge: boolean;
  /** So many messages may be expunged, whatever `allowExpunge` says; left out, any number. */
  readonly deleteMax?: DeleteLimit;
};

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
  return performRun(session, options, async () => {
    const run = await beginRun(session, options);
    return importInto(session, run, place, options);
  });
}

/** The import proper, after `beginRun`, and within the same `performRun`. */
export async function importInto(
  session: Session,
  run: Run,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const { catalog } = session;
  const arrivals: Arrival[] = [];
  const spool = { isWanted: false };
  try {
    const taken = await catalog.transaction(() => takeIn(session, run, source, { options, arrivals, spool }));
    spool.isWanted = true;
    const settled = options.dryRun ? new Map<MailboxName, Settled>() : await applyTo(session, run, taken);
    const texts = options.dryRun ? foresee(run.bench, taken.merged, taken.texts) : countsOf(session, taken, settled);
    const refetched = options.dryRun ? null : await refetchedBy(run.bench, taken.merged);
    return reportOf(session, source, options, { run, arrivals, ...taken, texts, settled, refetched });
  } finally {
    for (const arrival of arrivals) await arrival.close();
    // Nobody knows of what was spooled just now; a disk that it has filled would stay full. What brought us here is the
    // failure to tell.
    if (!spool.isWanted) await dropUnawaited(session).catch(() => undefined);
  }
}

type TakenIn = {
  readonly merged: readonly Merged[];
  readonly texts: TextsTaken;
  readonly troubles: readonly Trouble[];
  readonly fed: Fed | null;
};

/**
 * What happens before the catalog's commit, and with it. Fills `arrivals`, which are to be closed whatever becomes of
 * this.
 */
async function takeIn(
  session: Session,
  run: Run,
  source: ImportSource,
  {
    options,
    arrivals,
    spool,
  }: { readonly options: ImportOptions; readonly arrivals: Arrival[]; readonly spool: { isWanted: boolean } },
): Promise<TakenIn> {
  const { catalog, store } = session;
  const { bench } = run;
  const room = roomIn(catalog);
  const found = await arrivalsFrom(session, source, room);
  for (const arrival of found.arrivals) arrivals.push(arrival);
  const earlier = options.dryRun ? new Map() : await earlierStatements(bench);
  const ownKey = (): string => session.keys().signingKey.publicKey;
  const parted = partStories(bench, arrivals, { ownKey, formerSelf: formerSelf(catalog)?.hostId ?? null });
  await refuseEquivocal(session, arrivals);
  const statements = takeStatements(catalog, arrivals, { room, ownKey });
  const leftOut = hearOfHosts(bench, arrivals, { room, shown: statements.shown });
  const rightOf = rightsIn(catalog);
  const here = sizesHere(catalog, arrivals);
  const unseen = new Set(run.scan.unseen);
  const takes = mailboxFilter(options.mailboxes);
  const { merged: joined, troubles: doubted } = mergeBelieved(bench, arrivals, {
    ...{ takes, unseen, rightOf, statements, ownKey },
  });
  const troubles = [...found.troubles, ...parted, ...leftOut, ...doubted];
  guardDeleteLimit(options.deleteMax, {
    expunged: totalOf([deletionsDecided(joined)]).messages,
    messages: run.scan.messages,
    what: 'importing these bundles',
  });
  if (!options.allowExpunge) {
    const expunged = joined.reduce(
      (sum, { decisions }) => sum + decisions.filter((d) => d.kind === 'expunged').length,
      0,
    );
    guardAgainstMassExpunge(expunged, run.scan.messages, 'importing these bundles');
  }
  const texts = await takeTexts(session, arrivals, { bench, dryRun: options.dryRun, sizesHere: here });
  correctSizes(bench, texts.awaitedBy, texts.sizes);
  const merged = renumberAll(bench, joined, texts);
  hearFed(catalog, arrivals);
  const fed = sayFed(catalog);
  if (options.dryRun) return { merged, texts, troubles, fed };
  if (texts.spooled.size > 0) await store.sync();
  const self = catalog.identity.hostId;
  const complete = options.mailboxes.length === 0;
  rememberSenders(catalog, arrivals, {
    nowS: bench.nowS(),
    complete,
    medium: mediumOf(source),
    heard: statements.heard,
    isKnown: room.isKnown,
  });
  askAnew(
    catalog,
    joined.flatMap(({ strange }) => strange),
  );
  catalog.addDeparted(joined.flatMap((one) => replacedIn(bench.copy.get(one.mailbox).state, one.decisions, self)));
  rememberTold(catalog, merged);
  forgetHeardDepartures(catalog);
  addUnsettled(
    catalog,
    merged.map(({ mailbox }) => mailbox),
  );
  catalog.addTrash(merged.flatMap(({ trashed }) => trashed));
  await noteModseqDuties(bench, earlier);
  logImport(session, { source: nameOf(source), arrivals, merged, texts });
  spool.isWanted = true; // whether a commit that fails was one after all only the next run can tell
  return { merged, texts, troubles, fed };
}

/** Carries out what the catalog knows by now. */
async function applyTo(
  session: Session,
  { bench, mending }: Run,
  { merged, texts }: TakenIn,
): Promise<ReadonlyMap<MailboxName, Settled>> {
  const { store } = session;
  session.listener({ kind: 'stage', stage: 'apply', subject: store.description });
  await mendTexts(bench, mending, texts.spooled);
  const open = [...merged.map(({ mailbox }) => mailbox), ...mending.toSettle];
  const settled = await settle(bench, open, texts.spooled);
  await dropUnawaited(session);
  await tidyTrash(session, { isTouched: merged.some(letsFilesGo) });
  return settled;
}

function countsOf({ catalog }: Session, { texts }: TakenIn, settled: ReadonlyMap<MailboxName, Settled>): TextCounts {
  const linked = [...settled.values()].reduce((sum, { linked }) => sum + linked, 0);
  return { arrived: texts.arrived, bytes: texts.bytes, linked, waiting: catalog.deliverableGuids().length };
}

/**
 * Numbers anew what needs it, once, now that everything is merged and it is known which texts are here (merge rule 6);
 * with the messages that waited for these.
 */
function renumberAll(bench: Bench, joined: readonly Merged[], { spooled, awaitedBy, refused }: TextsTaken): Merged[] {
  const untouched = awaitedBy.filter((name) => !joined.some(({ mailbox }) => mailbox === name));
  const all = [...joined, ...untouched.map((mailbox) => ({ ...nothingMerged, mailbox }))];
  const texts = textsAtHand(bench, spooled);
  return all.map(({ decisions, ...entry }) => {
    const renumbered = renumberMailbox(bench, entry.mailbox, spooled);
    const arrived = awaited(bench.copy.get(entry.mailbox), decisions, texts);
    const troubles = [...entry.refused, ...(refused.get(entry.mailbox) ?? [])];
    return { ...entry, refused: troubles, decisions: [...decisions, ...renumbered, ...arrived] };
  });
}

/** Do files go from the store with this? */
function letsFilesGo({ decisions }: Merged): boolean {
  return decisions.some(({ kind }) => kind === 'expunged' || kind === 'rewritten' || kind === 'unified');
}

type TextCounts = {
  readonly arrived: number;
  readonly bytes: number;
  readonly linked: number;
  readonly waiting: number;
};

/** What the plans would do, without doing it. */
function foresee(bench: Bench, merged: readonly Merged[], texts: TextsTaken): TextCounts {
  let linked = 0;
  const waiting = new Set<Guid>();
  for (const { mailbox } of merged) {
    const work = planOf(bench, mailbox, texts.spooled);
    linked += work.change?.deliver.filter(({ text }) => text !== 'spool').length ?? 0;
    for (const guid of work.waiting) waiting.add(guid);
  }
  return { arrived: texts.arrived, bytes: texts.bytes, linked, waiting: waiting.size };
}

type Results = {
  readonly run: Run;
  readonly arrivals: readonly Arrival[];
  readonly merged: readonly Merged[];
  readonly texts: TextCounts;
  readonly settled: ReadonlyMap<MailboxName, Settled>;
  readonly troubles: readonly Trouble[];
  readonly fed: Fed | null;
  readonly refetched: Refetched | null;
};

function reportOf(
  { catalog }: Session,
  source: ImportSource,
  options: ImportOptions,
  { run, arrivals, merged, texts, settled, troubles, fed, refetched }: Results,
): ImportReport {
  const { arrived, bytes, linked, waiting } = texts;
  const spellings = catalog.spellings();
  const mailboxes: ImportedMailbox[] = merged.map(({ mailbox, decisions, refused }) => {
    const { unstorable = [], troubles = [] } = settled.get(mailbox) ?? {};
    return {
      mailbox,
      decisions: spelledDecisions(decisions, spellings),
      refused,
      unstorable: unstorable.map((flag) => spellingOf(flag, spellings)),
      troubles,
    };
  });
  const told = arrivals.flatMap(({ news }) => news.map(({ name }) => name));
  return {
    kind: 'import',
    dryRun: options.dryRun,
    source: nameOf(source),
    scan: scanReportOf(run),
    bundles: arrivals.map(({ imported }) => imported()),
    mailboxes: mailboxes.filter(
      ({ decisions, refused, unstorable, troubles }) =>
        decisions.length + refused.length + unstorable.length + troubles.length > 0,
    ),
    texts: { arrived, bytes, linked, waiting },
    trashed: merged.reduce((sum, { trashed }) => sum + trashed.length, 0),
    withheld: merged.flatMap(({ mailbox, withheld }) =>
      withheld.filter(({ counts }) => isAny(counts)).map(({ from, counts }) => ({ mailbox, from, ...counts })),
    ),
    expunged: totalOf([deletionsDecided(merged)]),
    unmatched: unmatchedPatterns(catalog, options.mailboxes, told),
    fed,
    refetched,
    troubles,
  };
}

/** By what the medium is known again: its id, or its directory where it has none. Null for files and pipes. */
function mediumOf(source: ImportSource): string | null {
  return 'directory' in source ? (source.seen?.id ?? resolve(source.directory)) : null;
}

function nameOf(source: ImportSource): string {
  return 'directory' in source ? source.directory : 'files' in source ? source.files.join(', ') : '-';
}

type Imported = {
  readonly source: string;
  readonly arrivals: readonly Arrival[];
  readonly merged: readonly Merged[];
  readonly texts: TextsTaken;
};

/**
 * Adds the import to the log, in the transaction that makes it irrevocable: should the run die after that, the next
 * one finishes it in silence.
 */
function logImport(session: Session, { source, arrivals, merged, texts: { arrived, bytes } }: Imported): void {
  const used = arrivals.map(({ imported }) => imported()).filter(({ outcome }) => outcome !== 'old');
  if (used.length === 0) return;
  session.catalog.log({
    atS: Math.floor(session.nowMs() / 1000),
    what: 'import',
    details: {
      source,
      bundles: used.map(({ fileName, from, number, outcome }) => ({
        fileName,
        from: from?.name ?? null,
        number,
        outcome,
      })),
      mailboxes: merged
        .filter(({ decisions }) => decisions.length > 0)
        .map(({ mailbox, decisions }) => ({ mailbox, decisions: countKinds(decisions) })),
      texts: { arrived, bytes },
    },
  });
}

function countKinds(decisions: readonly { readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of decisions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
