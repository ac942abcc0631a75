import fc from 'fast-check';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { ModelBundle } from './model-bundle.js';
import type { ModelHost } from './model-host.js';
import { type Lie, lieIn, lies } from './model-liar.js';
import { liedToProperties, toldTwoStoriesProperties } from './model-properties.js';
import { agreedView, exchangeTogether, type Outcome, untilAgreed } from './model-run.js';
import {
  type DeedName,
  deedTable,
  describeSchedule,
  mailboxNames,
  type Schedule,
  type Scope,
  schedules,
  wholeScope,
} from './model-schedule.js';
import { mailOf } from './model-texts.js';
import { World } from './model-world.js';

// A host that means harm, and that all others let do little. Each history is run twice, with what it says and without: where it may only read, the others end
// just as without it; where it may append, so does all mail that it never had.

export type HostileSchedule = {
  readonly schedule: Schedule;
  readonly right: 'read' | 'append';
  /** Which of the hosts. */
  readonly hostile: number;
  /** What its bundles say that is not so, one after the other. */
  readonly lies: readonly Lie[];
};

const scope: Scope = { ...wholeScope, hostsMax: 4, deedsMax: 30, accidents: false };

/** Deeds after which it depends on which mailboxes are there what comes of others. */
const ofMailboxes: ReadonlySet<DeedName> = new Set(['deleteMailbox', 'rename', 'createMailbox', 'subscribe']);

export function hostileSchedules(right: HostileSchedule['right']): fc.Arbitrary<HostileSchedule> {
  const whole = schedules(scope).filter(({ hosts }) => hosts.length > 2);
  // Of mail that it began with, too, nobody could say whose it is.
  const schedule = right === 'read' ? whole : whole.map((each): Schedule => ({ ...each, begin: 'blank' }));
  return fc.record({
    schedule,
    right: fc.constant(right),
    hostile: fc.nat(59),
    lies: fc.array(lies, { minLength: 1, maxLength: 6, size: 'max' }),
  });
}

/** What came of the others, and what is wrong with that; null where nothing is. */
export function runHostile(
  scene: HostileSchedule,
  rules?: Rules,
): { readonly outcome: Outcome; readonly complaint: string | null } {
  const heard = play(scene, { isHeard: true, rules });
  const alone = play(scene, { isHeard: false, rules });
  return { outcome: heard.outcome, complaint: complaintOf(scene, heard, alone) };
}

function complaintOf({ right, lies: list }: HostileSchedule, heard: Played, alone: Played): string | null {
  // Of its own mail it may tell one that it is there, and another that it is gone.
  const tellsTwoStories = right === 'append' && list.some(({ omitted }) => omitted > 0);
  for (const [name, property] of Object.entries(tellsTwoStories ? toldTwoStoriesProperties : liedToProperties)) {
    const complaint = property(heard.outcome);
    if (complaint !== null) return `${name}: ${complaint}`;
  }
  const isIts = (text: string): boolean => heard.world.untouched.has(text);
  for (const [n, host] of heard.world.hosts.entries()) {
    const other = alone.world.hosts[n] as ModelHost;
    const [is, was] = [host, other].map((each) => (right === 'read' ? agreedView(each) : mailOn(each, isIts)));
    if (is !== was) return `host ${n} has\n${is}\nand without it\n${was}`;
  }
  return null;
}

type Played = { readonly world: World; readonly outcome: Outcome };

function play(
  { schedule, right, hostile: chosen, lies: list }: HostileSchedule,
  { isHeard, rules }: { readonly isHeard: boolean; readonly rules: Rules | undefined },
): Played {
  const world = new World(schedule, { scope, ...(rules === undefined ? {} : { rules }) });
  const hostile = world.hosts[chosen % world.hosts.length] as ModelHost;
  const honest = world.hosts.filter((host) => host !== hostile);
  const isAppending = right === 'append';
  if (isAppending) {
    for (const { store } of world.hosts) for (const mailbox of mailboxNames) store.create(mailbox, world.nowS);
  }
  for (const host of honest) {
    host.trust.paired = new Set(world.hosts.map(({ id }) => id));
    host.limit(hostile.id, right);
    host.export({ to: [], base: 'nothing', withholds: () => true });
    if (isHeard) continue;
    const hears = host.import.bind(host);
    host.import = (waiting, choice) =>
      hears(
        waiting.filter(({ from }) => from !== hostile.id),
        choice,
      );
  }
  const seen = new Set<string>();
  const look = (): void => {
    for (const host of honest) for (const key of placesOn(host)) seen.add(key);
  };
  look();
  for (const [n, { store }] of honest.entries()) store.deliver(inbox, `early${n}`, [], world.nowS);
  exchangeTogether(world);
  look();
  let told = 0;
  const twist = (bundles: readonly ModelBundle[]): ModelBundle[] =>
    bundles.map((bundle) => {
      if (bundle.from !== hostile.id) return bundle;
      const lie = list[told % list.length] as Lie;
      return lieIn(harmless, bundle, lie, { liar: hostile, honest, told: ++told });
    });
  for (const deed of schedule.deeds) {
    if (isAppending && ofMailboxes.has(deedTable[deed[0]] as DeedName)) continue;
    const before = world.bundles.length;
    world.do(deed);
    look();
    if (world.hosts[deed[1] % world.hosts.length] !== hostile) continue;
    for (const text of bornOn(hostile)) world.untouched.add(text);
    world.bundles.push(...twist(world.bundles.splice(before)));
  }
  const last = twist([hostile.export({ to: [], base: 'nothing', withholds: () => false })]);
  for (const text of bornOn(hostile)) world.untouched.add(text);
  for (const host of honest) host.import(last);
  look();
  // Mail that none of the others ever had nobody can ask for, and of its own it may say that it is gone.
  for (const { mailbox, guid } of world.history.mustLive()) {
    const isIts = world.untouched.has(mailOf(guid));
    if (isIts || !seen.has(`${mailbox} ${mailOf(guid)}`)) world.history.userExpunges(mailbox, guid);
  }
  world.hosts.splice(0, world.hosts.length, ...honest);
  return { world, outcome: untilAgreed(world, schedule.finish) };
}

/** Nothing that it says takes anything away. */
const harmless = { history: { userExpunges: () => undefined } };

/** The mail that a host saw first itself, copies of what was there included. */
function bornOn({ id, catalog }: ModelHost): string[] {
  return [...catalog.values()].flatMap(({ state }) =>
    [...state.instances.values()].flatMap(({ birth, guid }) => (birth.host === id ? [mailOf(guid)] : [])),
  );
}

/** Which text a host has in which mailbox. */
function placesOn({ store }: ModelHost): Set<string> {
  return new Set(
    [...store.mailboxes].flatMap(([mailbox, { messages }]) =>
      [...messages.values()].map(({ text }) => `${mailbox} ${mailOf(text)}`),
    ),
  );
}

function mailOn(host: ModelHost, isLeftOut: (text: string) => boolean): string {
  const rows = [...host.store.mailboxes].flatMap(([mailbox, { messages }]) =>
    [...messages.values()].flatMap(({ text, flags }) =>
      isLeftOut(mailOf(text)) || text.startsWith('lie') ? [] : [`${mailbox} ${text} ${[...flags].sort().join(' ')}`],
    ),
  );
  return rows.sort().join('\n');
}

/** For people who look at a failure. */
export function describeHostile({ schedule, right, hostile, lies: list }: HostileSchedule): string {
  const lines = list.map((lie) => JSON.stringify(lie)).join('\n  ');
  return `${describeSchedule(schedule)}\nhost ${hostile % schedule.hosts.length} may ${right}, and lies:\n  ${lines}`;
}
