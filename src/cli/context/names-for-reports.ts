import { openCatalogCopy } from '../../catalog/open-catalog-copy.js';
import { accountsIn, catalogPathOf } from '../../config/account-directories.js';
import type { Config } from '../../config/load-config.js';
import { isOfOneThing } from '../../failure.js';
import type { ImportedBundle } from '../../flow/reports/run-report-types.js';
import type { Session } from '../../flow/session/account-session.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { namesOf } from '../../replica/host-name.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import type { Names } from '../../terminal/output/output-interface.js';
import { hostNames } from '../../terminal/output/view-options-and-names.js';

/**
 * Names of hosts and UIDs of messages as this account knows them; senders of the bundles included, also of a dry run's.
 */
export function namesFrom({ catalog }: Pick<Session, 'catalog'>, bundles: readonly ImportedBundle[] = []): Names {
  const mailboxes = new Map<MailboxName, KnownMailbox | null>();
  const load = (mailbox: MailboxName): KnownMailbox | null => {
    const known = mailboxes.get(mailbox) ?? catalog.load(mailbox);
    mailboxes.set(mailbox, known);
    return known;
  };
  return {
    hostName: hostNames(
      namesOf(
        [
          // As they were called when they were paired: what they call themselves by now anybody may choose.
          ...catalog.pairedHosts().map(({ hostId, name }) => [hostId, name] as const),
          [catalog.identity.hostId, catalog.identity.hostName],
        ],
        [
          ...catalog.peers().map(({ hostId, hostName }) => [hostId, hostName] as const),
          ...bundles.flatMap(({ from }) => (from === null ? [] : [[from.hostId, from.name] as const])),
        ],
      ),
    ),
    uidOf: (mailbox, birth) => load(mailbox)?.state.instances.get(birthKey(birth))?.uid.uid ?? null,
  };
}

/**
 * Names of hosts as the account of this name knows them, where this host has it and it can be read; it is looked at as
 * its last commit left it, and nothing in it is changed.
 */
export async function namesOfAccount(
  { dataDirectory }: Pick<Config, 'dataDirectory'>,
  account: string,
): Promise<Names> {
  if (!accountsIn(dataDirectory.value).includes(account)) return namesOfNobody;
  try {
    const catalog = await openCatalogCopy(catalogPathOf(dataDirectory.value, account));
    try {
      const { hostName } = namesFrom({ catalog });
      return { ...namesOfNobody, hostName };
    } finally {
      await catalog.close();
    }
  } catch (cause) {
    if (isOfOneThing(cause)) return namesOfNobody; // what a bundle holds can be told without it
    throw cause;
  }
}

/** For reports that come from no account. */
export const namesOfNobody: Names = { hostName: hostNames([]), uidOf: () => null };
