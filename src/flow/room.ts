import { knownHostsMax, mailboxesMax, mailboxListBytesMax } from '../bundle/limits.js';
import type { VerifiedBundle } from '../bundle/open.js';
import { hostsInStatement } from '../bundle/statement.js';
import type { Catalog } from '../catalog/catalog.js';
import { Failure } from '../failure.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import { type Clock, emptyClock, joinClocks } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';

/** What this host can still come to know, and be able to say in a bundle of its own. */
export type Room = {
  /** Counts what is in the bundle as known. Throws `bundle-damaged` where it is too much; then nothing is counted. */
  admit(bundle: Pick<VerifiedBundle, 'manifest' | 'news'>, fileName: string): void;
  /** Is there room for these hosts? Then they are counted as known. */
  admitsHosts(named: ReadonlySet<HostId>): boolean;
};

/** Bytes of what a manifest says of a mailbox, without its name and its clocks. */
const itemBytes = 250;

/**
 * A paired host gone bad could name so many hosts and mailboxes that everybody who believed it would never again write a bundle that others
 * take. `catalog` is looked at now; what is admitted is added.
 */
export function roomIn(catalog: Catalog): Room {
  const hosts = new Set([
    ...catalog.knownHosts(),
    ...catalog.pairedHosts().map(({ hostId }) => hostId),
    catalog.identity.hostId,
  ]);
  const clocks = new Map<MailboxName, Clock>(catalog.summaries().map(({ state }) => [state.name, state.clock]));
  let bytes = [...clocks].reduce((sum, [name, clock]) => sum + mailboxBytes(name, clock), 0);
  const withNamed = (named: Iterable<HostId>): ReadonlySet<HostId> | null => {
    const all = new Set([...hosts, ...named]);
    return all.size > Math.max(hosts.size, knownHostsMax) ? null : all;
  };
  return {
    admit({ manifest, news }, fileName) {
      const named = withNamed([...manifest.hosts.ids, ...hostsInStatement(manifest.preamble)]);
      if (named === null) throw full(fileName, `${knownHostsMax} hosts`);
      const grown = new Map<MailboxName, Clock>();
      let more = 0;
      for (const { name, clock } of news) {
        const before = clocks.get(name);
        const after = joinClocks(before ?? emptyClock, clock);
        grown.set(name, after);
        more += mailboxBytes(name, after) - (before === undefined ? 0 : mailboxBytes(name, before));
      }
      const created = [...grown.keys()].filter((name) => !clocks.has(name)).length;
      if (created > 0 && clocks.size + created > mailboxesMax) throw full(fileName, `${mailboxesMax} mailboxes`);
      if (more > 0 && bytes + more > mailboxListBytesMax) throw full(fileName, 'a bundle of this host can list');
      for (const host of named) hosts.add(host);
      for (const [name, clock] of grown) clocks.set(name, clock);
      bytes += more;
    },
    admitsHosts(named) {
      const all = withNamed(named);
      for (const host of all ?? []) hosts.add(host);
      return all !== null;
    },
  };
}

/** A statement names a mailbox with its clock, and a manifest once more, with what its records build upon. */
function mailboxBytes(name: MailboxName, clock: Clock): number {
  let bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(name))); // in a statement, which is a string in the manifest
  for (const { serial, modseq } of clock.values()) bytes += `[${knownHostsMax},${serial},${modseq}],`.length;
  return itemBytes + 2 * bytes;
}

function full(fileName: string, what: string): Failure {
  return new Failure(
    'bundle-damaged',
    `importing ${fileName}: with it there would be more than ${what}; nothing of it was used`,
    { hint: 'Its sender is damaged, or not to be trusted any more: see "mrepl inspect", and "mrepl peers revoke".' },
  );
}
