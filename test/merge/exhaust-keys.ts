/** Slots at first, a power of two. */
const slotsAtFirst = 2 ** 16;

/** A set of 64 bit keys in 8 bytes each, as sets of strings of many millions would not fit into memory. The key of zeros counts as 1. */
export class KeySet {
  size = 0;
  private slots = new Uint32Array(slotsAtFirst * 2);

  /** Answers whether it was not there yet. */
  add(key: Buffer): boolean {
    if (this.size * 2 > this.slots.length / 2) this.grow();
    const low = key.readUInt32LE(0);
    const high = key.readUInt32LE(4);
    const isNew = this.put(low === 0 && high === 0 ? 1 : low, high);
    if (isNew) this.size += 1;
    return isNew;
  }

  private put(low: number, high: number): boolean {
    const { slots } = this;
    const mask = slots.length / 2 - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const here = slots[slot * 2];
      const above = slots[slot * 2 + 1];
      if (here === low && above === high) return false;
      if (here !== 0 || above !== 0) continue;
      slots[slot * 2] = low;
      slots[slot * 2 + 1] = high;
      return true;
    }
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(before.length * 2);
    for (let n = 0; n < before.length; n += 2) {
      const low = before[n] ?? 0;
      const high = before[n + 1] ?? 0;
      if (low !== 0 || high !== 0) this.put(low, high);
    }
  }
}
