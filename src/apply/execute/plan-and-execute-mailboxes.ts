import {
  addUnsettled,
  unsettledMailboxes,
  writeUnsettled,
} from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import type { Transactional } from '../../catalog/interface/transactional.js';
import { Failure } from '../../failure.js';
import type { Flag } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { type Plan, plan } from '../../merge/deliver/plan-store-changes.js';
import type { Decision } from '../../merge/merge-decision.js';
import { renumber } from '../../merge/uids/renumber-uid-conflicts.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import { type SpooledTexts, textsAtHand } from '../context/available-texts.js';
import type { Bench } from '../context/run-context.js';
import { heedInterruption } from '../context/stop-if-interrupted.js';
import type { WorkingCopy } from '../context/working-copy-of-mailboxes.js';
import { carryOut, newResult, type Result } from './execute-plan-of-one-mailbox.js';
import { beginServing } from './raise-server-modseqs.js';

/**
 * How often a mailbox is planned anew before it is left for the next run. One round does it when nobody else touches
 * the mailbox, a second when expunged mail was the source of a copy elsewhere; a delivery beside us costs one more,
 * after which the mailbox is held until it is settled.
 */
export const roundsMax = 8;

/** What mailboxes are planned with: the store chooses names, and is not touched. */
type Planner = {
  readonly catalog: IdentityCatalog & Pick<TextCatalog, 'copyOf'> & Pick<MailboxCatalog, 'spellings'>;
  readonly store: Pick<MailStore, 'chooseRef'>;
  readonly copy: WorkingCopy;
  readonly nowS: () => number;
};

/** What became of one mailbox. */
export type Settled = {
  readonly linked: number;
  readonly unstorable: readonly Flag[];
  readonly troubles: readonly Trouble[];
};

/**
 * Makes the store hold what the replicated state says, for the mailboxes named, and lets the catalog know what the
 * store then really holds. A mailbox with trouble does not stop the others; it stays unsettled, for the next run to try
 * again. What it is about to deliver stands in the catalog before it is done, so that after a crash anywhere in here
 * the next run recognises what was half done, and does the rest by the same way.
 */
export async function settle(
  bench: Bench,
  mailboxes: readonly MailboxName[],
  spooled: SpooledTexts,
): Promise<ReadonlyMap<MailboxName, Settled>> {
  const serving = await beginServing(bench, mailboxes);
  const settled = new Map(await settleStore(bench, mailboxes, spooled));
  for (const trouble of await serving.end()) {
    const before = settled.get(trouble.subject) ?? { linked: 0, unstorable: [], troubles: [] };
    settled.set(trouble.subject, { ...before, troubles: [...before.troubles, trouble] });
  }
  return settled;
}

async function settleStore(
  bench: Bench,
  mailboxes: readonly MailboxName[],
  spooled: SpooledTexts,
): Promise<ReadonlyMap<MailboxName, Settled>> {
  if (mailboxes.length === 0) return new Map(); // a sync would wait for whatever else is on its way to the disk
  const results = new Map<MailboxName, Result>();
  const holds = new Map<MailboxName, () => void>();
  let open = [...new Set(mailboxes)];
  try {
    for (let round = 0; open.length > 0; round++) {
      const works = announce(bench, open, spooled);
      const needed = textSources(works);
      open = [];
      for (const { mailbox, work } of works) {
        const result = results.get(mailbox) ?? newResult();
        results.set(mailbox, result);
        if (isIdle(work)) continue;
        await heedInterruption(bench);
        if (result.troubles.size > 0) continue; // what failed once is not tried again in this run
        if (round === roundsMax) {
          result.troubles.set(mailbox, { subject: mailbox, failure: tooBusy(mailbox) });
          continue;
        }
        const heldBack = needed.get(mailbox);
        const expunge = work.change?.expunge.filter(({ ref }) => heldBack?.has(ref) !== true) ?? [];
        await carryOut(bench, { ...work, change: work.change && { ...work.change, expunge } }, { result, holds });
        open.push(mailbox);
      }
    }
  } finally {
    for (const release of holds.values()) release();
  }
  await bench.store.sync();
  const failed = [...results].filter(([, { troubles }]) => troubles.size > 0).map(([mailbox]) => mailbox);
  const others = unsettledMailboxes(bench.catalog).filter((mailbox) => !results.has(mailbox));
  writeUnsettled(bench.catalog, [...others, ...failed]);
  return new Map(
    [...results].map(([mailbox, { linked, unstorable, troubles }]) => [
      mailbox,
      { linked, unstorable: [...unstorable], troubles: [...troubles.values()] },
    ]),
  );
}

type Work = { readonly mailbox: MailboxName; readonly work: Plan };

/** Plans all mailboxes and commits what will be delivered under which name. */
function announce(
  bench: Planner & { readonly catalog: FactCatalog & Transactional },
  mailboxes: readonly MailboxName[],
  spooled: SpooledTexts,
): Work[] {
  return bench.catalog.transaction(() => {
    addUnsettled(bench.catalog, mailboxes);
    for (const mailbox of mailboxes) renumberMailbox(bench, mailbox, spooled);
    const works = mailboxes.map((mailbox) => ({ mailbox, work: planOf(bench, mailbox, spooled) }));
    for (const { work } of works) bench.copy.put(work.announced);
    return works;
  });
}

/**
 * Gives new UIDs where they are needed now that these texts are here, in the working copy; answers what was decided.
 */
export function renumberMailbox(
  bench: Pick<Planner, 'copy'> & { readonly catalog: IdentityCatalog & Pick<TextCatalog, 'copyOf'> },
  mailbox: MailboxName,
  spooled: SpooledTexts,
): readonly Decision[] {
  const texts = textsAtHand(bench.catalog, spooled);
  const { known, decisions } = renumber(bench.copy.get(mailbox), bench.catalog.identity.hostId, texts);
  bench.copy.put(known);
  return decisions;
}

/** The work a mailbox needs, given the texts that lie in the spool. */
export function planOf(bench: Planner, mailbox: MailboxName, spooled: SpooledTexts): Plan {
  return plan(bench.copy.get(mailbox), {
    copyOf: (mail) => bench.catalog.copyOf(mail),
    spooled,
    chooseRef: (hint, taken, text) => bench.store.chooseRef(hint, taken, text),
    nowS: bench.nowS(),
    spellings: bench.catalog.spellings(),
  });
}

function isIdle(work: Plan): boolean {
  return work.change === null && !work.remove && work.subscribe === null;
}

/** Messages whose texts deliveries into other mailboxes will be taken from: they must not go before. */
function textSources(works: readonly Work[]): Map<MailboxName, Set<string>> {
  const needed = new Map<MailboxName, Set<string>>();
  for (const { mailbox, work } of works) {
    for (const { text } of work.change?.deliver ?? []) {
      if (text === 'spool' || text.mailbox === mailbox) continue;
      const refs = needed.get(text.mailbox) ?? new Set();
      needed.set(text.mailbox, refs.add(text.ref));
    }
  }
  return needed;
}

function tooBusy(mailbox: MailboxName): Failure {
  return new Failure('locked', `changing mailbox ${mailbox}: mail kept arriving in between`, {
    hint: 'Nothing is lost: the next run goes on where this one stopped.',
  });
}
