import fc from 'fast-check';
import { describeHostile, type HostileSchedule, hostileSchedules, runHostile } from './model-hostile.js';
import { describeLies, type LyingSchedule, lyingSchedules, promisesOf, runLies } from './model-liar.js';
import { accidentProperties, type Property, properties } from './model-properties.js';
import { type AccidentSchedule, accidentSchedules, describeAccidents, runAccidents } from './model-rejoin.js';
import { describeLimited, type LimitedSchedule, mixedSchedules, runLimited } from './model-rights.js';
import type { Outcome } from './model-run.js';
import { describeStories, promisesOfStories, runStories, type StorySchedule, storySchedules } from './model-stories.js';

export type SoakJob = { readonly seed: number; readonly schedules: number };

export type SoakAnswer = {
  readonly seed: number;
  readonly schedules: number;
  /** How many of them had limits. */
  readonly limited: number;
  /** In how many a backup was put back, or a disk copied. */
  readonly accidents: number;
  /** In how many a host lied about the others. */
  readonly lies: number;
  /** In how many a host told two stories. */
  readonly stories: number;
  /** In how many a host lied that could do little, and the others were compared with what they are without it. */
  readonly hostile: number;
  /** How many schedules took how many rounds to agree. */
  readonly rounds: readonly (readonly [rounds: number, schedules: number])[];
  /** What went wrong, for people; null where nothing did. */
  readonly failure: string | null;
};

type AnySchedule = LimitedSchedule | AccidentSchedule | LyingSchedule | StorySchedule | HostileSchedule;

const anySchedules: fc.Arbitrary<AnySchedule> = fc.oneof(
  { weight: 8, arbitrary: mixedSchedules() },
  { weight: 4, arbitrary: accidentSchedules() },
  { weight: 2, arbitrary: lyingSchedules() },
  { weight: 2, arbitrary: storySchedules() },
  { weight: 1, arbitrary: hostileSchedules('read') },
  { weight: 1, arbitrary: hostileSchedules('append') },
);

/**
 * Runs random schedules and looks at every property of each. In some of them backups are put back and disks copied, in others hosts lie about
 * the others, be it that they may do little, or tell two stories; half of the rest limit what hosts take of one another.
 */
export function soakBatch({ seed, schedules: count }: SoakJob): SoakAnswer {
  const rounds = new Map<number, number>();
  const counts = { limited: 0, accidents: 0, lies: 0, stories: 0, hostile: 0 };
  const property = fc.property(anySchedules, (schedule) => {
    const { kind, outcome, promises } = run(schedule);
    if (kind !== null) counts[kind] += 1;
    for (const [name, check] of Object.entries(promises)) {
      const complaint = check(outcome);
      if (complaint !== null) throw new Error(`${name}: ${complaint}`);
    }
    // Where liars told two stories, no agreement is promised.
    const label = outcome.rounds ?? Number.POSITIVE_INFINITY;
    rounds.set(label, (rounds.get(label) ?? 0) + 1);
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
  return { seed, schedules: count, ...counts, rounds: [...rounds], failure };
}

type Ran = {
  readonly kind: 'limited' | 'accidents' | 'lies' | 'stories' | 'hostile' | null;
  readonly outcome: Outcome;
  /** What must hold after it. */
  readonly promises: Readonly<Record<string, Property>>;
};

function run(schedule: AnySchedule): Ran {
  if ('right' in schedule) {
    const { outcome, complaint } = runHostile(schedule);
    return { kind: 'hostile', outcome, promises: { 'as without it': () => complaint } };
  }
  if ('tellings' in schedule) {
    return { kind: 'stories', outcome: runStories(schedule), promises: promisesOfStories(schedule) };
  }
  if ('lies' in schedule) return { kind: 'lies', outcome: runLies(schedule), promises: promisesOf(schedule) };
  if ('accidents' in schedule) {
    return { kind: 'accidents', outcome: runAccidents(schedule), promises: accidentProperties };
  }
  const kind = schedule.grants.length > 0 ? 'limited' : null;
  return { kind, outcome: runWithin(schedule), promises: properties };
}

function runWithin(schedule: LimitedSchedule): Outcome {
  const outcome = runLimited(schedule);
  const [overstepped] = outcome.overstepped;
  if (overstepped !== undefined) throw new Error(`rights: ${overstepped}`);
  return outcome;
}

function describe(schedule: AnySchedule): string {
  if ('right' in schedule) return describeHostile(schedule);
  if ('tellings' in schedule) return describeStories(schedule);
  if ('lies' in schedule) return describeLies(schedule);
  return 'accidents' in schedule ? describeAccidents(schedule) : describeLimited(schedule);
}
