import type { Bench } from '../../apply/context/run-context.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import { diff } from '../../merge/send/news-since.js';
import { deletionsToldBy, totalOf } from '../run/count-deletions.js';
import { guardDeleteLimit, passedOnTo } from '../run/guards-against-mail-loss.js';
import type { Session } from '../session/account-session.js';
import { outstandingFor } from './compose-bundle.js';
import type { ExportOptions } from './export-options.js';
import { type ExportTarget, openOutlet } from './export-to-directory-or-pipe.js';

/**
 * What `beginRun` is to check before anything of the run is kept: whether this export would pass on more deletions than
 * it may, those included that earlier runs have seen and not passed on. Undefined where nothing limits that. The check
 * throws `guard`.
 */
export function outgoingDeletionsCheck(
  session: Session,
  target: ExportTarget,
  { deleteMax, full, mailboxes }: Pick<ExportOptions, 'deleteMax' | 'full' | 'mailboxes'>,
): ((bench: Bench, messages: number) => Promise<void>) | undefined {
  if (deleteMax === undefined) return undefined;
  return async (bench, messages) => {
    const outlet = await openOutlet(session, target);
    const chain = full ? [] : await outlet.intact(bench.catalog.exports());
    const recipients = recipientsOf(bench.catalog);
    const leftOut = { ready: [], still: [] };
    const { tellings } = outstandingFor(bench, {
      ...{ recipients, chain, full: false, texts: 'never', leftOut },
      takes: mailboxFilter(mailboxes),
    });
    const news = tellings.map(({ state, base }) => diff(state, base, bench.catalog.identity.hostId));
    const expunged = totalOf([deletionsToldBy(bench, news)]).messages;
    guardDeleteLimit(deleteMax, { expunged, messages: messages + expunged, says: passedOnTo(outlet.name) });
  };
}
