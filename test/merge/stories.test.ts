import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { casesTried } from '../thoroughness.js';
import { circles, stayThroughCircles } from './model-circles.js';
import {
  describeStories,
  equalMail,
  meetOneThatBelieves,
  promisesOfStories,
  runStories,
  storySchedules,
} from './model-stories.js';

// Histories in which a host tells two stories: as a liar does, or one that was copied, or whose catalog was restored from a backup.

const seed = 20080101;

test('whatever stories a host tells, the others lose none of their mail, refuse nobody, and agree in the end', () => {
  fc.assert(
    fc.property(storySchedules(), (stories) => {
      const outcome = runStories(stories);
      for (const [name, property] of Object.entries(promisesOfStories(stories))) {
        assert.equal(property(outcome), null, `${name}\n${describeStories(stories)}`);
      }
    }),
    { seed, numRuns: casesTried(60) },
  );
});

test('who knows of two stories loses nothing to one that does not know it yet', () => {
  fc.assert(
    fc.property(equalMail, (count) => assert.equal(meetOneThatBelieves(count), null)),
    { seed, numRuns: casesTried(3) },
  );
});

test('mail that several hosts have alike stays, whoever gave up what for what before one was found out', () => {
  fc.assert(
    fc.property(circles, (circle) => assert.equal(stayThroughCircles(circle), null)),
    { seed, numRuns: casesTried(100) },
  );
});
