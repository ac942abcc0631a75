import { Failure, invariant } from '../../failure.js';
import { type HostId, hostIdPattern } from '../../replica/host-id.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { formatRanges, parseRanges, type Ranges } from '../../replica/number-ranges.js';
import type { Clock } from '../../replica/version-vector.js';
import type { Preamble } from './bundle-contents.js';
import { hostsMax } from './bundle-limits.js';
import { distinct, malformed, toCounter, toList, toMatch, toPositive, toTuple } from './parse-json-value.js';

/** The hosts that a bundle names, in ascending order; everywhere else they are said by their index here. */
export type HostTable = { readonly ids: readonly HostId[]; indexOf(host: HostId): number; has(host: HostId): boolean };

/** Throws `internal` from `indexOf` for a host that is not in the table. */
export function hostTable(ids: readonly HostId[]): HostTable {
  const indices = new Map(ids.map((id, index) => [id, index]));
  return {
    ids,
    has: (host) => indices.has(host),
    indexOf(host) {
      const index = indices.get(host);
      invariant(index !== undefined, `host "${host}" is not in the table of a bundle`);
      return index;
    },
  };
}

/**
 * Every host that a preamble and its news name; statements have a table of their own. Labels of the UID ledger are not
 * hosts, though some look like them.
 */
export function hostsIn(preamble: Preamble, news: readonly MailboxNews[]): HostTable {
  const { from, to, heard, witnessed, statements, disowned } = preamble;
  const named = [heard, witnessed, statements].flatMap((hosts) => [...hosts.keys()]);
  const hosts = new Set<HostId>([from.hostId, ...to, ...named, ...disowned]);
  const add = (host: HostId): void => {
    if (host !== '') hosts.add(host);
  };
  const addClock = (clock: Clock): void => {
    for (const host of clock.keys()) add(host);
  };
  for (const { from, base, clock, exists, subscribed, living, saves, updates } of news) {
    add(from);
    addClock(base);
    addClock(clock);
    add(exists.host);
    add(subscribed.host);
    for (const host of living.keys()) add(host);
    for (const { birth, uid, flags, movedFrom } of saves) {
      add(birth.host);
      add(uid.host);
      for (const register of flags.values()) add(register.host);
      if (movedFrom === undefined) continue;
      add(movedFrom.birth.host);
      addClock(movedFrom.clock);
    }
    for (const { birth, uid, flags } of updates) {
      add(birth.host);
      if (uid !== undefined) add(uid.host);
      for (const register of flags.values()) add(register.host);
    }
  }
  if (hosts.size > hostsMax)
    throw new Failure('cannot-create', `writing a bundle: it would name more than ${hostsMax} hosts`);
  return hostTable([...hosts].sort());
}

/** `hosts` of `bundle.json`. */
export function parseHosts(value: unknown): HostTable {
  const ids = toList(value, '"hosts"', hostsMax).map((id) => toMatch(id, 'an item of "hosts"', hostIdPattern));
  return hostTable(distinct(ids, '"hosts"'));
}

/** The host that an index of the manifest's table stands for. Throws `bundle-not-understood`. */
export function parseHost(value: unknown, hosts: HostTable): HostId {
  const host = typeof value === 'number' ? hosts.ids[value] : undefined;
  if (host === undefined) throw malformed('a host is not an index of the table of hosts');
  return host;
}

/** `[[host, serial, modseq], ...]`, by ascending index. */
export function clockJson(clock: Clock, hosts: HostTable): readonly (readonly number[])[] {
  return [...clock]
    .map(([host, { serial, modseq }]) => [hosts.indexOf(host), serial, modseq] as const)
    .sort((a, b) => a[0] - b[0]);
}

/** The inverse of `clockJson`; the hosts may be in any order, each once. Throws `bundle-not-understood`. */
export function parseClock(value: unknown, hosts: HostTable): Clock {
  const clock = new Map<HostId, { serial: number; modseq: number }>();
  for (const item of toList(value, 'a clock', hostsMax)) {
    const [index, serial, modseq] = toTuple(item, 'an item of a clock', 3);
    const host = parseHost(index, hosts);
    if (clock.has(host)) throw malformed('a clock names a host twice');
    clock.set(host, { serial: toCounter(serial, 'a serial'), modseq: toCounter(modseq, 'a modseq') });
  }
  return clock;
}

/** `[[host, "1:40,42"], ...]`, by ascending index. */
export function hostRangesJson(
  map: ReadonlyMap<HostId, Ranges>,
  hosts: HostTable,
): readonly (readonly [number, string])[] {
  return [...map]
    .map(([host, ranges]) => [hosts.indexOf(host), formatRanges(ranges)] as const)
    .sort((a, b) => a[0] - b[0]);
}

/**
 * For each host ranges of its serials: `[[host, "1:40,42"], ...]`, each host once. `what` names the list in the failure
 * `bundle-not-understood`.
 */
export function parseHostRanges(value: unknown, what: string, hosts: HostTable): ReadonlyMap<HostId, Ranges> {
  const map = new Map<HostId, Ranges>();
  for (const item of toList(value, what, hostsMax)) {
    const [index, text] = toTuple(item, `an item of ${what}`, 2);
    const host = parseHost(index, hosts);
    if (map.has(host)) throw malformed(`${what} names a host twice`);
    map.set(host, parseRangesText(text, what));
  }
  return map;
}

/**
 * Ranges written as in IMAP, ascending and apart: `1:40,42`. `what` names the value in the failure
 * `bundle-not-understood`.
 */
export function parseRangesText(value: unknown, what: string): Ranges {
  const ranges = typeof value === 'string' ? parseRanges(value) : undefined;
  if (ranges === undefined) throw malformed(`${what} has ranges that are not ascending like "1:40,42"`);
  return ranges;
}

/** A birth `[host, serial]`. */
export function parseBirth(value: unknown, hosts: HostTable): { readonly host: HostId; readonly serial: number } {
  const [host, serial] = toTuple(value, 'a birth', 2);
  return { host: parseHost(host, hosts), serial: toPositive(serial, 'a serial') };
}
