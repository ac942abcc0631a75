import fc from 'fast-check';
import type { Flag } from '../../src/mail/flags.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { Right } from '../../src/replica/peer-permission.js';
import type { ModelHost } from './model-host.js';
import { dispute, exchangeTogether } from './model-run.js';
import type { HostTraits } from './model-schedule.js';
import { mailOf, stamped } from './model-texts.js';
import { World } from './model-world.js';

// Scenes: short histories with one question each, whose answer the random schedules cannot know.

const plainTraits: HostTraits = { givesUids: true, isNarrow: false };

/** How many copies of each text each host begins with. */
export type FirstContact = {
  readonly copies: readonly (readonly number[])[];
  /** Programs that fetched the mail have stamped lines into each copy. */
  readonly fetched: boolean;
};

export const firstContacts: fc.Arbitrary<FirstContact> = fc.record({
  copies: fc.array(fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 4 }),
  fetched: fc.boolean(),
});

/**
 * Hosts with more or less the same mail, under other names and UIDs, meet: afterwards each text is there as often as it was on the host
 * that had most of it, and no text was written that was there already.
 */
export function meetForTheFirstTime({ copies, fetched }: FirstContact, rules?: Rules): string | null {
  const world = worldOf(copies.length, rules);
  for (const [n, host] of world.hosts.entries()) {
    host.store.create(inbox, 100 + ((n * 3) % 4));
    for (const [text, count] of (copies[n] ?? []).entries()) {
      for (let copy = 0; copy < count; copy++) {
        const mail = `text${text}`;
        host.store.deliver(inbox, fetched ? stamped(mail, 10 * n + copy) : mail, [], 100);
      }
    }
  }
  const wanted = [0, 1, 2, 3].map((text) => Math.max(...copies.map((counts) => counts[text] ?? 0)));
  for (let round = 0; round < 3; round++) exchangeTogether(world);
  const disputed = dispute(world.hosts);
  if (disputed !== null) return disputed;
  for (const [n, host] of world.hosts.entries()) {
    const messages = [...(host.store.mailboxes.get(inbox)?.messages.values() ?? [])];
    const counts = wanted.map((_, text) => messages.filter((message) => mailOf(message.text) === `text${text}`).length);
    if (counts.join() !== wanted.join()) return `host ${n} has ${counts} instead of ${wanted}`;
    const missing = wanted.reduce((sum, count, text) => sum + count - (copies[n]?.[text] ?? 0), 0);
    const { delivered } = host.store.tally;
    if (delivered !== missing) return `host ${n} wrote ${delivered} messages and lacked ${missing}`;
  }
  return null;
}

/** How many messages, which of them are expunged before the copies are made, and how many hosts. */
export type FileCopies = { readonly messages: number; readonly expunged: readonly number[]; readonly hosts: number };

export const fileCopies: fc.Arbitrary<FileCopies> = fc.record({
  messages: fc.nat(8),
  expunged: fc.array(fc.nat(7), { maxLength: 3 }),
  hosts: fc.integer({ min: 2, max: 5 }),
});

/**
 * Hosts that began as copies of one another's files, UID lists and all, meet: nothing is done to any store, be it that they have this right on one
 * another at first.
 */
export function meetAsCopies(
  { messages, expunged, hosts }: FileCopies,
  rules?: Rules,
  right: Right = 'full',
): string | null {
  const world = worldOf(hosts, rules);
  for (const { store } of world.hosts) {
    store.create(inbox, 100);
    const made = Array.from({ length: messages }, (_, n) =>
      store.deliver(inbox, `text${n}`, n % 2 ? ['\\Seen'] : [], 100),
    );
    for (const n of expunged) store.mailboxes.get(inbox)?.messages.delete(made[n]?.ref ?? '');
  }
  limitAll(world, right);
  exchangeTogether(world);
  limitAll(world, 'full');
  exchangeTogether(world);
  for (const [n, { store }] of world.hosts.entries()) {
    const work = Object.entries(store.tally).filter(([, count]) => count > 0);
    if (work.length > 0) return `host ${n}: ${work.join(' ')}`;
    if (store.mailboxes.get(inbox)?.uidValidity !== 100) return `host ${n} has another UIDVALIDITY`;
  }
  return dispute(world.hosts);
}

/** Which messages one host moves, and which flags the other sets or clears meanwhile. */
export type MoveAndFlag = {
  readonly moved: readonly number[];
  readonly flagged: readonly (readonly [message: number, flag: number])[];
  /** The mover's program fetches anew what it moves, and stamps another line into it. */
  readonly fetched: boolean;
};

export const movesAndFlags: fc.Arbitrary<MoveAndFlag> = fc.record({
  moved: fc.uniqueArray(fc.nat(3), { minLength: 1 }),
  flagged: fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(2)), { minLength: 1, selector: String }),
  fetched: fc.boolean(),
});

const flags: readonly Flag[] = ['\\Seen', '\\Flagged', 'work'];

/** One host moves messages while another changes flags: both happen, to every message. */
export function moveAgainstFlags({ moved, flagged, fetched }: MoveAndFlag, rules?: Rules): string | null {
  const world = worldOf(2, rules);
  const [mover, flagger] = world.hosts as [ModelHost, ModelHost];
  for (const [n] of flags.entries()) mover.store.deliver(inbox, `text${n}`, n === 0 ? ['\\Seen'] : [], 100);
  mover.store.deliver(inbox, 'text3', ['\\Seen', 'work'], 100);
  mover.store.create('Kept', 100);
  exchangeTogether(world);
  const expected = new Map<string, Set<Flag>>();
  for (const { text, flags: set } of messagesOf(flagger, inbox)) expected.set(text, new Set(set));
  for (const [message, flag] of flagged) {
    const name = flags[flag] as Flag;
    for (const set of [expected.get(`text${message}`), messageOf(flagger, inbox, `text${message}`)?.flags]) {
      if (set?.delete(name) === false) set.add(name);
    }
  }
  for (const n of moved) {
    const message = messageOf(mover, inbox, `text${n}`);
    if (message === undefined) return `text${n} never came`;
    mover.store.mailboxes.get(inbox)?.messages.delete(message.ref);
    mover.store.deliver('Kept', fetched ? stamped(message.text, n) : message.text, message.flags, 101);
  }
  exchangeTogether(world);
  exchangeTogether(world);
  const disputed = dispute(world.hosts);
  if (disputed !== null) return disputed;
  for (const [text, wanted] of expected) {
    const place = moved.includes(Number(text.slice(4))) ? 'Kept' : inbox;
    const actual = messageOf(mover, place, text);
    if (actual === undefined) return `${text} is not in ${place}`;
    if ([...actual.flags].sort().join() !== [...wanted].sort().join()) {
      return `${text} has ${[...actual.flags]} instead of ${[...wanted]}`;
    }
  }
  return null;
}

/** Which messages one host writes anew, and how often, and which flags the other sets or clears meanwhile. */
export type RewriteAndFlag = {
  readonly rewritten: readonly (readonly [message: number, times: number])[];
  readonly flagged: MoveAndFlag['flagged'];
  /** Does the other hear of each time? */
  readonly isHeard: boolean;
};

export const rewritesAndFlags: fc.Arbitrary<RewriteAndFlag> = fc.record({
  rewritten: fc.uniqueArray(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 })), {
    minLength: 1,
    selector: ([message]) => message,
  }),
  flagged: fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(2)), { minLength: 1, selector: String }),
  isHeard: fc.boolean(),
});

/** One host writes messages anew while another changes flags: both happen, to every message, and the old texts are gone. */
export function rewriteAgainstFlags({ rewritten, flagged, isHeard }: RewriteAndFlag, rules?: Rules): string | null {
  const world = worldOf(2, rules);
  const [writer, flagger] = world.hosts as [ModelHost, ModelHost];
  for (const n of [0, 1, 2, 3]) writer.store.deliver(inbox, `text${n}`, n % 2 === 0 ? ['\\Seen'] : ['work'], 100);
  exchangeTogether(world);
  const expected = new Map<string, Set<Flag>>();
  for (const { text, flags: set } of messagesOf(flagger, inbox)) expected.set(text, new Set(set));
  for (const [message, flag] of flagged) {
    const name = flags[flag] as Flag;
    for (const set of [expected.get(`text${message}`), messageOf(flagger, inbox, `text${message}`)?.flags]) {
      if (set?.delete(name) === false) set.add(name);
    }
  }
  for (let time = 1; time <= 3; time++) {
    for (const [n, times] of rewritten) {
      const message = messageOf(writer, inbox, time === 1 ? `text${n}` : `text${n} ${time - 1}`);
      if (message !== undefined && time <= times) writer.store.rewrite(message, inbox, `text${n} ${time}`);
    }
    if (isHeard) exchangeTogether(world);
    else writer.survey();
  }
  exchangeTogether(world);
  exchangeTogether(world);
  const disputed = dispute(world.hosts);
  if (disputed !== null) return disputed;
  for (const [text, wanted] of expected) {
    const times = rewritten.find(([n]) => text === `text${n}`)?.[1];
    const actual = messageOf(writer, inbox, times === undefined ? text : `${text} ${times}`);
    if (actual === undefined) return `${text} is not there as it was written last`;
    if ([...actual.flags].sort().join() !== [...wanted].sort().join()) {
      return `${text} has ${[...actual.flags]} instead of ${[...wanted]}`;
    }
  }
  const count = messagesOf(flagger, inbox).length;
  return count === 4 ? null : `there are ${count} messages instead of 4`;
}

export function worldOf(hosts: number, rules?: Rules): World {
  const schedule = {
    hosts: Array.from({ length: hosts }, () => plainTraits),
    begin: 'nothing' as const,
    deeds: [],
    finish: 'together' as const,
  };
  return new World(schedule, rules === undefined ? {} : { rules });
}

/** Gives every host this right on every other. */
export function limitAll({ hosts }: World, right: Right): void {
  for (const host of hosts) for (const { id } of hosts) host.limit(id, right);
}

function messagesOf(host: ModelHost, mailbox: string) {
  return [...(host.store.mailboxes.get(mailbox)?.messages.values() ?? [])];
}

function messageOf(host: ModelHost, mailbox: string, text: string) {
  return messagesOf(host, mailbox).find((message) => mailOf(message.text) === text);
}

/** How many messages each of the hosts of a ring begins with. */
export type LockStep = { readonly messages: readonly number[] };

export const lockSteps: fc.Arbitrary<LockStep> = fc.record({
  messages: fc.array(fc.nat(5), { minLength: 3, maxLength: 6 }),
});

/** So many turns of a ring must do; the scenes need up to a dozen or two. */
const turnsMax = 60;

/**
 * A ring in which everybody exports at the same moment, and then everybody imports from its neighbour alone: each always decides from other
 * knowledge than all others. They must agree all the same.
 */
export function ringInLockStep({ messages }: LockStep, rules?: Rules): string | null {
  const { hosts } = worldOf(messages.length, rules);
  for (const [n, { store }] of hosts.entries()) {
    store.create(inbox, 100);
    for (let text = 0; text < (messages[n] ?? 0); text++) store.deliver(inbox, `text${n}.${text}`, [], 100);
  }
  const to = hosts.map(({ id }) => id);
  for (let turn = 0; turn < turnsMax; turn++) {
    const bundles = hosts.map((host) => host.export({ to, base: 'nothing', withholds: () => false }));
    for (const [n, host] of hosts.entries()) host.import(bundles.slice(n - 1).slice(0, 1));
    if (dispute(hosts) === null) return null;
  }
  return dispute(hosts);
}
