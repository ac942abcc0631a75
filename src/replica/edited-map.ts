/**
 * A map that is another one with edits: what did not change is not copied, and what did is known without a comparison.
 * Only `draftOf` edits it, before anybody else sees it. In the order of `Map`: what is replaced stays in its place.
 */
export class EditedMap<K, V> implements ReadonlyMap<K, V> {
  /** No `EditedMap` itself. */
  readonly base: ReadonlyMap<K, V>;
  readonly #set: Map<K, V>;
  /** Keys of the base that were deleted. One that is set again comes last, and stays in here. */
  readonly #deleted: Set<K>;
  #size: number;
  /** Set once there were so many edits that a copy is cheaper. */
  #whole: Map<K, V> | null = null;

  constructor(original: ReadonlyMap<K, V>) {
    const edited = original instanceof EditedMap ? original : null;
    if (edited !== null && edited.#whole !== null) {
      this.base = edited.#whole;
      this.#set = new Map();
      this.#deleted = new Set();
    } else {
      this.base = edited === null ? original : edited.base;
      this.#set = new Map(edited === null ? [] : edited.#set);
      this.#deleted = new Set(edited === null ? [] : edited.#deleted);
    }
    this.#size = original.size;
  }

  /** The keys under which it may differ from the base; null where nobody kept count. */
  edits(): ReadonlySet<K> | null {
    return this.#whole === null ? new Set([...this.#deleted, ...this.#set.keys()]) : null;
  }

  set(key: K, value: V): void {
    if (this.#whole !== null) {
      this.#whole.set(key, value);
      return;
    }
    if (!this.has(key)) this.#size += 1;
    this.#set.set(key, value);
    if (this.#set.size > editsMin + this.base.size / editsShare) this.#whole = new Map(this);
  }

  delete(key: K): void {
    if (this.#whole !== null) {
      this.#whole.delete(key);
      return;
    }
    if (!this.has(key)) return;
    this.#size -= 1;
    this.#set.delete(key);
    if (this.base.has(key)) this.#deleted.add(key);
    if (this.#deleted.size > editsMin + this.base.size / editsShare) this.#whole = new Map(this);
  }

  get size(): number {
    return this.#whole === null ? this.#size : this.#whole.size;
  }

  get(key: K): V | undefined {
    if (this.#whole !== null) return this.#whole.get(key);
    const value = this.#set.get(key);
    if (value !== undefined || this.#set.has(key)) return value;
    return this.#deleted.has(key) ? undefined : this.base.get(key);
  }

  has(key: K): boolean {
    if (this.#whole !== null) return this.#whole.has(key);
    return this.#set.has(key) || (!this.#deleted.has(key) && this.base.has(key));
  }

  *entries(): MapIterator<[K, V]> {
    if (this.#whole !== null) {
      yield* this.#whole;
      return;
    }
    for (const [key, value] of this.base) {
      if (this.#deleted.has(key)) continue;
      const edited = this.#set.get(key);
      yield [key, edited === undefined && !this.#set.has(key) ? value : (edited as V)];
    }
    for (const entry of this.#set) {
      if (this.#deleted.has(entry[0]) || !this.base.has(entry[0])) yield entry;
    }
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}

/** With more edits than these, and this part of the base (one of so many), a map is copied after all. */
const editsMin = 256;
const editsShare = 4;

type Editable<K, V> = Map<K, V> | EditedMap<K, V>;

/** Up to this size a map in memory is copied at the first change. Exclusive. */
const copiedMax = 4096;

/** A map under change: what did not change stays the very same object. */
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
  let edited: Editable<K, V> | null = null;
  const current = (): ReadonlyMap<K, V> => edited ?? original;
  const writable = (): Editable<K, V> => {
    edited ??= original instanceof Map && original.size < copiedMax ? new Map(original) : new EditedMap(original);
    return edited;
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

/** The map with another value under one key. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  const draft = draftOf(map);
  draft.set(key, value);
  return draft.current();
}

type Difference<K, V> =
  | { readonly key: K; readonly before: V; readonly after: undefined }
  | { readonly key: K; readonly before: V | undefined; readonly after: V };

/**
 * What is gone, then what is new or not the same object any more. Costs the edits, where one map was made of the other
 * by few.
 */
export function* differences<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): Iterable<Difference<K, V>> {
  if (before === after) return;
  const edited = keysEdited(before, after);
  for (const key of edited ?? before.keys()) {
    const was = before.get(key);
    if (was !== undefined && !after.has(key)) yield { key, before: was, after: undefined };
  }
  for (const key of edited ?? after.keys()) {
    const was = before.get(key);
    const is = after.get(key);
    if (is !== undefined && was !== is) yield { key, before: was, after: is };
  }
}

/** The keys under which two maps may differ; null where neither was made of the other, or both of one, by few edits. */
export function keysEdited<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): ReadonlySet<K> | null {
  const [from, to] = [before, after].map((map) =>
    map instanceof EditedMap
      ? { base: map.base as ReadonlyMap<K, V>, edits: map.edits() as ReadonlySet<K> | null }
      : { base: map, edits: noKeys },
  ) as [Edits<K, V>, Edits<K, V>];
  if (from.edits === null || to.edits === null || from.base !== to.base) return null;
  return new Set([...from.edits, ...to.edits]);
}

type Edits<K, V> = { readonly base: ReadonlyMap<K, V>; readonly edits: ReadonlySet<K> | null };

const noKeys: ReadonlySet<never> = new Set();
