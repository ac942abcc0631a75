/** What is known of every letter from what people did, whatever the programs made of it. */
export type Letters = {
  /** A new one, of this place. */
  next(place: string): string;
  isIn(id: string, mailbox: string): void;
  /** From a peace on, all hosts have the letters that are there, as one. */
  settle(): void;
  /**
   * Whether it may be expunged, moved or copied: all have it, and nobody has done anything of that to it yet. Of two moves at two hosts there would
   * come two copies, and what a fetcher still has to fetch comes back.
   */
  mayBeChanged(id: string): boolean;
  changed(id: string, mailboxes: readonly string[]): void;
  /** Where each letter has to be, sorted; nowhere, if it was expunged. */
  expected(): ReadonlyMap<string, readonly string[]>;
};

export function makeLetters(): Letters {
  const where = new Map<string, readonly string[]>();
  const settled = new Set<string>();
  const touched = new Set<string>();
  let count = 0;
  return {
    next: (place) => `${place}-${++count}`,
    isIn: (id, mailbox) => void where.set(id, [mailbox]),
    settle() {
      for (const id of where.keys()) settled.add(id);
    },
    mayBeChanged: (id) => settled.has(id) && !touched.has(id),
    changed(id, mailboxes) {
      touched.add(id);
      where.set(id, [...mailboxes].sort());
    },
    expected: () => where,
  };
}
