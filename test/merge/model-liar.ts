import fc from 'fast-check';
import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { HostId } from '../../src/replica/host-id.js';
import { livingOf } from '../../src/replica/living-births-by-host.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import { birthKey } from '../../src/replica/message-birth.js';
import { inRanges, normaliseRanges, type Ranges } from '../../src/replica/number-ranges.js';
import type { Right } from '../../src/replica/peer-permission.js';
import { joinLedgers } from '../../src/replica/uid-ledger.js';
import { joinTicks, tickOf, zeroTick } from '../../src/replica/version-vector.js';
import { rejoin } from './model-begin-again.js';
import type { ModelBundle } from './model-bundle.js';
import type { ModelHost } from './model-host.js';
import { liedToProperties, type Property, toldTwoStoriesProperties } from './model-properties.js';
import { freshId } from './model-rejoin.js';
import type { Grant } from './model-rights.js';
import { type Outcome, untilAgreed } from './model-run.js';
import { worldOf } from './model-scenes.js';
import { describeSchedule, nameOf, type Schedule, type Scope, schedules } from './model-schedule.js';
import { keyOf, type ModelStatement } from './model-trust.js';
import { World } from './model-world.js';

// A host that is paired with every other and has every right, and whose bundles lie about what others did. Within itself it is a host like any other, so
// that its lies are mixed with truth.

/** What one bundle of the liar says that is not so. */
export type Lie = {
  /** Which of the others it speaks for. */
  readonly victim: number;
  /** Added to the victim's serial and modseq. */
  readonly serials: number;
  readonly modseqs: number;
  /** A message that the victim never had, under its highest serial. */
  readonly birth: boolean;
  /** The victim is said to have set a flag, with a modseq it never came to. */
  readonly flag: boolean;
  /** How many messages it leaves out of what lives there: it may expunge them. */
  readonly omitted: number;
  /** true: the statement that it has of the victim, if any. none: it shows none. forged: one that says what it says, with a key of its own. */
  readonly statement: 'true' | 'none' | 'forged';
  /** Is everything said again, so that there is something to lie about? */
  readonly whole: boolean;
};

export type LyingSchedule = {
  readonly schedule: Schedule;
  /** One or two of the hosts. */
  readonly liars: readonly number[];
  /** Pairs of honest hosts that do not know each other at first, and before which deed they are paired; if at all before the end. */
  readonly strangers: readonly (readonly [a: number, b: number, at: number])[];
  readonly lies: readonly Lie[];
  /** Honest hosts that limit one another for a while. */
  readonly grants: readonly Grant[];
  /** Honest hosts that begin again under another id, and before which deed. */
  readonly rejoins: readonly (readonly [host: number, at: number])[];
};

export const lies: fc.Arbitrary<Lie> = fc.record({
  victim: fc.nat(59),
  serials: fc.constantFrom(0, 1, 1, 2, 3, 5, 500),
  modseqs: fc.constantFrom(0, 0, 1, 2, 5, 500),
  birth: fc.boolean(),
  flag: fc.boolean(),
  omitted: fc.constantFrom(0, 0, 0, 1, 2),
  statement: fc.constantFrom<Lie['statement']>('true', 'none', 'forged'),
  whole: fc.boolean(),
});

export function lyingSchedules(scope?: Scope): fc.Arbitrary<LyingSchedule> {
  const at = fc.nat(scope?.deedsMax ?? 40);
  const right = fc.constantFrom<Right>('read', 'append', 'full');
  return fc.record({
    schedule: schedules(scope).filter(({ hosts }) => hosts.length > 2),
    liars: fc.array(fc.nat(59), { minLength: 1, maxLength: 2 }),
    strangers: fc.array(fc.tuple(fc.nat(59), fc.nat(59), fc.nat((scope?.deedsMax ?? 40) * 2)), { maxLength: 4 }),
    lies: fc.oneof(
      fc.array(lies, { minLength: 1, maxLength: 6, size: 'max' }),
      fc.array(
        lies.map((lie) => ({ ...lie, omitted: 0 })),
        { minLength: 1, maxLength: 6, size: 'max' },
      ),
    ),
    grants: fc.array(fc.tuple(at, fc.nat(59), fc.nat(59), right), { maxLength: 2 }),
    rejoins: fc.array(fc.tuple(fc.nat(59), fc.nat((scope?.deedsMax ?? 40) * 3)), { maxLength: 1 }),
  });
}

/** Runs the history; then the liar is revoked everywhere, the honest hosts get to know one another, and exchange until they agree. */
export function runLies(
  lying: LyingSchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope } = {},
): Outcome {
  const world = playLies(lying, options);
  return untilAgreed(world, lying.schedule.finish);
}

export function playLies(
  { schedule, liars: chosen, strangers, lies: list, grants, rejoins }: LyingSchedule,
  options: { readonly rules?: Rules; readonly scope?: Scope } = {},
): World {
  const world = new World(schedule, options);
  const among = <T>(hosts: readonly T[], n: number): T => hosts[n % hosts.length] as T;
  const liars = new Set(chosen.slice(0, schedule.hosts.length - 2).map((n) => among(world.hosts, n)));
  const honest = world.hosts.filter((host) => !liars.has(host));
  const pairs = strangers
    .map(([a, b, at]) => [among(honest, a), among(honest, b), at] as const)
    .filter(([a, b]) => a !== b);
  for (const host of honest) host.trust.paired = new Set(world.hosts.map(({ id }) => id));
  for (const [a, b] of pairs) {
    a.trust.paired?.delete(b.id);
    b.trust.paired?.delete(a.id);
  }
  // Who has never signed anything has nobody who could be lied to about it in its own words.
  for (const host of honest) host.export({ to: [], base: 'nothing', withholds: () => true });
  const theirs = new Set(honest.flatMap((host) => [...textsOf(host)]));
  for (const liar of liars) disown(world, liar, theirs);
  let told = 0;
  for (const [n, deed] of schedule.deeds.entries()) {
    for (const [a, b, at] of pairs) if (at === n) introduce(a, b);
    for (const [at, a, b, right] of grants) if (at === n) among(honest, a).limit(among(honest, b).id, right);
    for (const [a, at] of rejoins) if (at === n) beginAgain(world, among(honest, a), honest);
    const before = world.bundles.length;
    const actor = among(world.hosts, deed[1]);
    if (liars.has(actor) && nameOf(deed) === 'restore') continue; // nobody would have to get what it brings back
    const had = textsOf(actor);
    world.do(deed);
    if (!liars.has(actor)) continue;
    const bundle = world.bundles.slice(before).find(({ from }) => from === actor.id);
    if (bundle === undefined) disown(world, actor, had);
    else world.bundles[before] = lieIn(world, bundle, among(list, told), { liar: actor, honest, told: ++told });
  }
  for (const a of honest) for (const b of honest) if (a !== b) introduce(a, b);
  for (const host of honest) {
    for (const { id } of liars) host.trust.revoked.add(id);
    for (const { id } of honest) host.limit(id, 'full');
  }
  world.hosts.splice(0, world.hosts.length, ...honest);
  return world;
}

/** Goes on under another id, which those that know the old one take up. */
function beginAgain(world: World, host: ModelHost, honest: readonly ModelHost[]): void {
  const before = host.id;
  rejoin(host, freshId(world), { keepUids: false });
  host.export({ to: [], base: 'nothing', withholds: () => true });
  host.trust.paired?.add(host.id);
  host.trust.retired.add(before);
  for (const other of honest) {
    if (other === host || !other.trust.isPairedWith(before)) continue;
    other.trust.pair(host.id);
    other.trust.retired.add(before);
  }
}

/** What must hold: where one bundle tells of messages and another, with the same clock, does not, hosts that heard one each cannot know that they differ. */
export function promisesOf({ lies: list }: LyingSchedule): Readonly<Record<string, Property>> {
  return list.some(({ omitted }) => omitted > 0) ? toldTwoStoriesProperties : liedToProperties;
}

function introduce(a: ModelHost, b: ModelHost): void {
  a.trust.pair(b.id);
  b.trust.pair(a.id);
}

/** Mail that only the liar had, and what it gave away, nobody can be asked for. */
function disown({ history }: World, liar: ModelHost, had: ReadonlySet<string>): void {
  for (const key of textsOf(liar)) {
    const [mailbox = '', text = ''] = key.split(' ');
    if (!had.has(key)) history.userExpunges(mailbox, text);
  }
}

function textsOf({ store }: ModelHost): Set<string> {
  return new Set(
    [...store.mailboxes].flatMap(([mailbox, { messages }]) =>
      [...messages.values()].map(({ text }) => `${mailbox} ${text}`),
    ),
  );
}

/** Where a lie may take mail away, that is told here. */
type Told = { readonly history: Pick<World['history'], 'userExpunges'> };

type Scene = { readonly liar: ModelHost; readonly honest: readonly ModelHost[]; readonly told: number };

/** What an honest bundle becomes by a lie. */
export function lieIn(world: Told, honestly: ModelBundle, lie: Lie, { liar, honest, told }: Scene): ModelBundle {
  const victim = (honest[lie.victim % honest.length] as ModelHost).id;
  const whole = liar.export({ to: [], base: 'nothing', withholds: () => false });
  const bundle = lie.whole ? { ...whole, number: honestly.number } : honestly;
  const texts = new Set<Guid>(bundle.texts);
  const news = bundle.news.map((each) => twisted(each, lie, { world, victim, told, texts, liar }));
  return { ...bundle, news, texts, statements: statementsOf(bundle, lie, victim, news) };
}

function statementsOf(
  { statements }: ModelBundle,
  { statement }: Lie,
  victim: HostId,
  news: readonly MailboxNews[],
): ModelBundle['statements'] {
  if (statement === 'true') return statements;
  const shown = new Map(statements);
  shown.delete(victim);
  if (statement === 'none') return shown;
  const ticks = new Map<MailboxName, ReturnType<typeof tickOf>>(
    news.map(({ name, clock }) => [name, tickOf(clock, victim)]),
  );
  const number = (statements.get(victim)?.number ?? 0) + 1;
  const digest = `a lie of ${victim} ${number}`;
  const forged: ModelStatement = { key: keyOf('a liar'), number, digest, before: new Map(), ticks };
  return shown.set(victim, forged);
}

type Twist = {
  readonly world: Told;
  readonly victim: HostId;
  readonly liar: ModelHost;
  readonly told: number;
  readonly texts: Set<Guid>;
};

function twisted(news: MailboxNews, lie: Lie, { world, victim, told, texts, liar }: Twist): MailboxNews {
  // Beyond all that it can show, also where it knows less: a false text for a message that there is would be a second story about that.
  const signed = liar.trust.statements.get(victim)?.ticks.get(news.name) ?? zeroTick;
  const before = joinTicks(tickOf(liar.known(news.name).state.clock, victim), signed);
  const tick = { serial: before.serial + lie.serials, modseq: before.modseq + lie.modseqs };
  const { validity, updates } = news;
  let { uidNext, ledger, saves, living } = news;
  if (lie.birth && lie.serials > 0 && validity !== null) {
    const text = `lie${told}`;
    texts.add(text);
    const birth = { host: victim, serial: tick.serial };
    const stamp = { modseq: tick.modseq, host: victim };
    const uid = { uidValidity: validity.uidValidity, uid: uidNext, round: 0, ...stamp };
    const flags = new Map(lie.flag ? [['\\Flagged', { on: true, ...stamp }] as const] : []);
    const message = { guid: text, sizeBytes: 1, receivedS: 0, hint: text };
    saves = [...saves, { ...message, birth, modseq: stamp.modseq, uid, flags }];
    ledger = joinLedgers(ledger, {
      claims: [{ uidValidity: validity.uidValidity, label: liar.id, lo: uidNext, hi: uidNext }],
      agreements: [],
    });
    uidNext += 1;
    living = joined(living, livingOf([{ birth }]));
  }
  if (lie.flag && lie.modseqs > 0 && saves.length > 0) {
    const first = saves[0] as Instance;
    const register = { on: true, modseq: tick.modseq, host: victim };
    saves = [{ ...first, flags: new Map(first.flags).set('\\Answered', register) }, ...saves.slice(1)];
  }
  const gone = saves
    .filter(({ birth }) => birth.host !== victim || birth.serial <= before.serial)
    .slice(0, lie.omitted);
  for (const { guid } of gone) world.history.userExpunges(news.name, guid);
  const isGone = new Set(gone.map(({ birth }) => birthKey(birth)));
  saves = saves.filter(({ birth }) => !isGone.has(birthKey(birth)));
  living = without(living, gone);
  const clock = lie.serials + lie.modseqs > 0 ? new Map(news.clock).set(victim, tick) : news.clock;
  const highestModseq = Math.max(news.highestModseq, tick.modseq);
  return { ...news, clock, highestModseq, uidNext, ledger, saves, updates, living };
}

function joined(a: ReadonlyMap<HostId, Ranges>, b: ReadonlyMap<HostId, Ranges>): ReadonlyMap<HostId, Ranges> {
  const result = new Map(a);
  for (const [host, ranges] of b) result.set(host, normaliseRanges([...(result.get(host) ?? []), ...ranges]));
  return result;
}

function without(living: ReadonlyMap<HostId, Ranges>, gone: readonly Instance[]): ReadonlyMap<HostId, Ranges> {
  const result = new Map(living);
  for (const { birth } of gone) {
    const ranges = result.get(birth.host) ?? [];
    if (!inRanges(ranges, birth.serial)) continue;
    const rest = ranges.flatMap(([lo, hi]): [number, number][] =>
      birth.serial < lo || birth.serial > hi
        ? [[lo, hi]]
        : [
            [lo, birth.serial - 1],
            [birth.serial + 1, hi],
          ],
    );
    result.set(
      birth.host,
      rest.filter(([lo, hi]) => lo <= hi),
    );
  }
  return result;
}

/** For people who look at a failure. */
export function describeLies({ schedule, liars, strangers, lies: list, grants, rejoins }: LyingSchedule): string {
  const count = schedule.hosts.length;
  return [
    describeSchedule(schedule),
    `hosts ${liars.map((n) => n % count)} lie: ${list.map((lie) => JSON.stringify(lie)).join('\n  ')}`,
    ...strangers.map(
      ([a, b, at]) => `honest hosts ${a % (count - 1)} and ${b % (count - 1)} are strangers until ${at}`,
    ),
    ...grants.map(([at, a, b, right]) => `before ${at} honest host ${a} gives ${b} ${right}`),
    ...rejoins.map(([a, at]) => `before ${at} honest host ${a} begins again`),
  ].join('\n');
}

/** How many messages the third host gets of each kind, and which it flags. */
export type LeftOut = { readonly theirs: number; readonly flagged: readonly number[]; readonly own: number };

export const leftOut: fc.Arbitrary<LeftOut> = fc.record({
  theirs: fc.integer({ min: 1, max: 3 }),
  flagged: fc.uniqueArray(fc.nat(2), { maxLength: 3 }),
  own: fc.integer({ min: 1, max: 3 }),
});

/**
 * A relay has mail of another host, flags it, gets some of its own, and tells of all that twice, the second time upon the first; it never shows that the other has
 * signed anything. Its own mail comes all the same, both times; and once the other's comes from itself, the flags do.
 */
export function relayWithoutStatements({ theirs, flagged, own }: LeftOut, rules?: Rules): string | null {
  const world = worldOf(3, rules);
  const [home, cabin, relay] = world.hosts as [ModelHost, ModelHost, ModelHost];
  home.import([exportAll(cabin)]); // has heard of it once
  for (let n = 0; n < theirs; n++) cabin.store.deliver(inbox, `theirs${n}`, [], 100);
  relay.import([exportAll(cabin)]);
  for (const n of flagged) messageIn(relay, `theirs${n}`)?.flags.add('\\Flagged');
  for (let turn = 0; turn < 2; turn++) {
    for (let n = 0; n < own; n++) relay.store.deliver(inbox, `own${turn}.${n}`, [], 100);
    const bundle = relay.export({ to: [home.id], base: turn === 0 ? 'heard' : 'sent', withholds: () => false });
    const statements = new Map([...bundle.statements].filter(([host]) => host !== cabin.id));
    home.import([{ ...bundle, statements }]);
    for (let n = 0; n < own; n++) {
      if (messageIn(home, `own${turn}.${n}`) === undefined) return `own${turn}.${n} did not come`;
    }
  }
  home.import([exportAll(cabin)]);
  for (let n = 0; n < theirs; n++) if (messageIn(home, `theirs${n}`) === undefined) return `theirs${n} did not come`;
  const outcome = untilAgreed(world, 'together');
  return outcome.rounds === null ? outcome.dispute : null;
}

function exportAll(host: ModelHost): ModelBundle {
  return host.export({ to: [], base: 'nothing', withholds: () => false });
}

function messageIn({ store }: ModelHost, text: string) {
  return [...(store.mailboxes.get(inbox)?.messages.values() ?? [])].find((message) => message.text === text);
}
