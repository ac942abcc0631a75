import { complaintAbout, hasOrders } from './exhaust-check.js';
import { keyOf, resume, type Snapshot, snapshotOf } from './exhaust-snapshot.js';
import { ExhaustWorld, type Setting } from './exhaust-world.js';

/** A history: which of the deeds that were possible was done, each time. */
export type History = readonly number[];

/** What came of a history, and of each that has one deed more. */
export type Expansion = {
  readonly complaint: string | null;
  /** What each of those with one deed more comes to, in the order of the deeds. */
  readonly keys: readonly Buffer[];
  /** A deed that could not be done, or that gave a UID another meaning. */
  readonly failed: { readonly deed: number; readonly why: string } | null;
};

type Step = { readonly deed: number; readonly snapshot: Snapshot };

/** Goes through histories; quick where each begins as the one before it did. */
export class Explorer {
  private readonly exhaust: ExhaustWorld;
  private readonly path: Step[] = [];
  private readonly start: Snapshot;

  constructor(setting: Setting) {
    this.exhaust = new ExhaustWorld(setting);
    this.start = snapshotOf(this.exhaust);
  }

  /** Checks what a history comes to, and goes one deed further in every way unless it is one of the last. */
  expand(history: History, isLast: boolean): Expansion {
    const { exhaust } = this;
    const endsInBundle = this.follow(history);
    // What nobody returns to needs no snapshot.
    const snapshot = isLast && !hasOrders(exhaust.world) ? null : snapshotOf(exhaust);
    if (snapshot !== null) this.remember(history, snapshot);
    const complaint = complaintAbout(exhaust, snapshot, { endsInBundle });
    if (isLast || snapshot === null || complaint !== null) return { complaint, keys: [], failed: null };
    resume(exhaust, snapshot);
    return { complaint, ...this.goFurther(snapshot) };
  }

  private goFurther(snapshot: Snapshot): Pick<Expansion, 'keys' | 'failed'> {
    const { exhaust } = this;
    const keys: Buffer[] = [];
    let failed: Expansion['failed'] = null;
    const count = exhaust.deeds().length;
    for (let n = 0; n < count && failed === null; n++) {
      const deed = exhaust.deeds()[n];
      if (deed === undefined) throw new Error('what can be done changed without a deed');
      try {
        deed.act();
        keys.push(keyOf(exhaust, { before: snapshot, changed: deed.host }));
        const [contradiction] = exhaust.world.history.contradictions;
        if (contradiction !== undefined) failed = { deed: n, why: contradiction };
      } catch (error) {
        failed = { deed: n, why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      }
      resume(exhaust, snapshot, deed.host);
    }
    return { keys, failed };
  }

  /** A history in words. */
  describe(history: History): string {
    resume(this.exhaust, this.start);
    const lines = history.map((n) => {
      const deed = this.exhaust.deeds()[n];
      try {
        deed?.act();
      } catch {
        // It is what is to be described.
      }
      return deed?.says ?? '?';
    });
    return lines.join('\n');
  }

  /** Does the deeds of a history. Answers whether the last one was about a bundle. */
  private follow(history: History): boolean {
    const { path, exhaust } = this;
    let depth = 0;
    while (depth < Math.min(path.length, history.length - 1) && path[depth]?.deed === history[depth]) depth += 1;
    path.length = depth;
    resume(exhaust, path.at(-1)?.snapshot ?? this.start);
    let endsInBundle = false;
    for (const n of history.slice(depth)) {
      const deed = exhaust.deeds()[n];
      if (deed === undefined) throw new Error('a history does not fit to its hosts');
      deed.act();
      endsInBundle = deed.isOfBundle;
      if (path.length < history.length - 1) path.push({ deed: n, snapshot: snapshotOf(exhaust) });
    }
    return endsInBundle;
  }

  private remember(history: History, snapshot: Snapshot): void {
    const deed = history.at(-1);
    if (deed !== undefined) this.path.push({ deed, snapshot });
  }
}
