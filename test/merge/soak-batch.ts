import fc from 'fast-check';
import { properties } from './model-properties.js';
import { runSchedule } from './model-run.js';
import { describeSchedule, schedules } from './model-schedule.js';

export type SoakJob = { readonly seed: number; readonly schedules: number };

export type SoakAnswer = {
  readonly seed: number;
  readonly schedules: number;
  /** How many schedules took how many rounds to agree. */
  readonly rounds: readonly (readonly [rounds: number, schedules: number])[];
  /** What went wrong, for people; null where nothing did. */
  readonly failure: string | null;
};

/** Runs random schedules and looks at every property of each. */
export function soakBatch({ seed, schedules: count }: SoakJob): SoakAnswer {
  const rounds = new Map<number, number>();
  const property = fc.property(schedules(), (schedule) => {
    const outcome = runSchedule(schedule);
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
        result.counterexample === null ? '' : describeSchedule(result.counterexample[0]),
        `again: npm run soak -- --schedules ${count} --seed ${seed}`,
      ].join('\n');
  return { seed, schedules: count, rounds: [...rounds], failure };
}
