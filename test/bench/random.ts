import { createCipheriv, createHash } from 'node:crypto';

/** A source of chance that gives the same for the same seed, on every machine. */
export type Random = {
  /** In [0, 1). */
  unit(): number;
  /** A whole number from `lo` to `hi`, both included. */
  integer(lo: number, hi: number): number;
  chance(probability: number): boolean;
  /** Log-normally distributed: most values near the median, a few far above. */
  logNormal(median: number, sigma: number): number;
  pick<T>(items: readonly T[]): T;
  /** One of the items, the first ones far more often than the last ones, as with words. */
  pickZipf<T>(items: readonly T[]): T;
  /** Bytes that no compressor makes smaller. */
  bytes(count: number): Buffer;
};

export function seededRandom(seed: number | string): Random {
  const start = createHash('sha256').update(String(seed)).digest();
  const cipher = createCipheriv('aes-128-ctr', start.subarray(0, 16), Buffer.alloc(16));
  let state = start.readUInt32LE(16);
  // mulberry32: small, quick, and good enough for choosing words.
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const at = <T>(items: readonly T[], index: number): T => {
    const item = items[index];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  return {
    unit,
    integer: (lo, hi) => lo + Math.floor(unit() * (hi - lo + 1)),
    chance: (probability) => unit() < probability,
    logNormal(median, sigma) {
      const normal = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
      return median * Math.exp(sigma * normal);
    },
    pick: (items) => at(items, Math.floor(unit() * items.length)),
    pickZipf: (items) => at(items, Math.floor(items.length ** unit()) - 1),
    bytes: (count) => cipher.update(Buffer.alloc(count)),
  };
}
