import { spellingOf } from '../../mail/flags.js';
import { spelledDecisions } from '../../merge/merge-decision.js';
import { isAny } from '../../merge/permission/withheld-changes.js';
import type { ImportSource } from '../peers/incoming-bundle.js';
import type { ImportedMailbox, ImportReport } from '../reports/run-report-types.js';
import { type Run, scanReportOf } from '../run/begin-run.js';
import { deletionsDecided, totalOf } from '../run/count-deletions.js';
import { unmatchedPatterns } from '../session/unmatched-patterns.js';
import type { ImportEnd } from './carry-out-import.js';
import type { ImportOptions } from './import-options.js';
import type { ImportPlan } from './import-plan.js';

/** Tells what an import did, or, in a dry run, what its plan is. */
export function importReport(
  run: Run,
  { arrivals, arrived, mailboxes: merged, texts, fed, freeBytes, troubles }: ImportPlan,
  { settled, linked, waiting, refetched }: ImportEnd,
  {
    source,
    options,
  }: {
    readonly source: ImportSource;
    readonly options: Pick<ImportOptions, 'dryRun' | 'mailboxes'>;
  },
): Omit<ImportReport, 'messages' | 'newest' | 'waitsFor'> {
  const { catalog } = run.bench;
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
  const bundles = arrivals.map(({ imported }) => imported());
  const told = arrivals.flatMap(({ news }) => news.map(({ name }) => name));
  return {
    kind: 'import',
    dryRun: options.dryRun,
    source: nameOfSource(source),
    scan: scanReportOf(run),
    bundles,
    intact: arrived !== null && bundles.every(({ outcome }) => outcome !== 'incomplete'),
    mailboxes: mailboxes.filter(
      ({ decisions, refused, unstorable, troubles }) =>
        decisions.length + refused.length + unstorable.length + troubles.length > 0,
    ),
    texts: { arrived: texts.arrived, bytes: texts.bytes, linked, waiting: waiting.length },
    room: { neededBytes: texts.bytes, freeBytes },
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

/** What a report and the log call the place that bundles came from. */
export function nameOfSource(source: ImportSource): string {
  return 'directory' in source ? source.directory : 'files' in source ? source.files.join(', ') : '-';
}
