/** What is known of every letter from what people did, whatever the programs made of it. */
export type Letters = {
  /** A new one, of this place. */
  next(place: string): string;
  isIn(id: string, mailbox: string): void;
  /** From a peace on, all hosts have the letters that are there, as one. */
  settle(): void;
  /**
   * Whether it may be expunged, moved or copied: all have it, and nobody has done anything of that to it since. Of two moves at two hosts there
   * would come two copies, and what a fetcher still has to fetch comes back.
   */
  mayBeChanged(id: string): boolean;
  /** Somebody begins to. */
  take(id: string): void;
  isTaken(id: string): boolean;
  changed(id: string, mailboxes: readonly string[]): void;
  /** It was in one mailbox that is now another, or gone. */
  left(id: string, mailbox: string, to: string | null): void;
  /** Those in this mailbox or one below it. */
  within(mailbox: string): string[];
  where(id: string): readonly string[];
  /** Where each letter has to be, sorted; nowhere, if it was expunged. */
  expected(): ReadonlyMap<string, readonly string[]>;
};

export function makeLetters(): Letters {
  const places = new Map<string, readonly string[]>();
  const settled = new Set<string>();
  const taken = new Set<string>();
  let count = 0;
  const where = (id: string): readonly string[] => places.get(id) ?? [];
  const changed = (id: string, mailboxes: readonly string[]): void => {
    taken.add(id);
    places.set(id, [...mailboxes].sort());
  };
  return {
    next: (place) => `${place}-${++count}`,
    isIn: (id, mailbox) => void places.set(id, [mailbox]),
    settle() {
      for (const id of places.keys()) settled.add(id);
      taken.clear();
    },
    mayBeChanged: (id) => settled.has(id) && !taken.has(id),
    take: (id) => void taken.add(id),
    isTaken: (id) => taken.has(id),
    changed,
    left(id, mailbox, to) {
      const others = where(id).filter((each) => each !== mailbox);
      changed(id, to === null ? others : [...others, to]);
    },
    within: (mailbox) =>
      [...places].filter(([, mailboxes]) => mailboxes.some((each) => isWithin(each, mailbox))).map(([id]) => id),
    where,
    expected: () => places,
  };
}

/** Whether a mailbox is this one or below it. */
export function isWithin(mailbox: string, top: string): boolean {
  return mailbox === top || mailbox.startsWith(`${top}/`);
}
