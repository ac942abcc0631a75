import { invariant } from '../../failure.js';
import type { FactCatalog } from '../interface/fact-catalog.js';

// What is kept for 30 days is kept for as long as runs have seen 30 days pass. Clocks are set, and machines without a
// battery begin at 1970 at every start: the time of day alone would let go of what is minutes old.

const key = 'time-seen';

/**
 * What one run adds at the most, in seconds, inclusive: a leap of the clock costs no more than that, and nor does a
 * year without a run.
 */
export const stepMaxS = 24 * 60 * 60;

/** Less than that, exclusive, is not worth a write: a run with nothing to do would otherwise cost one. */
const stepMinS = 60 * 60;

/**
 * So many clocks are remembered, inclusive: the right one, and some that the machine started with or was set to by
 * mistake.
 */
const clocksMax = 8;

type TimeSeen = {
  readonly passedS: number;
  /**
   * What clocks showed when they were last seen, that seen last first. One that was wrong may come again, and so does
   * the right one after it.
   */
  readonly clocks: readonly number[];
};

/**
 * The time that runs have seen to pass here, in seconds: what is to be kept for some time is given it when it comes,
 * and compared with it later.
 */
export function timeSeen(catalog: FactCatalog, nowS: number): number {
  const { passedS, clocks } = read(catalog);
  return passedS + stepFrom(clockBefore(clocks, nowS), nowS);
}

/** Adds what has passed since the run before, in the open transaction. */
export function passTime(catalog: FactCatalog, nowS: number): void {
  const { passedS, clocks } = read(catalog);
  const from = clockBefore(clocks, nowS);
  const step = stepFrom(from, nowS);
  if (from !== null && step < stepMinS) return;
  // One that leapt is remembered where it was: should it be put right, it goes on from there.
  const others = clocks.filter((clock) => clock !== from || nowS - clock > stepMaxS);
  const seen: TimeSeen = { passedS: passedS + step, clocks: [nowS, ...others].slice(0, clocksMax) };
  catalog.setNote(key, JSON.stringify([seen.passedS, ...seen.clocks]));
}

/**
 * The clock that this one has most probably gone on from: the last that it does not lie before. Null where it was set
 * back before all of them.
 */
function clockBefore(clocks: readonly number[], nowS: number): number | null {
  let best: number | null = null;
  for (const clock of clocks) if (clock <= nowS && (best === null || clock > best)) best = clock;
  return best;
}

function stepFrom(clock: number | null, nowS: number): number {
  return clock === null ? 0 : Math.min(nowS - clock, stepMaxS);
}

function read(catalog: FactCatalog): TimeSeen {
  const note = catalog.note(key);
  if (note === null) return { passedS: 0, clocks: [] };
  const numbers: unknown = JSON.parse(note);
  invariant(Array.isArray(numbers) && numbers.every((n) => Number.isSafeInteger(n)), `the note ${key} holds no times`);
  const [passedS = 0, ...clocks] = numbers as number[];
  return { passedS, clocks };
}
