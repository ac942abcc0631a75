import type { Guid } from '../../src/mail/text/text-guid.js';
import { plausibleFromS } from '../../src/merge/uids/make-new-uidvalidity.js';
import { isPresent } from '../../src/replica/mailbox-state.js';
import { uidMax } from '../../src/replica/replica-limits.js';
import { agreedView, dispute, exchangeTogether, type Outcome, untilAgreed } from './model-run.js';
import { idOf, mailOf } from './model-texts.js';

/** A property looks at what came of a schedule, and says what is wrong; null where nothing is. */
export type Property = (outcome: Outcome) => string | null;

/** 1. When hosts stop changing and keep exchanging, they agree on everything, and every store holds what was agreed. */
export const agreement: Property = ({ rounds, dispute: views }) => (rounds === null ? `never agreed\n${views}` : null);

/** 2. A text that a host saw in a mailbox, and that no user expunged there, is in every store at the end. */
export const nothingLost: Property = ({ world: { hosts, history } }) => {
  for (const { mailbox, guid } of history.mustLive()) {
    for (const [n, { store }] of hosts.entries()) {
      const messages = store.mailboxes.get(mailbox)?.messages.values() ?? [];
      if (![...messages].some(({ text }) => mailOf(text) === guid)) return `${guid} is not in ${mailbox} of host ${n}`;
    }
  }
  return null;
};

/** 3a. On any host, within one UIDVALIDITY, a UID that once named one text never names another. */
export const uidsNeverChangeMeaning: Property = ({ world: { history } }) => history.contradictions[0] ?? null;

/** 3b. After agreement no UID names a text other than the one it ever named on any host. */
export const uidsMeanTheSameEverywhere: Property = ({ world: { hosts, history } }) => {
  for (const { store } of hosts) {
    if (!store.givesUids) continue;
    for (const [mailbox, { uidValidity, messages }] of store.mailboxes) {
      for (const { uid, text } of messages.values()) {
        const named = history.everNamed(mailbox, uidValidity, uid);
        if (named.size > 1)
          return `UID ${uid} of ${mailbox} (${uidValidity}), now ${text}, named ${[...named].join(', ')}`;
      }
    }
  }
  return null;
};

/** No UIDVALIDITY is from before this program was, but what a store itself has shown; here none does. */
export const noValidityIsTooOld: Property = ({ world: { hosts } }) => {
  for (const [n, { catalog, store }] of hosts.entries()) {
    for (const [mailbox, { state, storeUids }] of catalog) {
      const shown = store.givesUids ? store.mailboxes.get(mailbox)?.uidValidity : undefined;
      for (const number of [state.validity?.uidValidity, storeUids?.uidValidity, shown]) {
        if (number === undefined || (number >= plausibleFromS && number <= uidMax)) continue;
        return `${mailbox} of host ${n} has UIDVALIDITY ${number}`;
      }
    }
  }
  return null;
};

/** What the oracle says from the whole history: which messages live, with which flags, in which mailboxes. */
export const asHistorySays: Property = ({ world: { hosts, history } }) => {
  const host = hosts[0];
  if (host === undefined) return null;
  for (const mailbox of history.mailboxes()) {
    const { state } = host.known(mailbox);
    const expected = history.expectedMailbox(mailbox);
    if (state.subscribed.on !== expected.subscribed) return `subscription of ${mailbox}`;
    if (isPresent(state) !== (expected.exists || state.instances.size > 0)) return `existence of ${mailbox}`;
    if (isPresent(state) && expected.uidValidity !== (state.validity?.uidValidity ?? null)) {
      return `UIDVALIDITY of ${mailbox}: ${state.validity?.uidValidity} instead of ${expected.uidValidity}`;
    }
    if (history.blended.has(mailbox)) continue;
    const actual = [...state.instances].map(([birth, { guid, flags }]) => {
      const on = [...flags].filter(([, register]) => register.on).map(([flag]) => flag);
      return `${birth} ${guid} ${on.sort().join(' ')}`;
    });
    const wanted = history.expectation(mailbox).join('\n');
    if (actual.sort().join('\n') !== wanted) return `${mailbox} is\n${actual.join('\n')}\ninstead of\n${wanted}`;
  }
  return null;
};

/** 5. Importing a bundle twice, or an older one after a newer one, changes nothing. */
export const oldNewsChangesNothing: Property = ({ world: { hosts, bundles } }) => {
  for (const [n, host] of hosts.entries()) {
    const before = new Map(host.catalog);
    for (const bundle of bundles) if (bundle.from !== host.id) host.import([bundle]);
    for (const [mailbox, known] of host.catalog) {
      if (before.get(mailbox)?.state !== known.state) return `${mailbox} of host ${n} was changed by an old bundle`;
    }
  }
  return null;
};

/** Hosts that agree soon have nothing to say any more: no change makes them talk for ever. */
export const silenceInTheEnd: Property = ({ world }) => {
  const roundsMax = 3;
  for (let round = 0; round < roundsMax; round++) exchangeTogether(world);
  const views = world.hosts.map(agreedView);
  const states = world.hosts.map((host) => new Map([...host.catalog].map(([name, { state }]) => [name, state])));
  const bundles = world.bundles.length;
  exchangeTogether(world);
  const talk = world.bundles.slice(bundles).flatMap(({ news }) => news);
  if (talk.length > 0) return `still something to say about ${talk.map(({ name }) => name).join(', ')}`;
  for (const [n, host] of world.hosts.entries()) {
    for (const [name, { state }] of host.catalog) {
      if (states[n]?.get(name) !== state) return `${name} of host ${n} changes though nobody did anything`;
    }
  }
  if (world.hosts.some((host, n) => agreedView(host) !== views[n])) return 'what was agreed on changes';
  return dispute(world.hosts);
};

/** Of the hosts that are left none ever found what another said unsound. */
export const nobodyRefused: Property = ({ world: { hosts } }) => {
  const ids = new Set(hosts.map(({ id }) => id));
  for (const [n, { unsound }] of hosts.entries()) {
    const complaint = unsound.find(({ from }) => ids.has(from));
    if (complaint !== undefined) return `host ${n}: ${complaint.what}`;
  }
  return null;
};

/** Those that hold whatever some hosts say that others did: for all but these. */
export const liedToProperties: Readonly<Record<string, Property>> = {
  nobodyRefused,
  agreement,
  nothingLost,
  uidsNeverChangeMeaning,
  silenceInTheEnd,
};

/** Those that hold also where they tell one host what they do not tell another. */
export const toldTwoStoriesProperties: Readonly<Record<string, Property>> = {
  nobodyRefused,
  nothingLost,
  uidsNeverChangeMeaning,
};

/** Everything a single schedule can show, under the names the reports use; in the order in which they must be looked at. */
export const properties: Readonly<Record<string, Property>> = {
  agreement,
  nothingLost,
  uidsNeverChangeMeaning,
  uidsMeanTheSameEverywhere,
  noValidityIsTooOld,
  asHistorySays,
  silenceInTheEnd,
  oldNewsChangesNothing,
};

/**
 * What a host said under an id that it does not have any more may be heard of after its rejoin, and does no harm then. A message of which it
 * did not give the text, and that was expunged since, would be waited for.
 */
const lateNewsDoesNoHarm: Property = ({ world }) => {
  const isSomewhere = (text: Guid): boolean => world.hosts.some((host) => host.copyOf(idOf(text)) !== null);
  const whole = world.bundles.filter(({ news, texts }) =>
    news.every(({ saves }) => saves.every(({ guid }) => texts.has(guid) || isSomewhere(guid))),
  );
  for (const host of world.hosts) host.import(whole);
  const outcome = untilAgreed(world, 'together');
  return agreement(outcome) ?? nothingLost(outcome) ?? uidsNeverChangeMeaning(outcome) ?? silenceInTheEnd(outcome);
};

/** Those that hold also where hosts were put back to an earlier time: what had been expunged since may return, and no oracle knows what does. */
export const accidentProperties: Readonly<Record<string, Property>> = {
  agreement,
  nothingLost,
  uidsNeverChangeMeaning,
  uidsMeanTheSameEverywhere,
  noValidityIsTooOld,
  silenceInTheEnd,
  lateNewsDoesNoHarm,
};
