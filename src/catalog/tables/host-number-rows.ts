import { invariant } from '../../failure.js';
import { type HostId, hostIdPattern } from '../../replica/host-id.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import { type Database, firstRow } from '../sql/database.js';
import { asCount, asHostId, Garbled } from '../sql/parse-column.js';

/**
 * Host ids as small numbers. Every register names a host; 32 digits each would be most of the file, and reading them
 * back as one shared string keeps a mailbox of 20,000 messages small in memory.
 */
export interface HostTable {
  /** Takes the host up where it is new; only within a transaction. The empty host of an untouched register is 0. */
  numberOf(host: HostId): number;
  /** Undefined where the host was never taken up. */
  knownNumberOf(host: HostId): number | undefined;
  hostOf(number: unknown, what: string): HostId;
  /** Likewise, where nobody (the empty host) cannot be. */
  someHostOf(number: unknown, what: string): HostId;
  /** A birth as the two cells it is kept in, and back. */
  birthOf(key: BirthKey): readonly [host: number, serial: number];
  birthKeyOf(host: unknown, serial: unknown, what: string): BirthKey;
  /** To be called after a rollback: numbers given out in it do not exist. */
  forget(): void;
}

/** The table `host`, read once and kept in memory. */
export function hostTable(db: Database): HostTable {
  const numbers = new Map<HostId, number>();
  const hosts = new Map<number, HostId>();

  function remember(host: HostId, number: number): void {
    numbers.set(host, number);
    hosts.set(number, host);
  }

  function readAll(): void {
    remember('', 0);
    for (const row of db.all('SELECT number, host FROM host')) {
      remember(asHostId(row.host, 'host.host'), asCount(row.number, 'host.number'));
    }
  }

  function numberOf(host: HostId): number {
    if (numbers.size === 0) readAll();
    const known = numbers.get(host);
    if (known !== undefined) return known;
    invariant(hostIdPattern.test(host), `${host} is kept as a host id`);
    db.run('INSERT INTO host (host) VALUES (?)', host);
    const number = asCount(firstRow(db, 'SELECT number FROM host WHERE host = ?', host)?.number, 'host.number');
    remember(host, number);
    return number;
  }

  function hostOf(number: unknown, what: string): HostId {
    if (numbers.size === 0) readAll();
    const host = typeof number === 'number' ? hosts.get(number) : undefined;
    if (host === undefined) throw new Garbled(`${what} names no known host`);
    return host;
  }

  function someHostOf(number: unknown, what: string): HostId {
    const host = hostOf(number, what);
    if (host === '') throw new Garbled(`${what} names nobody`);
    return host;
  }

  function knownNumberOf(host: HostId): number | undefined {
    if (numbers.size === 0) readAll();
    return numbers.get(host);
  }

  return {
    numberOf,
    knownNumberOf,
    hostOf,
    someHostOf,
    birthOf(key) {
      const slash = key.indexOf('/');
      return [numberOf(key.slice(0, slash)), Number(key.slice(slash + 1))];
    },
    birthKeyOf(host, serial, what) {
      return birthKey({ host: someHostOf(host, what), serial: asCount(serial, what) });
    },
    forget() {
      numbers.clear();
      hosts.clear();
    },
  };
}
