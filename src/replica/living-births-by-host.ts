import type { HostId } from './host-id.js';
import type { Birth } from './message-birth.js';
import { type Ranges, rangesOf } from './number-ranges.js';

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
