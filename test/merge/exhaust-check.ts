import { resume, type Snapshot } from './exhaust-snapshot.js';
import type { ExhaustWorld } from './exhaust-world.js';
import type { ModelBundle } from './model-bundle.js';
import * as invariants from './model-properties.js';
import { agreedView, contentView, dispute, exchangeTogether, type Outcome, untilAgreed } from './model-run.js';
import type { World } from './model-world.js';

/** Everybody exporting and then everybody importing so often must do (man/mrepl-sync.7, "What follows from the rules", 7). */
const roundsMax = 2;

/** Where the same mail came into a mailbox on both, and one of them gave it another UID before it heard that it is one message now. */
const blendedRoundsMax = 3;

/** After so many rounds more nobody has anything left to say: what was heard is acknowledged in the first of them. */
const roundsToSilenceMax = 3;

/** What is looked at when hosts have agreed; none of it changes anything. */
const properties = {
  agreement: invariants.agreement,
  nothingLost: invariants.nothingLost,
  uidsNeverChangeMeaning: invariants.uidsNeverChangeMeaning,
  uidsMeanTheSameEverywhere: invariants.uidsMeanTheSameEverywhere,
  noValidityIsTooOld: invariants.noValidityIsTooOld,
  asHistorySays: invariants.asHistorySays,
  honestIsSound,
};

/** Nobody lies here. */
function honestIsSound({ world: { hosts } }: Outcome): string | null {
  const refused = hosts.flatMap(({ unsound }) => unsound);
  return refused[0]?.what ?? null;
}

/** Every letter came once to a host, and strangers had got the same one: unless somebody put it there again, no mailbox has any of them twice. */
function nothingDoubled({ world: { hosts } }: Outcome): string | null {
  for (const [n, { store }] of hosts.entries()) {
    for (const [mailbox, { messages }] of store.mailboxes) {
      const texts = [...messages.values()].map(({ text }) => text).sort();
      const twice = texts.find((text, at) => text === texts[at + 1]);
      if (twice !== undefined) return `${twice} is in ${mailbox} of host ${n} more than once`;
    }
  }
  return null;
}

/**
 * Lets everybody stop changing and exchange, and says which invariant that breaks; null for none.
 * `snapshot`: what the world is now; needed only where it `hasOrders`. `endsInBundle`: the last deed wrote a bundle or lost one. Everybody writes one anyway when they begin to exchange, so that what comes of it
 * was seen without that deed; only the bundles that lie there in whatever order are others.
 */
export function complaintAbout(
  exhaust: ExhaustWorld,
  snapshot: Snapshot | null,
  { endsInBundle }: { readonly endsInBundle: boolean },
): string | null {
  try {
    const complaint = endsInBundle ? null : brokenProperty(exhaust);
    return complaint ?? (snapshot === null ? null : brokenOrder(exhaust, snapshot));
  } catch (error) {
    // A store that is asked for the impossible.
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Do bundles lie there that somebody can import in one order or another? */
export function hasOrders({ hosts, bundles }: World): boolean {
  return hosts.some(({ id }) => bundles.filter(({ from }) => from !== id).length > 1);
}

function brokenProperty({ world, isDoubled }: ExhaustWorld): string | null {
  const outcome = untilAgreed(world, 'together');
  for (const [name, check] of Object.entries(properties)) {
    const complaint = check(outcome);
    if (complaint !== null) return `${name}: ${complaint}`;
  }
  const doubled = isDoubled ? null : nothingDoubled(outcome);
  if (doubled !== null) return `nothingDoubled: ${doubled}`;
  const { rounds } = outcome;
  const most = world.history.blended.size > 0 ? blendedRoundsMax : roundsMax;
  if (rounds !== null && rounds > most) return `agreed after ${rounds} rounds only`;
  const old = [...world.bundles];
  return talk(world) ?? stirring(world, old) ?? invariants.uidsNeverChangeMeaning(outcome);
}

/** 8. Hosts that agree fall silent: then a round has no news and changes nothing, and so no later one does. */
function talk(world: World): string | null {
  const views = world.hosts.map(agreedView);
  for (let round = 1; round <= roundsToSilenceMax; round++) {
    const states = world.hosts.map(statesOf);
    const bundles = world.bundles.length;
    exchangeTogether(world);
    if (world.hosts.some((host, n) => agreedView(host) !== views[n])) return 'silence: what was agreed on changes';
    const isSilent = world.bundles.slice(bundles).every(({ news }) => news.length === 0);
    if (isSilent && world.hosts.every((host, n) => isUnchanged(host.catalog, states[n]))) return dispute(world.hosts);
  }
  return 'silence: still something to say';
}

/** 5. A bundle imported again, or an older one after a newer one, changes nothing. */
function stirring({ hosts }: World, old: readonly ModelBundle[]): string | null {
  for (const [n, host] of hosts.entries()) {
    const before = statesOf(host);
    for (const bundle of old) if (bundle.from !== host.id) host.import([bundle]);
    if (!isUnchanged(host.catalog, before)) return `host ${n} was changed by an old bundle`;
  }
  return null;
}

type Catalog = World['hosts'][number]['catalog'];

function statesOf({ catalog }: { readonly catalog: Catalog }): Map<string, unknown> {
  return new Map([...catalog].map(([name, { state }]) => [name, state]));
}

function isUnchanged(catalog: Catalog, states: ReadonlyMap<string, unknown> | undefined): boolean {
  return [...catalog].every(([name, { state }]) => states?.get(name) === state);
}

/** 6. The order in which waiting bundles are imported makes no difference: in one run none at all, in several not in what there is in the end. */
function brokenOrder(exhaust: ExhaustWorld, snapshot: Snapshot): string | null {
  for (const [n, host] of exhaust.world.hosts.entries()) {
    if (snapshot.bundles.filter(({ from }) => from !== host.id).length < 2) continue;
    const forth = importedIn(exhaust, snapshot, { n, isReversed: false });
    const back = importedIn(exhaust, snapshot, { n, isReversed: true });
    if (forth.dispute !== null || back.dispute !== null) return `order: ${forth.dispute ?? back.dispute}`;
    if (forth.atOnce !== back.atOnce) return `order at host ${n}:\n${forth.atOnce}\nin the other:\n${back.atOnce}`;
    // Which of two copies of a text survives may depend on who heard of it first, and so may flags that follow a moved message.
    if (forth.isBlended || back.isBlended) continue;
    const carriedInto = new Set([...forth.carriedInto, ...back.carriedInto]);
    const [inForth, inBack] = [contentView(forth.agreed, carriedInto), contentView(back.agreed, carriedInto)];
    if (inForth !== inBack) return `order of runs at host ${n}:\n${inForth}\nin the other:\n${inBack}`;
  }
  return null;
}

function importedIn(
  exhaust: ExhaustWorld,
  snapshot: Snapshot,
  { n, isReversed }: { readonly n: number; readonly isReversed: boolean },
) {
  resume(exhaust, snapshot);
  const { world } = exhaust;
  const host = world.hosts[n] as World['hosts'][number];
  const waiting = world.bundles.filter(({ from }) => from !== host.id);
  if (isReversed) waiting.reverse();
  host.import(waiting);
  const atOnce = agreedView(host);
  resume(exhaust, snapshot);
  for (const bundle of waiting) host.import([bundle]);
  untilAgreed(world, 'together');
  const { blended, carriedInto } = world.history;
  return {
    atOnce,
    agreed: agreedView(host),
    isBlended: blended.size > 0,
    carriedInto: new Set(carriedInto),
    dispute: dispute(world.hosts),
  };
}
