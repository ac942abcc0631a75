import { dumpCatalog } from '../../catalog/dump-catalog.js';
import type { Catalog } from '../../catalog/interface/catalog.js';
import type { MailboxCatalog, MailboxSummary } from '../../catalog/interface/mailbox-catalog.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import { countMailbox } from '../../catalog/tables/count-mailbox.js';
import { Failure, type FailureCode } from '../../failure.js';
import type { Finding } from '../reports/doctor-finding.js';
import { findingOf } from '../reports/doctor-finding.js';

const remedy =
  'Put a copy of the file back, or move it away and set the account up again with "mrepl init": the mail itself is not touched.';

/** They end any run but this one, which is to say what is wrong. */
const ofCatalog: ReadonlySet<FailureCode> = new Set(['store-damaged', 'io', 'locked']);

/** Is every page of the catalog sound, can every row be read, and do the counts it keeps agree with what they count? */
export function checkCatalog(catalog: Catalog): Finding[] {
  const where = 'the catalog';
  const fault = (what: string): Finding => ({ code: 'catalog', weight: 'fault', where, what, remedy });
  const findings = catalog.integrityTroubles().map((what) => fault(`the catalog is damaged: ${what}`));
  try {
    for (const _line of dumpCatalog(catalog)); // parses every row
    const summaries = catalog.summaries();
    for (const summary of summaries) {
      if (!agrees(catalog, summary)) findings.push(fault(miscounted(summary.state.name)));
    }
  } catch (cause) {
    if (!(cause instanceof Failure) || !ofCatalog.has(cause.code)) throw cause;
    findings.push(findingOf('catalog', where, cause, remedy));
  }
  return findings;
}

function agrees(
  catalog: MailboxCatalog & TextCatalog,
  { state, messages, waiting, leftovers }: MailboxSummary,
): boolean {
  const known = catalog.load(state.name);
  if (known === null) return false;
  const counts = countMailbox(known);
  const awaited = new Set(catalog.waitingGuids());
  return (
    counts.messages === messages &&
    counts.waiting.length === waiting &&
    counts.leftovers === leftovers &&
    counts.waiting.every((guid) => awaited.has(guid))
  );
}

function miscounted(mailbox: string): string {
  return `the catalog counts other messages in ${mailbox} than it has`;
}
