import fc from 'fast-check';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { KnownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { rejoin } from './model-begin-again.js';
import { ModelHost } from './model-host.js';
import { type Outcome, untilAgreed } from './model-run.js';
import { describeSchedule, type Schedule, type Scope, schedules } from './model-schedule.js';
import { ModelStore, type StoreBackup } from './model-store.js';
import { mailOf } from './model-texts.js';
import { World } from './model-world.js';

/** Which part of a host comes from a backup; or none, but another machine goes on with a copy of all of it. */
export type Accident = {
  readonly what: 'catalog' | 'store' | 'both' | 'clone';
  readonly host: number;
  /** The numbers of the deeds before which the backup is made, and is put back. */
  readonly from: number;
  readonly at: number;
  /** UIDs go on to hold, where that is allowed. */
  readonly keepUids: boolean;
  /** A run looks at what was put back, under the old id, before anybody notices; what it would do there, with UIDs that were given out, is beyond help. */
  readonly looksFirst: boolean;
};

/** A random history in which backups are put back and disks copied, each time with `rejoin` as the remedy. */
export type AccidentSchedule = { readonly schedule: Schedule; readonly accidents: readonly Accident[] };

export function accidentSchedules(scope?: Scope, { atLeast = 1 } = {}): fc.Arbitrary<AccidentSchedule> {
  const at = fc.nat(scope?.deedsMax ?? 40);
  const accident = fc
    .record({
      what: fc.constantFrom<Accident['what']>('catalog', 'store', 'both', 'clone'),
      host: fc.nat(59),
      times: fc.tuple(at, at),
      keepUids: fc.boolean(),
      looksFirst: fc.boolean(),
    })
    .map(({ times, ...rest }): Accident => ({ ...rest, from: Math.min(...times), at: Math.max(...times) }));
  return fc.record({
    schedule: schedules(scope),
    accidents: fc.array(accident, { minLength: atLeast, maxLength: 3, size: 'max' }),
  });
}

type Backup = {
  readonly host: ModelHost;
  readonly id: string;
  readonly catalog: ReadonlyMap<MailboxName, KnownMailbox>;
  readonly store: StoreBackup;
};

/** How much later than the last deed a backup is put back: a machine's clock tells one day from another. */
const laterS = 10_000;

/** Runs the history, and lets the hosts exchange until they agree. */
export function runAccidents(
  { schedule, accidents }: AccidentSchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope } = {},
): Outcome {
  return untilAgreed(playAccidents({ schedule, accidents }, options), schedule.finish);
}

export function playAccidents(
  { schedule, accidents }: AccidentSchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope } = {},
): World {
  const world = new World(schedule, options);
  const backups = new Map<Accident, Backup>();
  const last = Math.max(schedule.deeds.length, ...accidents.map(({ at }) => at));
  for (let n = 0; n <= last; n++) {
    for (const accident of accidents) if (accident.from === n) backups.set(accident, backUp(world, accident));
    for (const accident of accidents) {
      const backup = backups.get(accident);
      if (accident.at === n && backup !== undefined) happen(world, accident, backup, options.rules);
    }
    const deed = schedule.deeds[n];
    if (deed !== undefined) world.do(deed);
  }
  return world;
}

function backUp({ hosts }: World, accident: Accident): Backup {
  const host = hosts[accident.host % hosts.length] as ModelHost;
  return { host, id: host.id, catalog: new Map(host.catalog), store: host.store.backup() };
}

function happen(world: World, accident: Accident, backup: Backup, rules: Rules | undefined): void {
  const { host } = backup;
  world.nowS += laterS;
  world.setClocks();
  const id = freshId(world);
  if (accident.what === 'clone') {
    const copy = cloneOf(world, host, rules);
    copy.store.setAllApart();
    rejoin(copy, id, { keepUids: accident.keepUids && !copy.store.isAnyGarbled() });
    return;
  }
  const isStoreOld = accident.what !== 'catalog' && loses(world, backup);
  if (isStoreOld) host.store.restore(backup.store);
  if (accident.what !== 'store') {
    host.catalog.clear();
    for (const [name, known] of backup.catalog) host.catalog.set(name, known);
    host.id = backup.id;
  }
  // What was written anew, and whose old text no catalog knows any more, has the UID of that: beyond knowing.
  host.store.setAllApart();
  if (accident.looksFirst && !isUnfinished(host.store)) host.lookAround();
  rejoin(host, id, { keepUids: accident.keepUids && !isStoreOld && !host.store.isAnyGarbled() });
}

/** Would a look make the server give out UIDs, which it has perhaps given out before? */
function isUnfinished({ givesUids, mailboxes }: ModelStore): boolean {
  return (
    givesUids && [...mailboxes.values()].some(({ messages }) => [...messages.values()].some(({ uid }) => uid === 0))
  );
}

/** Ids that never were, of any place in their order. */
export function freshId({ hosts }: World): string {
  const serial = hosts.reduce((sum, host) => sum + host.id.length + Number.parseInt(host.id.slice(-4), 16), 7);
  const digits = ((serial * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0');
  return digits.repeat(4);
}

/**
 * Puts what only the old disk had on the list of what may be gone. False where somebody has heard of a message whose text is nowhere else: it would be
 * waited for, for ever, and the disk is taken to have been readable after all.
 */
function loses({ hosts, bundles, history }: World, { host, store }: Backup): boolean {
  const others = hosts.filter((each) => each !== host);
  const lost: [MailboxName, Guid][] = [];
  for (const [name, box] of host.store.mailboxes) {
    const kept = new Set([...(store.mailboxes.get(name)?.messages.values() ?? [])].map(({ text }) => mailOf(text)));
    for (const { text } of box.messages.values()) {
      if (kept.has(mailOf(text)) || others.some((other) => isIn(other.store, name, text))) continue;
      lost.push([name, text]);
    }
  }
  const isHeardOf = (text: Guid): boolean =>
    others.some(({ catalog }) =>
      [...catalog.values()].some(({ state }) =>
        [...state.instances.values()].some(({ guid }) => mailOf(guid) === mailOf(text)),
      ),
    ) || bundles.some(({ news }) => news.some(({ saves }) => saves.some(({ guid }) => mailOf(guid) === mailOf(text))));
  if (lost.some(([, text]) => isHeardOf(text))) return false;
  for (const [name, text] of lost) history.userExpunges(name, text);
  return true;
}

function isIn({ mailboxes }: ModelStore, mailbox: MailboxName, text: Guid): boolean {
  return [...(mailboxes.get(mailbox)?.messages.values() ?? [])].some(
    (message) => mailOf(message.text) === mailOf(text),
  );
}

/** Another machine with a copy of all that the host has. */
export function cloneOf(world: World, host: ModelHost, rules: Rules | undefined): ModelHost {
  const machine = freshId(world);
  const { history } = world;
  const store = new ModelStore(host.store, (mailbox, uidValidity, uid, text) => {
    history.named(machine, mailbox, uidValidity, uid, text);
  });
  store.restore(host.store.backup());
  const copy = new ModelHost(machine, store, { witness: history, ...(rules === undefined ? {} : { rules }) });
  for (const [name, known] of host.catalog) copy.catalog.set(name, known);
  for (const [id, clocks] of host.exchange.heard) copy.exchange.heard.set(id, clocks);
  host.trust.copyTo(copy.trust);
  copy.nowS = host.nowS;
  world.hosts.push(copy);
  return copy;
}

/** For people who look at a failure. */
export function describeAccidents({ schedule, accidents }: AccidentSchedule): string {
  const count = schedule.hosts.length;
  const lines = accidents.map(
    ({ what, host, from, at, keepUids, looksFirst }) =>
      `before ${at}: ${what} of host ${host % count}, as before ${from}${keepUids ? ', keeps UIDs' : ''}${looksFirst ? ', looks first' : ''}`,
  );
  return [describeSchedule(schedule), ...lines].join('\n');
}
