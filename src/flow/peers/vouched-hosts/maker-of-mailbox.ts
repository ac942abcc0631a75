import type { Preamble } from '../../../bundle/format/bundle-contents.js';
import { signerOf } from '../../../bundle/format/signed-statement-json.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import type { SignedChangesCatalog } from '../../../catalog/interface/signed-changes-catalog.js';
import type { StatementCatalog } from '../../../catalog/interface/statement-catalog.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { HostId } from '../../../replica/host-id.js';
import type { MailboxNews } from '../../../replica/mailbox-news.js';
import { coversTick, type Tick, zeroTick } from '../../../replica/version-vector.js';
import type { Strangers } from '../../../replica/vouched-hosts.js';
import { deedsIn, readSigned } from '../read-signed-statement.js';

type Ticks = ReadonlyMap<MailboxName, Tick>;

/**
 * Tells for which host a mailbox that is not known here is to be counted, of the mailboxes of one bundle: for the one
 * that made it, where the bundle shows it to have signed so; else for who tells of it. So nobody fills the room of
 * another, and no relay is to blame for what it was told. `strangers`: hosts that are known by others.
 */
export function makersIn(
  { account, from, relayed, statements }: Pick<Preamble, 'account' | 'from' | 'relayed' | 'statements'>,
  strangers: Strangers,
  catalog: PairedHostCatalog & StatementCatalog & SignedChangesCatalog,
): (news: MailboxNews) => HostId {
  const found = new Map<HostId, Ticks>();
  const ticksOf = (host: HostId): Ticks => {
    const known = found.get(host);
    const ticks = known ?? readTicks(host);
    if (known === undefined) found.set(host, ticks);
    return ticks;
  };
  const readTicks = (host: HostId): Ticks => {
    const kept = catalog.statementOf(host);
    const paired = catalog.pairedHosts().find(({ hostId }) => hostId === host)?.signingKey;
    const key = paired ?? (kept === null ? null : signerOf(kept));
    for (const signed of key === null ? [] : relayed) {
      const read = readSigned(signed, account);
      if ('strange' in read || read.statement.from.hostId !== host) continue;
      return read.key === key ? deedsIn(read.statement).ticks : noTicks;
    }
    const number = statements.get(host)?.number;
    return number === undefined ? noTicks : (catalog.signedUpTo(host, number)?.ticks ?? noTicks);
  };
  return ({ name, exists: { host, modseq } }) => {
    if (host === '' || host === from.hostId) return from.hostId;
    // Those that are known by the sender count as its own in any case.
    if (strangers.get(host)?.by === from.hostId) return host;
    return coversTick(ticksOf(host).get(name) ?? zeroTick, { serial: 0, modseq }) ? host : from.hostId;
  };
}

const noTicks: Ticks = new Map();
