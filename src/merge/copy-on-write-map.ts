/** A map under change: copied at the first change, so that what did not change stays the very same object. */
export type DraftMap<K, V> = {
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): void;
  delete(key: K): void;
  /** As it is now; the original where nothing was changed. */
  current(): ReadonlyMap<K, V>;
};

/** Setting a key to the value it has is no change. */
export function draftOf<K, V>(original: ReadonlyMap<K, V>): DraftMap<K, V> {
  let copy: Map<K, V> | null = null;
  const current = (): ReadonlyMap<K, V> => copy ?? original;
  const writable = (): Map<K, V> => {
    copy ??= new Map(original);
    return copy;
  };
  return {
    current,
    get: (key) => current().get(key),
    has: (key) => current().has(key),
    set(key, value) {
      if (current().get(key) !== value || !current().has(key)) writable().set(key, value);
    },
    delete(key) {
      if (current().has(key)) writable().delete(key);
    },
  };
}
