import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { everyRule, type Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { circles, stayThroughCircles } from './model-circles.js';
import { meetAmongPlantedClaims, plantedClaims } from './model-claims.js';
import { emptyMailboxes, waitInEmptyMailbox } from './model-empty.js';
import { leftOut, lyingSchedules, promisesOf, relayWithoutStatements, runLies } from './model-liar.js';
import { answerInParts, copiesInParts, mailboxesInParts, tellInParts } from './model-parts.js';
import {
  agreement,
  asHistorySays,
  nothingLost,
  type Property,
  silenceInTheEnd,
  uidsNeverChangeMeaning,
} from './model-properties.js';
import { type LimitedOutcome, limitedSchedules, meetLimited, runLimited } from './model-rights.js';
import { runSchedule } from './model-run.js';
import {
  fileCopies,
  firstContacts,
  lockSteps,
  meetAsCopies,
  meetForTheFirstTime,
  moveAgainstFlags,
  movesAndFlags,
  rewriteAgainstFlags,
  rewritesAndFlags,
  ringInLockStep,
} from './model-scenes.js';
import { schedules } from './model-schedule.js';
import { equalMail, meetOneThatBelieves, promisesOfStories, runStories, storySchedules } from './model-stories.js';

const seed = 20080101;

/** Schedules or scenes that a broken rule is given before it counts as unnoticed: several times what each of them needs. */
const patience = 4000;

type Watch = { readonly name: string; readonly breaks: (rules: Rules, from: number) => boolean };

/** Seeds that come soon to a history in which the rule is missed; others may need hundreds. */
const soonerSeeds: { readonly [rule in keyof Rules]?: number } = {
  refuseStrangeBase: 3,
  cutModseqs: 33,
  shownOnly: 13,
  decideDoubted: 26,
};

/** For each rule the property that stands for it: left out, the rule must make just that one fail. */
const watches: { readonly [rule in keyof Rules]: Watch } = {
  claimUnseen: onSchedules('3. no UID changes its meaning', uidsNeverChangeMeaning),
  countResets: onSchedules('9. as the whole history says', asHistorySays),
  advanceClock: onSchedules('1. agreement', agreement),
  refuseStrangeBase: onSchedules('2. nothing lost', nothingLost),
  expungeAbsent: onSchedules('1. agreement', agreement),
  ignoreExpunged: onSchedules('9. as the whole history says', asHistorySays),
  unify: onScenes('first contact: nothing doubled', firstContacts, meetForTheFirstTime),
  unifyStamped: onScenes('first contact: nothing doubled', firstContacts, meetForTheFirstTime),
  keepAnew: onScenes('circles: nothing vanishes', circles, stayThroughCircles),
  stampHandOver: onSchedules('1. agreement', agreement),
  handOverFile: onScenes('first contact: nothing written again', firstContacts, meetForTheFirstTime),
  agree: onScenes('copied files: nothing renumbered', fileCopies, meetAsCopies),
  moveConflicts: onSchedules('1. agreement, or a UID given twice', agreement),
  moveLate: onSchedules('1. agreement, or a message below UIDNEXT', agreement),
  nameDecisions: onSchedules('8. silence', silenceInTheEnd),
  spreadBlocks: onScenes('a ring in lock-step agrees', lockSteps, ringInLockStep),
  followStamped: onScenes('moves: flags follow', movesAndFlags, moveAgainstFlags),
  carryFlags: onScenes('moves: flags follow', movesAndFlags, moveAgainstFlags),
  nameReplaced: onScenes('written anew: flags follow', rewritesAndFlags, rewriteAgainstFlags),
  withholdClock: onLimited('1. agreement', agreement),
  withholdExpunges: onLimited('limited: nothing expunged', overstepped),
  withholdClaims: onLimited('limited: nothing renumbered', overstepped),
  withholdFlags: onLimited('limited: nothing flagged', overstepped),
  replaceDropped: onScenes('limited: nothing doubled', firstContacts, meetLimited),
  cutModseqs: onSchedules('1. agreement', agreement),
  cutSerials: onSchedules('2. nothing lost', nothingLost),
  cutUids: onScenes('parts: nothing renumbered', mailboxesInParts, tellInParts),
  closeUids: onScenes('parts: nothing renumbered', mailboxesInParts, tellInParts),
  holdBackReplaced: onScenes('parts: nothing vanishes', copiesInParts, answerInParts),
  agreeEmpty: onScenes('empty mailboxes: nobody is thrown out', emptyMailboxes, waitInEmptyMailbox),
  renewFull: onSchedules('1. agreement', agreement),
  signedClocks: onLies('lied to: nothing lost, nobody refused'),
  shownOnly: onLies('lied to: nothing lost, nobody refused'),
  signedStamps: onLies('lied to: agreement, nobody refused'),
  signedBase: onScenes('nothing shown: all else comes', leftOut, relayWithoutStatements),
  cautiousModseqs: onScenes('nothing shown: flags come later', leftOut, relayWithoutStatements),
  decideDoubted: onLies('lied to: agreement'),
  giveWay: onLies('lied to: agreement'),
  disown: onStories('two stories: nobody refused, agreement'),
  keepApart: onScenes('two stories: nothing vanishes', equalMail, meetOneThatBelieves),
  splitBirths: onStories('two stories: nobody refused'),
  boundClaims: onScenes('planted claims: every bundle can be taken', plantedClaims, meetAmongPlantedClaims),
};

for (const [rule, { name, breaks }] of Object.entries(watches)) {
  test(`without the rule ${rule} this fails: ${name}`, () => {
    const from = soonerSeeds[rule as keyof Rules] ?? seed;
    assert.ok(breaks({ ...everyRule, [rule]: false }, from), 'no property noticed');
  });
}

test('flags that one host sets while another moves the message follow it', () => {
  fc.assert(
    fc.property(movesAndFlags, (scene) => assert.equal(moveAgainstFlags(scene), null)),
    { seed, numRuns: 200 },
  );
});

test('flags that one host sets while another writes the message anew follow it', () => {
  fc.assert(
    fc.property(rewritesAndFlags, (scene) => assert.equal(rewriteAgainstFlags(scene), null)),
    { seed, numRuns: 300 },
  );
});

test('a mailbox told in parts is at each time the first part of it', () => {
  fc.assert(
    fc.property(mailboxesInParts, (scene) => assert.equal(tellInParts(scene), null)),
    { seed, numRuns: 300 },
  );
});

test('no message is missing while its mailbox is told in parts', () => {
  fc.assert(
    fc.property(copiesInParts, (scene) => assert.equal(answerInParts(scene), null)),
    { seed, numRuns: 200 },
  );
});

test('a mailbox that an import makes keeps its UIDVALIDITY when its first mail comes', () => {
  fc.assert(
    fc.property(emptyMailboxes, (scene) => assert.equal(waitInEmptyMailbox(scene), null)),
    { seed, numRuns: 400 },
  );
});

test('hosts that were given claims of UIDs in masses hear each other, and stay within what a bundle may hold', () => {
  fc.assert(
    fc.property(plantedClaims, (scene) => assert.equal(meetAmongPlantedClaims(scene), null)),
    { seed, numRuns: 100 },
  );
});

test('of a relay that cannot show what another host signed all else is used', () => {
  fc.assert(
    fc.property(leftOut, (scene) => assert.equal(relayWithoutStatements(scene), null)),
    { seed, numRuns: 100 },
  );
});

test('a ring whose hosts always act at the same moment agrees', () => {
  fc.assert(
    fc.property(lockSteps, (scene) => assert.equal(ringInLockStep(scene), null)),
    { seed, numRuns: 100 },
  );
});

function onLimited(name: string, complaint: (outcome: LimitedOutcome) => string | null): Watch {
  return onScenes(name, limitedSchedules(), (schedule, rules) => complaint(runLimited(schedule, { rules })));
}

function onLies(name: string): Watch {
  return onScenes(name, lyingSchedules(), (lying, rules) => {
    const outcome = runLies(lying, { rules });
    return (
      Object.values(promisesOf(lying))
        .map((property) => property(outcome))
        .find((complaint) => complaint !== null) ?? null
    );
  });
}

function onStories(name: string): Watch {
  return onScenes(name, storySchedules(), (stories, rules) => {
    const outcome = runStories(stories, { rules });
    return (
      Object.values(promisesOfStories(stories))
        .map((property) => property(outcome))
        .find((complaint) => complaint !== null) ?? null
    );
  });
}

function overstepped(outcome: LimitedOutcome): string | null {
  return outcome.overstepped[0] ?? null;
}

function onSchedules(name: string, property: Property): Watch {
  return onScenes(name, schedules(), (schedule, rules) => property(runSchedule(schedule, { rules })));
}

function onScenes<Scene>(
  name: string,
  scenes: fc.Arbitrary<Scene>,
  complaint: (scene: Scene, rules: Rules) => string | null,
): Watch {
  const breaks = (rules: Rules, from: number): boolean => {
    const property = fc.property(scenes, (scene) => complaint(scene, rules) === null);
    // A store that is asked for the impossible throws: that is a failure as well.
    return fc.check(property, { seed: from, numRuns: patience, endOnFailure: true }).failed;
  };
  return { name, breaks };
}
