/** Memory that is used again: that of a small file costs more to get from the system than to read it. */
export type Arena = {
  /** So many bytes with anything in them, good until `clear`. */
  take(bytes: number): Buffer;
  clear(): void;
};

/** More than most jobs ask for; what is larger is kept only until it is done. */
const keptBytes = 4 << 20;

/** An arena with nothing in use. The memory that it keeps is taken at once. */
export function createArena(): Arena {
  const kept = Buffer.allocUnsafeSlow(keptBytes);
  let used = 0;
  return {
    take(bytes) {
      if (used + bytes > keptBytes) return Buffer.allocUnsafeSlow(bytes);
      used += bytes;
      return kept.subarray(used - bytes, used);
    },
    clear() {
      used = 0;
    },
  };
}
