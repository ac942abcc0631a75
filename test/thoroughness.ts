import type { TestSet } from './test-sets.js';

/** The variable by which the runner of the tests says which set it runs. */
export const setVariable = 'MREPL_TEST_SET';

/** `npm test` tries one of so many cases. */
const share = 3;

/** Is all tried, as by `npm run test:long`? */
export const isThorough = process.env[setVariable] === ('long' satisfies TestSet);

/** How many of `count` cases of one kind are tried: all by `npm run test:long`, which runs this test file, too, else a third. */
export function casesTried(count: number): number {
  return isThorough ? count : Math.ceil(count / share);
}
