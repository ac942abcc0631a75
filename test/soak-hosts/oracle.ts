/** What is known of a text from what users did, whatever mrepl made of it. Keyed by the hash of the text. */
type Fate = {
  /** Deliveries, copies, moves and returns: in the end there are at most so many of it. */
  instancesMax: number;
  isExpunged: boolean;
  /** Was it ever anything but one message in one mailbox, expunged or not? Then only bounds are known. */
  isManifold: boolean;
};

/** Keeps count, beside the hosts, of every text that was ever delivered and of what users did with it. */
export type Oracle = {
  delivered(text: string): void;
  /** Somewhere there is one more of it, or there may be: copied, moved, brought back by a backup or by `restore`. */
  multiplied(text: string): void;
  expunged(text: string): void;
  /** An expunge of it may be undone: a host that still had it was given another identity. */
  mayReturn(text: string): void;
  readonly texts: number;
  readonly expunges: number;
  /** What is wrong with the mail that all hosts hold in the end: the texts, one entry for each message. */
  judge(held: readonly string[]): string[];
};

export function makeOracle(): Oracle {
  const fates = new Map<string, Fate>();
  const returning = new Set<string>();
  const fateOf = (text: string): Fate => {
    const fate = fates.get(text);
    if (fate === undefined) throw new Error(`nobody ever delivered the text ${text}`);
    return fate;
  };
  return {
    delivered(text) {
      const known = fates.get(text);
      if (known === undefined) fates.set(text, { instancesMax: 1, isExpunged: false, isManifold: false });
      else Object.assign(known, { instancesMax: known.instancesMax + 1, isManifold: true });
    },
    multiplied(text) {
      const fate = fateOf(text);
      fate.instancesMax += 1;
      fate.isManifold = true;
    },
    expunged: (text) => void Object.assign(fateOf(text), { isExpunged: true }),
    mayReturn: (text) => void returning.add(text),
    get texts() {
      return fates.size;
    },
    get expunges() {
      return [...fates.values()].filter(({ isExpunged }) => isExpunged).length;
    },
    judge(held) {
      const counts = new Map<string, number>();
      for (const text of held) counts.set(text, (counts.get(text) ?? 0) + 1);
      const complaints: string[] = [];
      for (const text of counts.keys()) if (!fates.has(text)) complaints.push(`${text} was never delivered`);
      for (const [text, { instancesMax, isExpunged, isManifold }] of fates) {
        const count = counts.get(text) ?? 0;
        if (count === 0 && !isExpunged) complaints.push(`${text} is lost: nobody expunged it`);
        if (count > instancesMax) complaints.push(`${text} is there ${count} times, at most ${instancesMax} were made`);
        if (count > 0 && isExpunged && !isManifold && !returning.has(text)) {
          complaints.push(`${text} was expunged, and is back`);
        }
      }
      return complaints;
    },
  };
}
