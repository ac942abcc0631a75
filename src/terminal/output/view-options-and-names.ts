import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import { namelessHost } from '../../replica/host-name.js';
import type { Birth } from '../../replica/message-birth.js';

/** What renderers need beyond the report itself. */
export type View = {
  readonly nowS: number;
  /** Show all of a long list. */
  readonly verbose: boolean;
  /** Width that tables keep to. */
  readonly columns: number;
  /** The words behind `mrepl` of the command that does what a dry run shows. */
  readonly command: readonly string[];
  /** Does no further report of the same command follow? */
  readonly isLast: boolean;
  /** The name of a host, for people; see `hostNames`. */
  readonly hostName: (hostId: HostId) => string;
  /** The UID by which this host's store shows a message now, where it does. */
  readonly uidOf: (mailbox: MailboxName, birth: Birth) => number | null;
};

/** Looks names up; a host that is known only from what others said of it is shown by the beginning of its id. */
export function hostNames(known: Iterable<readonly [HostId, string]>): (hostId: HostId) => string {
  const names = new Map(known);
  return (hostId) => names.get(hostId) ?? namelessHost(hostId);
}
