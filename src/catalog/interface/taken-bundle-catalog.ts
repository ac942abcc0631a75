import type { HostId } from '../../replica/host-id.js';

/**
 * So many bundles of one host are remembered, inclusive: what lies on sticks are a hundred at the most. One that is
 * older than these is read once more where it is found, and brings nothing.
 */
export const takenMax = 1024;

/** The bundle files that need not be read again. */
export interface TakenBundleCatalog {
  /** Has this very file (by `imprint`) been taken in, or looked at and found to hold nothing more for us? */
  isTaken(imprint: string): boolean;
  /** `host`: who wrote it. Of each the newest `takenMax` are remembered. */
  markTaken(imprint: string, atS: number, host: HostId): void;
  /** Every file taken, by imprint. */
  takenImprints(): { imprint: string; atS: number }[];
  forgetTaken(): void;
}
