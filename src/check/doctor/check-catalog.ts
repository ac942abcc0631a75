import { dumpCatalog } from '../../catalog/dump-catalog.js';
import type { Catalog } from '../../catalog/interface/catalog.js';
import type { MailboxCatalog, MailboxSummary } from '../../catalog/interface/mailbox-catalog.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import { Failure, type FailureCode } from '../../failure.js';
import { livingOf } from '../../replica/living-births-by-host.js';
import { countMailbox, outlineOf } from '../../replica/mailbox-outline.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { livingIn, openBirths } from '../../replica/messages-read-on-demand.js';
import { formatRanges } from '../../replica/number-ranges.js';
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
  const counts = countMailbox(known, outlineOf(known));
  const awaited = new Set(catalog.waitingGuids());
  return (
    counts.messages === messages &&
    counts.waiting.length === waiting &&
    counts.leftovers === leftovers &&
    counts.waiting.every((guid) => awaited.has(guid)) &&
    isOutlined(known)
  );
}

/** Is what the catalog keeps of all messages of the mailbox together what a look at each of them shows? */
function isOutlined(known: KnownMailbox): boolean {
  const kept = openBirths(known);
  const { open } = outlineOf(known);
  const lists = [livingIn(known.state.instances), livingOf(known.state.instances.values())].map((living) =>
    [...living].map(([host, ranges]) => `${host} ${formatRanges(ranges)}`).sort(),
  );
  return (kept === null || sameSet(kept, open)) && String(lists[0]) === String(lists[1]);
}

function sameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

function miscounted(mailbox: string): string {
  return `the catalog counts other messages in ${mailbox} than it has`;
}
