import type { Bench } from '../../apply/context/run-context.js';
import type { Preamble } from '../../bundle/format/bundle-contents.js';
import type { WriteKeys } from '../../bundle/write/write-bundle.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import { readersIn, recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import { withFirstUids } from '../../merge/uids/number-mailbox-without-uids.js';
import { keysOfHost } from '../peers/paired-host-keys.js';
import type { Run } from '../run/begin-run.js';
import { isServedNews, nothingServed, servedHere } from '../run/server-modseqs.js';
import type { Session } from '../session/account-session.js';
import { lastingPart } from './compact-bundle-chain.js';
import { type ComposeRequest, type Outstanding, outstandingFor } from './compose-bundle.js';
import { type LeftOut, leftOutTexts, nothingLeftOut } from './deferred-texts.js';
import type { ExportOptions } from './export-options.js';
import type { Outlet } from './export-to-directory-or-pipe.js';
import { isAcknowledged, isStated, type OwnStatement, reaches, statementOf } from './what-recipients-know.js';

/**
 * What is the case before an export decides anything: what lies at the target, what its readers know, and what they
 * lack.
 */
export type ExportSituation = {
  readonly recipients: readonly Peer[];
  /** Is there anybody to write for? Not where every peer was revoked. */
  readonly hasReaders: boolean;
  /** Bundles of ours that lie whole at the target, oldest first. */
  readonly chain: readonly Exported[];
  /** As many of these as the next bundle is to build upon; those after them are to be said again, in one. */
  readonly lasting: readonly Exported[];
  /** Bundles of ours, wherever they lie, of which no recipient needs anything any more. */
  readonly heardByAll: readonly Exported[];
  /** Bundles of ours that every recipient has, or will find: what was said last stands in the newest of them. */
  readonly stating: readonly Exported[];
  /** Files at the target under our names that nobody needs. */
  readonly obsoleteFiles: readonly string[];
  /** Texts that earlier bundles should have had. */
  readonly deferred: LeftOut;
  /** What this host would say of itself now. */
  readonly statement: OwnStatement;
  /** What is to be told, apart from the chain that it builds upon: see `ExportSituation.lasting`. */
  readonly request: Omit<ComposeRequest, 'chain'>;
  /** What the recipients lack, given `lasting`. */
  readonly outstanding: Outstanding;
  /** Do they lack nothing, and does this host say nothing new of itself? */
  readonly isQuiet: boolean;
  /** What the mail server tells clients, where it was asked, and why it could not be. */
  readonly served: { readonly modseqs: Preamble['served']; readonly troubles: readonly Trouble[] };
  /** Does it tell them of higher modseqs than any host has spoken of? */
  readonly hasServedMore: boolean;
  readonly keys: WriteKeys;
};

/**
 * Finds out what an export has to decide upon. Of the mailboxes that nobody has named a UIDVALIDITY for it names one,
 * within a transaction of its own, as others are about to hear of them; for the rest it reads only. `fileBytes` tells
 * how many bytes a bundle may have now. Throws `identity` where a clone of this host has written to the target,
 * `config` where this host's keys are missing.
 */
export async function assessExport(
  session: Session,
  { bench, scan }: Run,
  { outlet, fileBytes }: { readonly outlet: Outlet; readonly fileBytes: () => number },
  options: ExportOptions,
): Promise<ExportSituation> {
  const { catalog } = session;
  const { dryRun, full, texts } = options;
  const recipients = recipientsOf(catalog);
  const hasReaders = recipients.length > 0 || catalog.pairedHosts().length === 0;
  if (hasReaders) catalog.transaction(() => nameUids(bench));
  const exports = catalog.exports();
  const chain = await outlet.intact(exports);
  const deferred = texts === 'never' ? nothingLeftOut : await leftOutTexts(bench);
  const request = { recipients, full, texts, leftOut: deferred, takes: mailboxFilter(options.mailboxes) };
  const mayCompact = texts !== 'never' && !full && options.mailboxes.length === 0;
  const lasting = mayCompact ? lastingPart(chain, fileBytes()) : chain;
  const lacked = outstandingFor(bench, { ...request, chain: full ? [] : chain });
  const outstanding = lasting.length === chain.length ? lacked : outstandingFor(bench, { ...request, chain: lasting });
  const statement = statementOf(catalog);
  const heardByAll = exports.filter((bundle) =>
    recipients.every((peer) => isAcknowledged(bundle, peer) || !reaches(bundle, peer)),
  );
  const stating = [...chain, ...heardByAll].filter((bundle) => recipients.every((peer) => reaches(bundle, peer)));
  const isQuiet = lacked.tellings.length + lacked.asked.length === 0 && !full && isStated(statement, stating);
  const asksServer = hasReaders && !dryRun && (!isQuiet || scan.isTouched);
  const { served, troubles } = asksServer ? await servedHere(session) : nothingServed;
  return {
    ...{
      recipients,
      hasReaders,
      chain,
      lasting,
      heardByAll,
      stating,
      deferred,
      statement,
      request,
      outstanding,
      isQuiet,
    },
    served: { modseqs: served, troubles },
    hasServedMore: isServedNews(session, served),
    obsoleteFiles: await outlet.worthless(exports),
    keys: writeKeys(session, recipients.length > 0 && !options.plain),
  };
}

/**
 * Gives the mailboxes that nobody has named a UIDVALIDITY for one, and their messages UIDs: now others hear of them.
 */
function nameUids({ catalog, copy, nowS }: Pick<Bench, 'catalog' | 'copy' | 'nowS'>): void {
  const self = catalog.identity.hostId;
  for (const { state } of catalog.summaries()) {
    if (state.validity === null) copy.put(withFirstUids(copy.get(state.name), { self, nowS: nowS() }));
  }
}

/** Signed with this host's key, and sealed to whom it is paired with and to itself. */
function writeKeys({ catalog, keys }: Pick<Session, 'catalog' | 'keys'>, isSealed: boolean): WriteKeys {
  const { signingKey, ageIdentity } = keys();
  if (!isSealed) return { signingKey, recipients: [] };
  const recipients = readersIn(catalog).map((host) => keysOfHost(host).ageRecipient);
  return { signingKey, recipients: [...recipients, ageIdentity.recipient] };
}
