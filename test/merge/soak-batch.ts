import fc from 'fast-check';
import { accidentProperties, properties } from './model-properties.js';
import { type AccidentSchedule, accidentSchedules, describeAccidents, runAccidents } from './model-rejoin.js';
import { describeLimited, type LimitedSchedule, mixedSchedules, runLimited } from './model-rights.js';
import type { Outcome } from './model-run.js';

export type SoakJob = { readonly seed: number; readonly schedules: number };

export type SoakAnswer = {
  readonly seed: number;
  readonly schedules: number;
  /** How many of them had limits. */
  readonly limited: number;
  /** In how many a backup was put back, or a disk copied. */
  readonly accidents: number;
  /** How many schedules took how many rounds to agree. */
  readonly rounds: readonly (readonly [rounds: number, schedules: number])[];
  /** What went wrong, for people; null where nothing did. */
  readonly failure: string | null;
};

type AnySchedule = LimitedSchedule | AccidentSchedule;

const anySchedules: fc.Arbitrary<AnySchedule> = fc.oneof(
  { weight: 2, arbitrary: mixedSchedules() },
  { weight: 1, arbitrary: accidentSchedules() },
);

/**
 * Runs random schedules and looks at every property of each. In a third of them backups are put back and disks copied; half of the others
 * limit what hosts take of one another.
 */
export function soakBatch({ seed, schedules: count }: SoakJob): SoakAnswer {
  const rounds = new Map<number, number>();
  let limited = 0;
  let accidents = 0;
  const property = fc.property(anySchedules, (schedule) => {
    const hasAccidents = 'accidents' in schedule;
    const outcome = hasAccidents ? runAccidents(schedule) : runWithin(schedule);
    if (hasAccidents) accidents += 1;
    else if (schedule.grants.length > 0) limited += 1;
    for (const [name, check] of Object.entries(hasAccidents ? accidentProperties : properties)) {
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
        result.counterexample === null ? '' : describe(result.counterexample[0]),
        `again: npm run soak -- --schedules ${count} --seed ${seed}`,
      ].join('\n');
  return { seed, schedules: count, limited, accidents, rounds: [...rounds], failure };
}

function runWithin(schedule: LimitedSchedule): Outcome {
  const outcome = runLimited(schedule);
  const [overstepped] = outcome.overstepped;
  if (overstepped !== undefined) throw new Error(`rights: ${overstepped}`);
  return outcome;
}

function describe(schedule: AnySchedule): string {
  return 'accidents' in schedule ? describeAccidents(schedule) : describeLimited(schedule);
}
