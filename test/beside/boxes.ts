/**
 * Mailboxes that come and go, each with one place that makes, renames and deletes it; what two places do to one at a time is told by the model.
 * Their names never come back, unless mail was on its way to them.
 */
export type Boxes = {
  /** A new name. Into an `idle` one nobody puts any mail: mbsync deletes no mailbox with mail in it, and has those only. */
  next(owner: string, kind: BoxKind, above?: string): string;
  made(name: string): void;
  gone(name: string): void;
  renamed(from: string, to: string): void;
  /** What has no mail that keeps it may be deleted where all have heard of it: else some fetcher has yet to make it. */
  mayBeRemoved(name: string): boolean;
  /** A letter of this place was put into the mailbox, if it is one of these. */
  used(name: string, place: string): void;
  /** Those that are there, by what people did. */
  living(kind: BoxKind, owner?: string): string[];
  settle(): void;
  /** What is wrong with the mailboxes that a place shows. */
  flawsOf(shown: readonly string[], kinds: readonly BoxKind[]): string[];
};

export type BoxKind = 'busy' | 'idle';

/** What their names begin with; mbsync is told to leave the busy ones alone, and beside a Dovecot all. */
export const busyPrefix = 'Own/';
export const idlePrefix = 'Lists/new-';

export function makeBoxes(): Boxes {
  const boxes = new Map<
    string,
    { owner: string; kind: BoxKind; isThere: boolean; isForeign: boolean; isSettled: boolean }
  >();
  let count = 0;
  return {
    next(owner, kind, above) {
      const name = `${owner}-${++count}`;
      const full =
        kind === 'idle' ? `${idlePrefix}${name}` : above === undefined ? busyPrefix + name : `${above}/${name}`;
      boxes.set(full, { owner, kind, isThere: false, isForeign: false, isSettled: false });
      return full;
    },
    made(name) {
      const box = boxes.get(name);
      if (box !== undefined) box.isThere = true;
    },
    gone(name) {
      const box = boxes.get(name);
      if (box !== undefined) box.isThere = false;
    },
    renamed(from, to) {
      const box = boxes.get(from);
      if (box === undefined) return;
      boxes.set(to, { ...box, isThere: true, isForeign: false, isSettled: false });
      box.isThere = false;
    },
    mayBeRemoved(name) {
      const box = boxes.get(name);
      return box !== undefined && (box.kind === 'busy' || box.isSettled);
    },
    used(name, place) {
      const box = boxes.get(name);
      if (box !== undefined && box.owner !== place) box.isForeign = true;
    },
    living: (kind, owner) =>
      [...boxes]
        .filter(([, box]) => box.isThere && box.kind === kind && (owner === undefined || box.owner === owner))
        .map(([name]) => name),
    settle() {
      for (const [name, { isThere, isForeign }] of boxes) if (!isThere && isForeign) boxes.delete(name);
      for (const box of boxes.values()) {
        box.isForeign = false;
        box.isSettled = true;
      }
    },
    flawsOf: (shown, kinds) =>
      [...boxes]
        .filter(([, { kind }]) => kinds.includes(kind))
        .flatMap(([name, { isThere, isForeign }]) => {
          if (isThere && !shown.includes(name)) return [`${name} is not there`];
          return !isThere && !isForeign && shown.includes(name) ? [`${name} is there`] : [];
        }),
  };
}
