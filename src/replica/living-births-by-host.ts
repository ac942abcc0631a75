import type { HostId } from './host-id.js';
import { type Birth, type BirthKey, birthOf } from './message-birth.js';
import { normaliseRanges, type Ranges, rangesOf, withoutNumbers } from './number-ranges.js';

/** The serials of the living births, by host: with a clock this is also the list of what was expunged. */
export type Living = ReadonlyMap<HostId, Ranges>;

/** The serials of these messages. Hosts without any are not in it. */
export function livingOf(instances: Iterable<{ readonly birth: Birth }>): Living {
  const serials = new Map<HostId, number[]>();
  for (const { birth } of instances) {
    const list = serials.get(birth.host);
    if (list === undefined) serials.set(birth.host, [birth.serial]);
    else list.push(birth.serial);
  }
  return new Map([...serials].map(([host, list]) => [host, rangesOf(list)]));
}

type Births = { has(birth: BirthKey): boolean };

/** The serials that live after messages under these keys came or went, where `living` is what lived before. */
export function editedLiving(
  living: Living,
  keys: Iterable<BirthKey>,
  { before, after }: { readonly before: Births; readonly after: Births },
): Living {
  const came = new Map<HostId, number[]>();
  const went = new Map<HostId, number[]>();
  for (const key of keys) {
    const is = after.has(key);
    if (before.has(key) === is) continue;
    const { host, serial } = birthOf(key);
    const changed = is ? came : went;
    const serials = changed.get(host);
    if (serials === undefined) changed.set(host, [serial]);
    else serials.push(serial);
  }
  if (came.size + went.size === 0) return living;
  const found = new Map<HostId, Ranges>();
  for (const host of new Set([...living.keys(), ...came.keys()])) {
    const kept = withoutNumbers(living.get(host) ?? [], went.get(host) ?? []);
    const ranges = normaliseRanges([...kept, ...rangesOf(came.get(host) ?? [])]);
    if (ranges.length > 0) found.set(host, ranges);
  }
  return found;
}
