import type { MapReadOnDemand } from '../../replica/map-read-on-demand.js';

/** The maps that were given out and read their entries from one table, by the row id of their mailbox. */
type MapsOnDemand<K, V> = {
  add<M extends MapReadOnDemand<K, V>>(mailbox: number, map: M): M;
  /** To be called before an entry is changed in the table: each of these maps stays as it was. */
  keep(mailbox: number, key: K): void;
};

/** None so far. Who has let go of a map need not say so. */
export function mapsOnDemand<K, V>(): MapsOnDemand<K, V> {
  const given = new Map<number, Set<WeakRef<MapReadOnDemand<K, V>>>>();
  return {
    add(mailbox, map) {
      const maps = given.get(mailbox) ?? new Set();
      given.set(mailbox, maps.add(new WeakRef<MapReadOnDemand<K, V>>(map)));
      return map;
    },
    keep(mailbox, key) {
      const maps = given.get(mailbox);
      for (const ref of maps ?? []) {
        const map = ref.deref();
        if (map === undefined) maps?.delete(ref);
        else map.keep(key);
      }
    },
  };
}
