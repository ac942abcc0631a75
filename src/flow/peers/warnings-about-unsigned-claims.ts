import type { Catalog } from '../../catalog/interface/catalog.js';
import type { Finding } from '../../check/reports/doctor-finding.js';
import { Failure, invariant } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { type HostId, hostIdPattern } from '../../replica/host-id.js';

// That a peer says more of a host than that host has signed is told once, and `doctor` goes on saying so until that peer shows what it says.

const key = 'doubts';

/** So many are kept, inclusive, the newest: a bad peer could speak for any number of hosts. */
const doubtsMax = 64;

/** Somebody said more of a host than that host has signed, as far as the one who said it could show. */
export type Doubt = {
  readonly from: HostId;
  readonly of: HostId;
  /** One in which it did so. */
  readonly mailbox: MailboxName;
  readonly atS: number;
};

export function doubtsIn(catalog: Catalog): readonly Doubt[] {
  const rows: unknown = JSON.parse(catalog.note(key) ?? '[]');
  invariant(Array.isArray(rows), `the note ${key} is not a list`);
  return rows.map((row: unknown) => {
    invariant(Array.isArray(row), `the note ${key} has no list`);
    const [from, of, mailbox, atS]: unknown[] = row;
    invariant(isHost(from) && isHost(of), `the note ${key} names no hosts`);
    invariant(typeof mailbox === 'string' && typeof atS === 'number', `the note ${key} says not where and when`);
    return { from, of, mailbox, atS };
  });
}

function isHost(value: unknown): value is HostId {
  return typeof value === 'string' && hostIdPattern.test(value);
}

/** Remembers what is doubted now, in the open transaction, and forgets what `isOver`. Answers what is new. */
export function rememberDoubts(
  catalog: Catalog,
  found: readonly Doubt[],
  isOver: (doubt: Doubt) => boolean,
): readonly Doubt[] {
  const before = doubtsIn(catalog);
  const known = new Set(before.map(keyOf));
  const added = new Map(found.filter((doubt) => !known.has(keyOf(doubt))).map((doubt) => [keyOf(doubt), doubt]));
  const still = new Set(found.map(keyOf));
  const kept = before.filter((doubt) => still.has(keyOf(doubt)) || !isOver(doubt));
  if (added.size === 0 && kept.length === before.length) return [];
  const rows = [...kept, ...added.values()]
    .slice(-doubtsMax)
    .map(({ from, of, mailbox, atS }) => [from, of, mailbox, atS]);
  catalog.setNote(key, rows.length === 0 ? null : JSON.stringify(rows));
  return [...added.values()];
}

function keyOf({ from, of }: Doubt): string {
  return `${from} ${of}`;
}

/** A doubt as the trouble that it is. `subject`: the bundle that gave rise to it. */
export function doubtTrouble({ from, of }: Doubt, subject: string, nameOf: (host: HostId) => string): Trouble {
  return {
    subject,
    failure: new Failure('untrusted', whatIsDoubted(from, of, nameOf), { hint: remedyOf(from, of, nameOf) }),
  };
}

/** For `doctor`: of peers whose word is still taken. */
export function doubtFindings(catalog: Catalog, nameOf: (host: HostId) => string): Finding[] {
  const revoked = new Set(catalog.pairedHosts().flatMap(({ hostId, isRevoked }) => (isRevoked ? [hostId] : [])));
  return doubtsIn(catalog)
    .filter(({ from }) => !revoked.has(from))
    .map(({ from, of }) => ({
      code: 'peers',
      weight: 'notice',
      where: nameOf(from),
      what: whatIsDoubted(from, of, nameOf),
      remedy: remedyOf(from, of, nameOf),
    }));
}

function whatIsDoubted(from: HostId, of: HostId, nameOf: (host: HostId) => string): string {
  const [who, whom] = [nameOf(from), nameOf(of)];
  return `${who} said more of what ${whom} did than it shows ${whom} to have signed; that was not believed, all else was used`;
}

function remedyOf(from: HostId, of: HostId, nameOf: (host: HostId) => string): string {
  const [who, whom] = [nameOf(from), nameOf(of)];
  return `Where ${who} is not paired with ${whom}, others may have told it so: pair these two. Else, if it goes on, ${who} does not tell the truth: mrepl peers revoke ${who}`;
}
