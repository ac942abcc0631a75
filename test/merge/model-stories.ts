import fc from 'fast-check';
import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { rejoin } from './model-begin-again.js';
import type { ModelHost } from './model-host.js';
import { liedToProperties, nobodyRefused, type Property, uidsNeverChangeMeaning } from './model-properties.js';
import { cloneOf, freshId } from './model-rejoin.js';
import { type Outcome, untilAgreed } from './model-run.js';
import { worldOf } from './model-scenes.js';
import { describeSchedule, type Schedule, type Scope, schedules } from './model-schedule.js';
import { mailOf } from './model-texts.js';
import { World } from './model-world.js';

// A host that tells two stories: from some moment on two machines go on under its id, with one key, each honest within itself. So does a
// host that lies, one whose catalog was restored from a backup, and a copy that was never made a host of its own.

export type StorySchedule = {
  readonly schedule: Schedule;
  /** Which of the hosts, and the deed before which its stories part. */
  readonly teller: number;
  readonly from: number;
  /** The numbers of the deeds before which they part once more from the first. */
  readonly again: readonly number[];
  /** Before which deed which of its machines gets a message, and tells which of the others: of all, or of what that one has not heard. */
  readonly tellings: readonly (readonly [at: number, machine: number, host: number, isWhole: boolean])[];
  /**
   * How it ends. rejoined: one of the machines begins again under another id, the others are gone. gone: nothing more is heard of any. revoked: likewise, and all
   * have revoked it.
   */
  readonly ends: 'rejoined' | 'gone' | 'revoked';
  /** Its stories use other numbers, and each says that it made the statements of the others, too: no two statements contradict each other. */
  readonly isCunning: boolean;
};

export function storySchedules(scope?: Scope): fc.Arbitrary<StorySchedule> {
  const at = fc.nat(scope?.deedsMax ?? 40);
  return fc
    .record({
      schedule: schedules(scope).filter(({ hosts }) => hosts.length > 2),
      teller: fc.nat(59),
      from: fc.nat(12),
      tellings: fc.array(fc.tuple(fc.integer({ min: 8, max: 40 }), fc.nat(59), fc.nat(59), fc.boolean()), {
        minLength: 2,
        maxLength: 10,
        size: 'max',
      }),
      again: fc.array(at, { maxLength: 1 }),
      ends: fc.constantFrom<StorySchedule['ends']>('rejoined', 'gone', 'revoked'),
      isCunning: fc.constantFrom(false, false, false, true),
    })
    .map((stories) => (stories.isCunning ? { ...stories, ends: 'revoked' as const } : stories));
}

/** Runs the history, ends it, and lets the honest hosts exchange until they agree. */
export function runStories(
  stories: StorySchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope } = {},
): Outcome {
  return untilAgreed(playStories(stories, options), stories.schedule.finish);
}

export function playStories(
  { schedule, teller: chosen, from, again, tellings, ends, isCunning }: StorySchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope } = {},
): World {
  const world = new World(schedule, options);
  const teller = world.hosts[chosen % world.hosts.length] as ModelHost;
  const honest = world.hosts.filter((host) => host !== teller);
  const machines = [teller];
  for (const host of world.hosts) host.trust.paired = new Set(world.hosts.map(({ id }) => id));
  const fork = (): void => {
    const machine = cloneOf(world, teller, options.rules);
    teller.forkTo(machine);
    machines.push(machine);
    if (isCunning) for (const [n, each] of machines.entries()) each.exchange.countInSteps(n, 3);
  };
  const seen = new Set<string>();
  const last = Math.max(from, schedule.deeds.length, ...tellings.map(([at]) => at));
  for (let n = 0; n <= last; n++) {
    if (n === from) fork();
    for (const at of again) if (at === n && at > from) fork();
    for (const [at, machine, host, isWhole] of tellings) {
      if (at !== n) continue;
      const listener = honest[host % honest.length] as ModelHost;
      tell(world, machines[machine % machines.length] as ModelHost, listener, { text: `told${n}`, isWhole });
    }
    const deed = schedule.deeds[n];
    if (deed !== undefined) world.do(deed);
    for (const host of honest) for (const key of textsOf(host)) seen.add(key);
  }
  if (ends === 'rejoined') beginAgain(world, teller, honest);
  if (ends === 'revoked') for (const host of honest) host.revoke(teller.id);
  if (ends === 'gone') for (const host of honest) host.trust.gone.add(teller.id);
  const left = ends === 'rejoined' ? [...honest, teller] : honest;
  const kept = new Set([...seen, ...left.flatMap((host) => [...textsOf(host)])]);
  for (const machine of machines) {
    for (const key of textsOf(machine)) {
      const [mailbox = '', text = ''] = key.split(' ');
      if (!kept.has(key)) world.history.userExpunges(mailbox, text);
    }
  }
  for (const { guid, mailbox } of world.history.mustLive()) {
    if (!kept.has(`${mailbox} ${mailOf(guid)}`)) world.history.userExpunges(mailbox, guid);
  }
  world.hosts.splice(0, world.hosts.length, ...left);
  return world;
}

function tell(
  world: World,
  machine: ModelHost,
  listener: ModelHost,
  { text, isWhole }: { readonly text: string; readonly isWhole: boolean },
): void {
  machine.store.deliver(inbox, `${text} ${machine.machine.slice(0, 4)}`.replace(' ', 'by'), [], machine.nowS);
  const base = isWhole ? 'nothing' : 'heard';
  const bundle = machine.export({ to: [listener.id], base, withholds: () => false });
  world.bundles.push(bundle);
  listener.import([bundle]);
}

function beginAgain(world: World, teller: ModelHost, honest: readonly ModelHost[]): void {
  const before = teller.id;
  world.nowS += 10_000;
  world.setClocks();
  teller.unsound.length = 0; // that the others knew more of it than it did itself is why it begins again
  teller.store.setAllApart();
  rejoin(teller, freshId(world), { keepUids: false });
  teller.trust.paired?.add(teller.id);
  teller.trust.retired.add(before);
  for (const host of honest) {
    host.trust.pair(teller.id);
    host.trust.retired.add(before);
  }
}

/** Where no two statements contradict each other, nothing tells apart what goes by one name. */
export function promisesOfStories({ isCunning }: StorySchedule): Readonly<Record<string, Property>> {
  return isCunning ? { nobodyRefused, uidsNeverChangeMeaning } : liedToProperties;
}

function textsOf({ store }: ModelHost): Set<string> {
  return new Set(
    [...store.mailboxes].flatMap(
      ([mailbox, { messages }]: [MailboxName, { messages: ReadonlyMap<string, { text: string }> }]) =>
        [...messages.values()].map(({ text }) => `${mailbox} ${mailOf(text)}`),
    ),
  );
}

/** For people who look at a failure. */
export function describeStories({ schedule, teller, from, again, tellings, ends, isCunning }: StorySchedule): string {
  const count = schedule.hosts.length;
  return [
    describeSchedule(schedule),
    ...tellings.map(
      ([at, machine, host, isWhole]) => `before ${at}: machine ${machine} tells ${host}${isWhole ? ' all' : ''}`,
    ),
    `host ${teller % count} tells two stories from before ${from}${again.map((at) => `, and from before ${at}`).join('')}; ${ends}${isCunning ? ', cunning' : ''}`,
  ].join('\n');
}

/** How many messages two hosts have alike. */
export const equalMail: fc.Arbitrary<number> = fc.integer({ min: 1, max: 3 });

/**
 * A host knows that another one told two stories, and a third one does not know it yet: there the first one's mail has become one with the other's (rule 4). Nothing
 * of it goes where it is, and the third one's own mail comes.
 */
export function meetOneThatBelieves(count: number, rules?: Rules): string | null {
  const world = worldOf(3, rules);
  const [home, teller, relay] = world.hosts as [ModelHost, ModelHost, ModelHost];
  const all = { to: [], base: 'nothing', withholds: () => false } as const;
  for (let n = 0; n < count; n++) for (const { store } of [home, teller]) store.deliver(inbox, `alike${n}`, [], 100);
  relay.import([teller.export(all)]);
  relay.import([home.export(all)]);
  home.trust.disowned.set(teller.id, []);
  for (let turn = 0; turn < 2; turn++) {
    relay.store.deliver(inbox, `own${turn}`, [], 100);
    home.import([relay.export({ ...all, to: [home.id], base: turn === 0 ? 'heard' : 'sent' })]);
    const texts = new Set([...(home.store.mailboxes.get(inbox)?.messages.values() ?? [])].map(({ text }) => text));
    for (let n = 0; n < count; n++) if (!texts.has(`alike${n}`)) return `alike${n} is gone`;
    if (!texts.has(`own${turn}`)) return `own${turn} did not come`;
  }
  return null;
}
