/** What a map reads its entries from: all as they are now. */
export type MapSource<K, V> = {
  /** How many entries there were when the map was made. */
  readonly size: number;
  read(key: K): V | undefined;
  /** All of them, as they were when the map was made: those in `kept` are in place of what stands there now. */
  readAll(kept: ReadonlyMap<K, V | undefined>): ReadonlyMap<K, V>;
};

/** After so many single entries, and this part of all (one of so many), the rest is read at once. */
const singleReadsMin = 64;
const singleReadsShare = 32;

/**
 * A map whose entries are read when they are asked for, and that never changes: whoever changes one in the source has
 * it kept here before (`keep`).
 */
export class MapReadOnDemand<K, V, S extends MapSource<K, V> = MapSource<K, V>> implements ReadonlyMap<K, V> {
  readonly source: S;
  readonly size: number;
  /** What was read so far; undefined for what is not there. */
  readonly #known = new Map<K, V | undefined>();
  /** Keys under which the source has, or may have, something else by now. */
  readonly #changed = new Set<K>();
  #reads = 0;
  #all: ReadonlyMap<K, V> | null = null;

  constructor(source: S) {
    this.source = source;
    this.size = source.size;
  }

  get(key: K): V | undefined {
    if (this.#all !== null) return this.#all.get(key);
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    this.#reads += 1;
    if (this.#reads > singleReadsMin + this.size / singleReadsShare) return this.#whole().get(key);
    const value = this.source.read(key);
    this.#known.set(key, value);
    return value;
  }

  /** To be called before the entry under this key is changed in the source. */
  keep(key: K): void {
    if (this.#changed.has(key)) return;
    if (this.#all === null && !this.#known.has(key)) this.#known.set(key, this.source.read(key));
    this.#changed.add(key);
  }

  /**
   * Entries that were found in the source by some question, as they were when this map was made. What was changed since
   * is always among them: how it would have answered then nobody knows.
   */
  *found(entries: Iterable<readonly [K, V]>): Iterable<V> {
    for (const [key, value] of entries) {
      if (this.#changed.has(key)) continue;
      const known = this.#all === null ? this.#known.get(key) : this.#all.get(key);
      if (known === undefined && this.#all === null) this.#known.set(key, value);
      yield known ?? value;
    }
    for (const key of this.#changed) {
      const value = this.get(key);
      if (value !== undefined) yield value;
    }
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  entries(): MapIterator<[K, V]> {
    return this.#whole().entries();
  }

  keys(): MapIterator<K> {
    return this.#whole().keys();
  }

  values(): MapIterator<V> {
    return this.#whole().values();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.#whole()) visit(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  #whole(): ReadonlyMap<K, V> {
    if (this.#all === null) {
      this.#all = this.source.readAll(this.#known);
      this.#known.clear();
    }
    return this.#all;
  }
}
