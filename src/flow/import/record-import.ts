import { resolve } from 'node:path';
import type { Bench } from '../../apply/context/run-context.js';
import { addUnsettled } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import { peersInStepSince, putPeersInStepSince } from '../../catalog/facts/runs/peers-in-step-since.js';
import { forgetReceivedTexts } from '../../catalog/facts/runs/texts-of-interrupted-import.js';
import type { LogCatalog } from '../../catalog/interface/log-catalog.js';
import { peersInStep } from '../../check/account-status.js';
import type { HostId } from '../../replica/host-id.js';
import { rememberTold } from '../peers/acknowledge-limited-peers.js';
import type { ImportSource } from '../peers/incoming-bundle.js';
import { askAnew } from '../peers/vouched-hosts/hosts-left-out-beyond-limits.js';
import { logDetailsOf } from '../reports/logged-message.js';
import { forgetHeardDepartures, replacedIn } from '../run/gone-here-still-at-peers.js';
import type { ImportSituation } from './gather-facts-for-import.js';
import type { ImportOptions } from './import-options.js';
import type { ImportPlan } from './import-plan.js';
import { nameOfSource } from './import-report.js';
import { messagesForLog } from './list-messages-for-log.js';
import { rememberSenders } from './record-senders.js';

/**
 * Notes, in the transaction that makes the import irrevocable, what was said by whom, what peers need not be told, what
 * goes from the store and what is to be done in it, and adds the import to the log: should the run die after that, the
 * next one finishes it in silence.
 */
export function recordImport(
  { catalog }: Pick<Bench, 'catalog'>,
  { self, nowS, statements, room }: ImportSituation,
  plan: ImportPlan,
  {
    source,
    options,
    inStep,
  }: {
    readonly source: ImportSource;
    readonly options: Pick<ImportOptions, 'mailboxes'>;
    /** The peers that knew everything before this import. */
    readonly inStep: ReadonlySet<HostId>;
  },
): void {
  const { arrivals, mailboxes } = plan;
  rememberSenders(catalog, arrivals, {
    nowS,
    complete: options.mailboxes.length === 0,
    medium: mediumOf(source),
    heard: statements.heard,
    isKnown: room.isKnown,
  });
  const mailboxesHere = new Set(catalog.summaries().map(({ state }) => state.name));
  room.rememberMailboxes((mailbox) => mailboxesHere.has(mailbox));
  askAnew(
    catalog,
    mailboxes.flatMap(({ strange }) => strange),
  );
  catalog.addDeparted(mailboxes.flatMap(({ known, decisions }) => replacedIn(known.state, decisions, self)));
  rememberTold(catalog, mailboxes);
  forgetHeardDepartures(catalog);
  addUnsettled(
    catalog,
    mailboxes.map(({ mailbox }) => mailbox),
  );
  catalog.addTrash(mailboxes.flatMap(({ trashed }) => trashed));
  notePeersInStep(catalog, inStep, nowS);
  if (arrivals.some(({ preamble }) => preamble !== null)) forgetReceivedTexts(catalog);
  logImport(catalog, plan, { source: nameOfSource(source), atS: nowS });
}

/** Notes which peers have everything now, and since when: since now those that did not before. */
function notePeersInStep(catalog: Bench['catalog'], before: ReadonlySet<HostId>, nowS: number): void {
  const since = peersInStepSince(catalog);
  const sinceOf = (host: HostId): number => (before.has(host) ? (since.get(host) ?? nowS) : nowS);
  putPeersInStepSince(catalog, new Map([...peersInStep(catalog)].map((host) => [host, sinceOf(host)])));
}

/** By what the medium is known again: its id, or its directory where it has none. Null for files and pipes. */
function mediumOf(source: ImportSource): string | null {
  return 'directory' in source ? (source.seen?.id ?? resolve(source.directory)) : null;
}

function logImport(
  catalog: LogCatalog,
  { arrivals, mailboxes, texts: { arrived, bytes } }: ImportPlan,
  { source, atS }: { readonly source: string; readonly atS: number },
): void {
  const used = arrivals.map(({ imported }) => imported()).filter(({ outcome }) => outcome !== 'old');
  if (used.length === 0) return;
  catalog.log({
    atS,
    what: 'import',
    details: {
      source,
      bundles: used.map(({ fileName, from, number, outcome, madeAtS }) => ({
        fileName,
        from: from?.name ?? null,
        number,
        madeAtS,
        outcome,
      })),
      mailboxes: mailboxes
        .filter(({ decisions }) => decisions.length > 0)
        .map(({ mailbox, decisions }) => ({ mailbox, decisions: countKinds(decisions) })),
      texts: { arrived, bytes },
      ...logDetailsOf(messagesForLog(mailboxes)),
    },
  });
}

function countKinds(decisions: readonly { readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of decisions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
