/** The bundle files that need not be read again. */
export interface TakenBundleCatalog {
  /** Has this very file (by `imprint`) been taken in, or looked at and found to hold nothing more for us? */
  isTaken(imprint: string): boolean;
  markTaken(imprint: string, atS: number): void;
  /** Every file taken, by imprint. */
  takenImprints(): { imprint: string; atS: number }[];
  forgetTaken(): void;
}
