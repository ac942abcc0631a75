import fc from 'fast-check';
import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { Right } from '../../src/replica/peer-permission.js';
import { coversBirth } from '../../src/replica/version-vector.js';
import type { ModelHost } from './model-host.js';
import { carry, type Outcome, untilAgreed } from './model-run.js';
import { type FirstContact, limitAll, worldOf } from './model-scenes.js';
import { describeSchedule, type Schedule, type Scope, schedules } from './model-schedule.js';
import type { ModelStore, StoredMessage } from './model-store.js';
import { mailOf, stamped } from './model-texts.js';
import { World } from './model-world.js';

/** Before the deed with this number, `host` gives `peer` this right, and imports all that the peer ever said. */
export type Grant = readonly [at: number, host: number, peer: number, right: Right];

/** A random history in which hosts limit one another, and in the end nobody does. */
export type LimitedSchedule = { readonly schedule: Schedule; readonly grants: readonly Grant[] };

export function limitedSchedules(scope?: Scope): fc.Arbitrary<LimitedSchedule> {
  const right = fc.constantFrom<Right>('read', 'append', 'append', 'full');
  const grant = fc.tuple(fc.nat(scope?.deedsMax ?? 40), fc.nat(59), fc.nat(59), right);
  return fc.record({
    schedule: schedules(scope),
    grants: fc.array(grant, { minLength: 1, maxLength: 8, size: 'max' }),
  });
}

export type LimitedOutcome = Outcome & {
  /** What a host let a limited peer do, and should not have. */
  readonly overstepped: readonly string[];
};

/** Half of them with limits, half without any. */
export function mixedSchedules(): fc.Arbitrary<LimitedSchedule> {
  const unlimited = schedules().map((schedule): LimitedSchedule => ({ schedule, grants: [] }));
  return fc.oneof(unlimited, limitedSchedules());
}

/** Runs the history, gives every right to everybody, and lets the hosts exchange until they agree. */
export function runLimited(
  { schedule, grants }: LimitedSchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope } = {},
): LimitedOutcome {
  const { world, overstepped } = playLimited({ schedule, grants }, options);
  return { ...untilAgreed(world, schedule.finish), overstepped };
}

/** The history alone; at its end everybody has every right, unless `stays`. */
export function playLimited(
  { schedule, grants }: LimitedSchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope; readonly stays?: boolean } = {},
): { readonly world: World; readonly overstepped: readonly string[] } {
  const world = new World(schedule, options);
  const overstepped: string[] = [];
  for (let n = 0; n <= Math.max(schedule.deeds.length, ...grants.map(([at]) => at)); n++) {
    for (const [at, a, b, right] of grants) {
      const host = world.hosts[a % world.hosts.length] as ModelHost;
      const peer = world.hosts[b % world.hosts.length] as ModelHost;
      if (at !== n || host === peer) continue;
      host.limit(peer.id, right);
      if (right !== 'full') overstepped.push(...importAll(world, host, peer, right));
    }
    const deed = schedule.deeds[n];
    if (deed !== undefined) world.do(deed);
  }
  if (options.stays !== true) limitAll(world, 'full');
  return { world, overstepped };
}

/** Lets a host import everything a limited peer has ever said; answers what is wrong with that which came of it. */
function importAll(world: World, host: ModelHost, peer: ModelHost, right: 'read' | 'append'): string[] {
  host.import([]); // whatever this host has still to do by itself
  world.bundles.push(peer.export({ to: [host.id], base: 'heard', withholds: () => false }));
  const before = viewOf(host.store);
  const known = new Map(host.catalog);
  host.import(world.bundles.filter(({ from }) => from === peer.id));
  const after = viewOf(host.store);
  const complaints = differences(before, after);
  if (right === 'append') complaints.push(...missingMail(host, peer, known));
  else if (after.size !== before.size) complaints.push('something is new');
  return complaints.map((what) => `${host.id[0]} of ${peer.id[0]}, ${right}: ${what}`);
}

/** Everything a user or a mail client can see in a store, by what it is about. */
function viewOf({ mailboxes, subscribed, givesUids }: ModelStore): Map<string, string> {
  const view = new Map<string, string>();
  for (const mailbox of subscribed) view.set(`subscription of ${mailbox}`, 'on');
  for (const [mailbox, { uidValidity, messages, isGarbled }] of mailboxes) {
    // A garbled list tells no UIDVALIDITY; it is made again when there is mail to be listed.
    if (!isGarbled) view.set(`UIDVALIDITY of ${mailbox}`, givesUids ? String(uidValidity) : '-');
    view.set(`subscription of ${mailbox}`, subscribed.has(mailbox) ? 'on' : 'off');
    for (const message of messages.values()) view.set(`${message.ref} in ${mailbox}`, lineOf(message, givesUids));
  }
  return view;
}

function lineOf({ uid, flags, text }: StoredMessage, givesUids: boolean): string {
  return `${givesUids ? uid : '-'} ${text} ${[...flags].sort().join(' ')}`;
}

/** What was there and is not as it was. */
function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].flatMap(([what, was]) => {
    const is = after.get(what);
    return is === was ? [] : [`${what} was ${was} and is ${is ?? 'gone'}`];
  });
}

/** New mail of the peer that did not come. */
function missingMail(
  host: ModelHost,
  peer: ModelHost,
  before: ReadonlyMap<MailboxName, ReturnType<ModelHost['known']>>,
): string[] {
  const missing: string[] = [];
  for (const [mailbox, { state }] of peer.catalog) {
    const here = host.known(mailbox).state;
    for (const { birth, guid } of state.instances.values()) {
      if (birth.host !== peer.id) continue;
      if (!coversBirth(here.clock, birth)) missing.push(`${guid} in ${mailbox} was not heard of`);
      const wasKnown = coversBirth(before.get(mailbox)?.state.clock ?? new Map(), birth);
      if (!wasKnown && ![...here.instances.values()].some((instance) => mailOf(instance.guid) === mailOf(guid))) {
        missing.push(`${guid} in ${mailbox} did not come`);
      }
    }
  }
  return missing;
}

/** For people who look at a failure. */
export function describeLimited({ schedule, grants }: LimitedSchedule): string {
  const count = schedule.hosts.length;
  const lines = grants.map(([at, a, b, right]) => `before ${at}: host ${a % count} gives host ${b % count} ${right}`);
  return [describeSchedule(schedule), ...lines].join('\n');
}

/**
 * Two hosts with more or less the same mail meet one after the other, and let each other only append; then they give each other every right. Both times
 * each text is on both as often as on the one that had more of it.
 */
export function meetLimited({ copies, fetched }: FirstContact, rules?: Rules): string | null {
  const world = worldOf(2, rules);
  const { hosts } = world;
  limitAll(world, 'append');
  for (const [n, { store }] of hosts.entries()) {
    store.create(inbox, 100 + n);
    for (const [text, count] of (copies[n] ?? []).entries()) {
      for (let copy = 0; copy < count; copy++) {
        const mail = `text${text}`;
        store.deliver(inbox, fetched ? stamped(mail, 10 * n + copy) : mail, [], 100);
      }
    }
  }
  const [some = [], others = []] = copies;
  const wanted = some.map((count, text) => Math.max(count, others[text] ?? 0)).join();
  const complaint = (): string | null => {
    for (const [n, { store }] of hosts.entries()) {
      const texts = [...(store.mailboxes.get(inbox)?.messages.values() ?? [])].map(({ text }) => text);
      const counts = some.map((_, text) => texts.filter((each) => mailOf(each) === `text${text}`).length).join();
      if (counts !== wanted) return `host ${n} has ${counts} instead of ${wanted}`;
    }
    return null;
  };
  for (let turn = 0; turn < 4; turn++) carry(world, turn % 2, (turn + 1) % 2);
  const early = complaint();
  if (early !== null) return `limited: ${early}`;
  limitAll(world, 'full');
  const outcome = untilAgreed(world, 'together');
  return outcome.rounds === null ? outcome.dispute : complaint();
}
