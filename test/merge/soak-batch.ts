import fc from 'fast-check';
import { properties } from './model-properties.js';
import { describeLimited, mixedSchedules, runLimited } from './model-rights.js';

export type SoakJob = { readonly seed: number; readonly schedules: number };

export type SoakAnswer = {
  readonly seed: number;
  readonly schedules: number;
  /** How many of them had limits. */
  readonly limited: number;
  /** How many schedules took how many rounds to agree. */
  readonly rounds: readonly (readonly [rounds: number, schedules: number])[];
  /** What went wrong, for people; null where nothing did. */
  readonly failure: string | null;
};

/** Runs random schedules, of which half limit what hosts take of one another, and looks at every property of each. */
export function soakBatch({ seed, schedules: count }: SoakJob): SoakAnswer {
  const rounds = new Map<number, number>();
  let limited = 0;
  const property = fc.property(mixedSchedules(), (schedule) => {
    const outcome = runLimited(schedule);
    if (schedule.grants.length > 0) limited += 1;
    const [overstepped] = outcome.overstepped;
    if (overstepped !== undefined) throw new Error(`rights: ${overstepped}`);
    for (const [name, check] of Object.entries(properties)) {
      const complaint = check(outcome);
      if (complaint !== null) throw new Error(`${name}: ${complaint}`);
    }
    rounds.set(outcome.rounds ?? 0, (rounds.get(outcome.rounds ?? 0) ?? 0) + 1);
  });
  const result = fc.check(property, { seed, numRuns: count });
  const failure = !result.failed
    ? null
    : [
        `seed ${seed}, path ${result.counterexamplePath ?? ''}, after ${result.numRuns} schedules:`,
        result.errorInstance instanceof Error ? (result.errorInstance.stack ?? '') : String(result.errorInstance),
        'the smallest schedule that shows it:',
        result.counterexample === null ? '' : describeLimited(result.counterexample[0]),
        `again: npm run soak -- --schedules ${count} --seed ${seed}`,
      ].join('\n');
  return { seed, schedules: count, limited, rounds: [...rounds], failure };
}
