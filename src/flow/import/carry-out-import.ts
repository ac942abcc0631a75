import type { Bench } from '../../apply/context/run-context.js';
import { planOf, type Settled, settle } from '../../apply/execute/plan-and-execute-mailboxes.js';
import { mendTexts } from '../../apply/mend/mend-damaged-texts.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Refetched } from '../reports/fetched-mail-report.js';
import type { Run } from '../run/begin-run.js';
import type { Session } from '../session/account-session.js';
import { dropUnawaited } from '../trash/spooled-texts.js';
import { tidyTrash } from '../trash/tidy-trash.js';
import { refetchedBy } from './detect-refetched-mail.js';
import type { ImportPlan } from './import-plan.js';
import type { MergedMailbox } from './plan-merge-of-bundles.js';

/** What became of a plan. */
export type ImportEnd = {
  /** What the store made of each mailbox. */
  readonly settled: ReadonlyMap<MailboxName, Settled>;
  /** Messages that were delivered from copies that were here. */
  readonly linked: number;
  /** Messages that are known, and whose texts are not here yet. */
  readonly waiting: readonly Guid[];
  /** Did many of the new messages come that are here in other bytes? */
  readonly refetched: Refetched | null;
};

/**
 * Makes the store hold what the catalog knows by now (mrepl-sync(7), ORDER OF DURABILITY, 3). What fails is left for
 * the next run, which finds it undone.
 */
export async function carryOutImport(
  session: Session,
  { bench, mending }: Run,
  { mailboxes, texts }: ImportPlan,
): Promise<ImportEnd> {
  const { catalog, store } = session;
  session.listener({ kind: 'stage', stage: 'apply', subject: store.description });
  await mendTexts(bench, mending, texts.spooled);
  const open = [...mailboxes.map(({ mailbox }) => mailbox), ...mending.toSettle];
  const settled = await settle(bench, open, texts.spooled);
  await dropUnawaited(session);
  await tidyTrash(session, { isTouched: mailboxes.some(letsFilesGo) });
  const linked = [...settled.values()].reduce((sum, { linked }) => sum + linked, 0);
  const refetched = await refetchedBy(bench, mailboxes);
  return { settled, linked, waiting: catalog.deliverableGuids(), refetched };
}

/** Do files go from the store with this? */
function letsFilesGo({ decisions }: MergedMailbox): boolean {
  return decisions.some(({ kind }) => kind === 'expunged' || kind === 'rewritten' || kind === 'unified');
}

/** The end of a dry run: what the store would have to do first is planned, and not done. */
export function foreseenEnd(bench: Bench, { mailboxes, texts }: ImportPlan): ImportEnd {
  const works = mailboxes.map(({ mailbox }) => planOf(bench, mailbox, texts.spooled));
  const deliveries = works.flatMap(({ change }) => change?.deliver ?? []);
  const waiting = new Set<Guid>(works.flatMap((work) => work.waiting));
  const linked = deliveries.filter(({ text }) => text !== 'spool').length;
  return { settled: new Map(), linked, waiting: [...waiting], refetched: null };
}
