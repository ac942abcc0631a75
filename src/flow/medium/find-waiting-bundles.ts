import { ownNames } from '../../catalog/facts/own-host/own-host-names.js';
import { advice, Failure } from '../../failure.js';
import { isCardName, readCards } from '../../medium/card-files.js';
import { type Stray, straysIn } from '../../medium/find-misplaced-bundles.js';
import type { SeenMedium } from '../../medium/medium-identity.js';
import {
  accountFolder,
  legalName,
  listMedium,
  type MediumListing,
  numberInName,
} from '../../medium/name-and-list-bundle-files.js';
import { nothingOf, rightAccount } from '../peers/refuse-unpaired-export.js';
import type { Session } from '../session/account-session.js';
import { seeTarget } from './check-medium-is-mounted.js';

/**
 * Is there anything in the directory to import from; and where nothing of this account ever was, of which others is
 * there? Throws `medium-absent` where the directory itself is not there.
 */
export async function lookAround(
  session: Session,
  directory: string,
): Promise<{
  readonly seen: SeenMedium;
  readonly bundlesWait: boolean;
  readonly otherAccounts: readonly string[];
}> {
  const { account } = session.catalog.identity;
  const seen = seeTarget(session, directory);
  const listing = await listMedium(directory, account, session.signal);
  const bundlesWait = listing !== null && listing.bundles.length + listing.unusable.length > 0;
  return {
    seen,
    bundlesWait: bundlesWait || straysIn(directory, accountFolder(directory, account)).length > 0,
    otherAccounts: await otherAccountsAt(session, directory),
  };
}

/**
 * The accounts of which something lies there, where nothing of this one does; before this host is paired, nothing but
 * what it left itself: the account's name may be wrong. Throws as `listMedium` does.
 */
export async function otherAccountsAt(
  { catalog, signal }: Pick<Session, 'catalog' | 'signal'>,
  directory: string,
): Promise<readonly string[]> {
  const { account } = catalog.identity;
  const listing = await listMedium(directory, account, signal);
  if (listing === null || catalog.pairedHosts().length > 0) return listing === null ? [] : onlyOthers(listing, account);
  const names = ownNames(catalog);
  const { cards } = readCards(accountFolder(directory, account));
  const isOurs = ({ fileName }: { readonly fileName: string }): boolean =>
    numberInName(fileName, names) !== null || names.some((name) => isCardName(fileName, name));
  if (![...listing.bundles, ...cards].every(isOurs)) return [];
  return listing.accounts.filter((name) => name !== legalName(account));
}

/** The accounts of which something lies there, where nothing of this one does. */
function onlyOthers({ accounts }: MediumListing, account: string): readonly string[] {
  return accounts.includes(legalName(account)) ? [] : accounts;
}

/** `unusable`: what has the name of a bundle, and is no file. */
export type Waiting = { readonly files: readonly Stray[]; readonly unusable: MediumListing['unusable'] };

/**
 * What lies in the directory for this account: its bundles, then what may be one under another name, or beside the
 * folder. Throws `medium-absent` where nothing does, and `medium-lost`, `io`.
 */
export async function bundlesWaiting(
  session: Pick<Session, 'catalog' | 'signal'>,
  directory: string,
): Promise<Waiting> {
  const { account } = session.catalog.identity;
  const listing = await listMedium(directory, account, session.signal);
  const unusable = listing?.unusable ?? [];
  const strays = straysIn(directory, accountFolder(directory, account));
  if (strays.length > 0) return { files: [...bundlesOf(listing), ...strays], unusable };
  if (listing === null) {
    throw new Failure(
      'medium-absent',
      `importing from ${directory}: there is no folder "mrepl" in it; nothing was changed`,
      {
        hint: 'Is it the right directory, and has something been exported to it yet?',
      },
    );
  }
  refuseOnlyOthers(onlyOthers(listing, account), { account, directory });
  return { files: bundlesOf(listing), unusable };
}

/** Stops an import that would find nothing for the name of its account is wrong. Throws `medium-absent`. */
export async function refuseOtherAccounts(session: Session, directory: string): Promise<void> {
  const { account } = session.catalog.identity;
  refuseOnlyOthers(await otherAccountsAt(session, directory), { account, directory });
}

function refuseOnlyOthers(
  others: readonly string[],
  { account, directory }: { readonly account: string; readonly directory: string },
): void {
  if (others.length === 0) return;
  const message = `importing from ${directory}: ${nothingOf(account, others)}; nothing was changed`;
  const hint = advice`All hosts must use one account name. ${rightAccount(others)}`;
  throw new Failure('medium-absent', message, { hint });
}

function bundlesOf(listing: MediumListing | null): Stray[] {
  return (listing?.bundles ?? []).map((file) => ({ ...file, isLikely: true }));
}
