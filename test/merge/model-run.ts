import type { Flag } from '../../src/mail/flags.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { isPresent } from '../../src/replica/mailbox-state.js';
import { birthKey } from '../../src/replica/message-birth.js';
import type { ModelBundle } from './model-bundle.js';
import type { ModelHost } from './model-host.js';
import type { Finish, Schedule, Scope } from './model-schedule.js';
import { bulkyKeyword } from './model-store.js';
import { mailOf } from './model-texts.js';
import { World } from './model-world.js';

/** So many rounds of everybody exchanging must do; the random schedules need two or three. */
export const roundsToAgreeMax = 12;

/** What came of a schedule: the world at its end, and how many rounds it took; null where the hosts never agreed. */
export type Outcome = {
  readonly world: World;
  readonly rounds: number | null;
  /** The views that differ, where they do. */
  readonly dispute: string;
};

/** Runs a schedule to its end, and lets the hosts exchange until they agree. */
export function runSchedule(
  schedule: Schedule,
  options: { rules?: Rules; scope?: Scope; readsOnDemand?: boolean } = {},
): Outcome {
  const world = new World(schedule, options);
  for (const deed of schedule.deeds) world.do(deed);
  return untilAgreed(world, schedule.finish);
}

export function untilAgreed(world: World, finish: Finish): Outcome {
  for (let round = 1; round <= roundsToAgreeMax; round++) {
    exchange(world, finish);
    if (dispute(world.hosts) === null) return { world, rounds: round, dispute: '' };
  }
  return { world, rounds: null, dispute: dispute(world.hosts) ?? '' };
}

/** One round: everybody hears of everybody, if only through others. */
export function exchange(world: World, finish: Finish): void {
  const { hosts } = world;
  if (finish === 'together') {
    exchangeTogether(world);
  } else if (finish === 'ring') {
    for (let n = 0; n + 1 < hosts.length; n++) carry(world, n, n + 1);
    for (let n = hosts.length - 1; n > 0; n--) carry(world, n, n - 1);
  } else {
    for (let n = 1; n < hosts.length; n++) carry(world, n, 0);
    for (let n = 1; n < hosts.length; n++) carry(world, 0, n);
  }
}

/** Everybody exports, then everybody imports: the stick lies in the middle of the table. */
export function exchangeTogether({ hosts, bundles }: World): void {
  const sent = hosts.map((host) =>
    exportTo(
      host,
      hosts.filter((each) => each !== host),
    ),
  );
  bundles.push(...sent);
  for (const host of hosts) host.import(sent.filter(({ from }) => from !== host.id));
}

export function carry({ hosts, bundles }: World, from: number, to: number): void {
  const sender = hosts[from] as ModelHost;
  const receiver = hosts[to] as ModelHost;
  const bundle = exportTo(sender, [receiver]);
  bundles.push(bundle);
  receiver.import([bundle]);
}

function exportTo(host: ModelHost, to: readonly ModelHost[]): ModelBundle {
  return host.export({ to: to.map(({ id }) => id), base: 'heard', withholds: () => false });
}

/** What the hosts do not agree on; null where they agree on everything, and every store holds what its host knows. */
export function dispute(hosts: readonly ModelHost[]): string | null {
  const views = hosts.map(agreedView);
  const first = views[0] ?? '';
  for (const [n, view] of views.entries()) {
    if (view !== first) return `host 0:\n${first}\nhost ${n}:\n${view}`;
  }
  const isAvailable = availabilityOn(hosts);
  for (const [n, host] of hosts.entries()) {
    const stored = storedView(host);
    const known = knownView(host, isAvailable);
    if (stored !== known) return `store of host ${n}:\n${stored}\nits catalog:\n${known}`;
  }
  return null;
}

/**
 * Can the text be in any store? Where a host began again, others may have heard of a message under its old id alone, which then was expunged
 * under its new one before its text came to them. And a host that was revoked, or is gone, keeps texts of which it had told already.
 */
function availabilityOn(hosts: readonly ModelHost[]): (text: Guid) => boolean {
  if (hosts.every(({ id, machine, trust }) => id === machine && trust.revoked.size + trust.gone.size === 0))
    return () => true;
  const stored = new Set<Guid>();
  for (const { store } of hosts) {
    for (const { messages } of store.mailboxes.values())
      for (const { text } of messages.values()) stored.add(mailOf(text));
  }
  return (text) => stored.has(mailOf(text));
}

/** Everything that must be the same everywhere. */
export function agreedView(host: ModelHost): string {
  const lines: string[] = [];
  for (const [mailbox, { state }] of sorted(host.catalog)) {
    if (!isPresent(state) && state.instances.size === 0 && !state.subscribed.on) continue;
    const number = state.validity?.uidValidity ?? '-';
    lines.push(`${mailbox} ${isPresent(state)} ${state.subscribed.on} UIDVALIDITY ${number}`);
    const rows = [...state.instances.values()].map(({ birth, guid, uid, flags }) => {
      const on = [...flags].filter(([, register]) => register.on).map(([flag]) => flag);
      return `  ${String(uid.uid).padStart(6)} of ${uid.uidValidity} ${birthKey(birth)} ${guid} ${on.sort().join(' ')}`;
    });
    lines.push(...rows.sort());
  }
  return lines.join('\n');
}

/** What of a view (`agreedView`) must not depend on the order of imports: everything but the UIDs, and the flags in these mailboxes. */
export function contentView(view: string, flagsMayDiffer: ReadonlySet<string> = new Set()): string {
  let mailbox = '';
  return view
    .split('\n')
    .map((line) => {
      const message = /^ +\d+ of \d+ (\S+ \S+)(.*)$/.exec(line);
      if (message === null) mailbox = line.split(' ', 1)[0] ?? '';
      return message === null ? line : `  ${message[1]}${flagsMayDiffer.has(mailbox) ? '' : message[2]}`;
    })
    .sort()
    .join('\n');
}

/** A store, without what it has no room for. */
function storedView(host: ModelHost): string {
  const lines: string[] = [];
  for (const [mailbox, box] of sorted(host.store.mailboxes)) {
    const { validity } = host.known(mailbox).state;
    // A garbled list is made again when there is mail to be listed.
    const isOwed = box.isGarbled && box.messages.size === 0;
    const isNumbered = host.store.givesUids && validity !== null;
    const number = isNumbered ? (isOwed ? validity.uidValidity : box.uidValidity) : '-';
    lines.push(`${mailbox} ${number}`);
    const rows = [...box.messages.values()].map(({ uid, text, flags }) => row(host, { uid, text, flags }));
    lines.push(...rows.sort());
  }
  return lines.join('\n');
}

function knownView(host: ModelHost, isAvailable: (text: Guid) => boolean): string {
  const lines: string[] = [];
  for (const [mailbox, { state }] of sorted(host.catalog)) {
    if (!isPresent(state) && mailbox !== 'INBOX') continue;
    const number = host.store.givesUids ? (state.validity?.uidValidity ?? '-') : '-';
    lines.push(`${mailbox} ${number}`);
    const here = [...state.instances.values()].filter(({ guid }) => isAvailable(guid));
    const rows = here.map(({ guid, uid: { uid }, flags }) => {
      const on = [...flags].filter(([, register]) => register.on).map(([flag]) => flag);
      return row(host, { uid, text: guid, flags: new Set(on) });
    });
    lines.push(...rows.sort());
  }
  return lines.join('\n');
}

function row(
  { store }: ModelHost,
  { uid, text, flags }: { uid: number; text: string; flags: ReadonlySet<Flag> },
): string {
  const shown = [...flags].filter((flag) => !(store.isNarrow && flag === bulkyKeyword));
  return `  ${store.givesUids ? uid : '-'} ${mailOf(text)} ${shown.sort().join(' ')}`;
}

function sorted<V>(map: ReadonlyMap<MailboxName, V>): [MailboxName, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
