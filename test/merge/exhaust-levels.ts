import { KeySet } from './exhaust-keys.js';
import type { Expansion, History } from './exhaust-search.js';

/** Expands histories of one length, several of them at a time. */
export type Expand = (histories: readonly History[], isLast: boolean) => Promise<readonly Expansion[]>;

/** What is known when all histories of one length are done. */
export type Level = { readonly deeds: number; readonly states: number; readonly histories: number };

/** A history after which something is not as it must be: no shorter one has any such. */
export type Violation = { readonly history: History; readonly complaint: string };

export type Search = {
  readonly deedsMax: number;
  readonly expand: Expand;
  /** So many batches are expanded at the same time. */
  readonly hands: number;
  readonly onLevel?: (level: Level) => void;
  readonly onProgress?: (done: number, all: number) => void;
  /** Asked now and then: is the time over? */
  readonly isOver?: () => boolean;
};

/** Histories that are expanded by one hand without asking back. */
const batchSize = 64;

/**
 * Goes through all histories, shorter ones first; of those that come to the same state only the first is gone on with. Answers with
 * the first violation; null where there is none; 'over' where it was stopped.
 */
export async function searchLevels(search: Search): Promise<Violation | null | 'over'> {
  const states = new KeySet();
  let frontier = new Frontier(0);
  frontier.add([]);
  let histories = 1;
  for (let deeds = 0; deeds <= search.deedsMax; deeds++) {
    search.onLevel?.({ deeds, states: frontier.size, histories });
    histories = 0;
    const isLast = deeds === search.deedsMax;
    const next = new Frontier(deeds + 1);
    const from = frontier;
    let at = 0;
    let done = 0;
    let outcome: Violation | null | 'over' = null;
    const work = async (): Promise<void> => {
      while (at < from.size && outcome === null) {
        const batch = from.slice(at, at + batchSize);
        at += batchSize;
        const expansions = await search.expand(batch, isLast);
        for (const [n, { keys, complaint, failed }] of expansions.entries()) {
          const history = batch[n] as History;
          if (complaint !== null) outcome ??= { history, complaint };
          if (failed !== null) outcome ??= { history: [...history, failed.deed], complaint: failed.why };
          for (const [deed, key] of keys.entries()) if (states.add(key)) next.add([...history, deed]);
          histories += keys.length;
        }
        done += batch.length;
        search.onProgress?.(done, from.size);
        if (search.isOver?.() === true) outcome ??= 'over';
      }
    };
    await Promise.all(Array.from({ length: search.hands }, work));
    if (outcome !== null) return outcome;
    frontier = next;
  }
  return null;
}

/** Histories of one length, a byte for each deed. */
class Frontier {
  size = 0;
  private bytes = new Uint8Array(1024);
  private readonly deeds: number;

  constructor(deeds: number) {
    this.deeds = deeds;
  }

  add(history: History): void {
    const end = (this.size + 1) * this.deeds;
    if (end > this.bytes.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    if (history.some((deed) => deed > 255)) throw new Error('more deeds are possible than a byte can tell apart');
    this.bytes.set(history, this.size * this.deeds);
    this.size += 1;
  }

  slice(from: number, to: number): History[] {
    const histories: History[] = [];
    for (let n = from; n < Math.min(to, this.size); n++) {
      histories.push([...this.bytes.subarray(n * this.deeds, (n + 1) * this.deeds)]);
    }
    return histories;
  }
}
