import { beginAgain, eraAfter, withKeptUids, yielding } from '../../src/merge/change/start-empty-as-new-host.js';
import { observe } from '../../src/merge/observe/observe-mailbox.js';
import type { HostId } from '../../src/replica/host-id.js';
import { undisturbed } from './model-bundle.js';
import type { ModelHost } from './model-host.js';
import { settle } from './model-settle.js';

/** Begins again as another host with what is in the store. */
export function rejoin(host: ModelHost, id: HostId, { keepUids }: { readonly keepUids: boolean }): void {
  host.formerIds.add(host.id);
  host.id = id;
  host.exchange.beginAgain();
  host.spool = new Set();
  const { givesUids, mailboxes, subscribed } = host.store;
  const stores = new Map([...mailboxes].map(([name, box]) => [name, givesUids ? box : null]));
  const all = new Map([...mailboxes.keys(), ...host.catalog.keys()].map((name) => [name, host.known(name)]));
  const era = eraAfter(all.values(), stores.values(), { nowS: host.nowS, self: id });
  host.era = era;
  for (const [name, before] of all) {
    const store = stores.has(name) ? (stores.get(name) ?? null) : 'absent';
    const blank = beginAgain(before, { self: id, era, store, keepUids });
    const scan = host.store.scan(name, { assignUids: keepUids });
    host.catalog.set(name, blank);
    if (scan === null) continue;
    const digests = host.store.digests(name, () => true);
    const context = { self: id, nowS: host.nowS, digests, subscribed: subscribed.has(name) };
    const observation = observe(blank, keepUids ? withKeptUids(scan, before) : scan, context, host.rules);
    const found = yielding(observation.known, id);
    const known = givesUids ? found : { ...found, storeUids: null };
    host.witness.observed(host, blank, known, observation);
    host.catalog.set(name, known);
  }
  settle(host, undisturbed);
}
