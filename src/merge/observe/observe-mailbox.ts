import type { Flag } from '../../mail/flags.js';
import type { Scan } from '../../mail/mailbox-scan.js';
import type { MailboxState } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import { uidMax } from '../../replica/replica-limits.js';
import { tickOf } from '../../replica/version-vector.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import { isNearlyFull, renumber } from '../uids/renumber-uid-conflicts.js';
import { matchFiles } from './match-files-to-messages.js';
import type { LocalChanges, Observation, ObserveContext } from './observation.js';
import { beginObservation, type ObservationInProgress } from './observation-in-progress.js';
import { observeGoneMessages, observeKnownMessages } from './observe-known-messages.js';
import { observeAbsence } from './observe-missing-mailbox.js';
import { observeNewMessages } from './observe-new-messages.js';
import { lostUids, observeUidNext, type UidView, viewUids } from './observe-uids.js';

/**
 * Compares a mailbox as its store shows it with what it was last seen to hold, and enters every difference as this
 * host's own change: under one new modseq, and many births under several, in the order of UIDs. `scan` null means that
 * it is not in the store. What the store now shows as the replicated state wants it is not a change but work that was
 * done. Pure: neither the store nor `known` is touched. See mrepl-sync(7), "WHAT A HOST SEES IN ITS OWN STORE".
 */
export function observe(
  known: KnownMailbox,
  scan: Scan | null,
  context: ObserveContext,
  rules: Rules = everyRule,
): Observation {
  if (scan === null) return observeAbsence(known, context, rules);
  const foreseen: Scan = { ...scan, ...withForeseenUids(scan) };
  const files = matchFiles(known, foreseen, { digests: context.digests, rules });
  const view = viewUids(known, foreseen.uids, {
    anyBorn: files.born.length > 0,
    wantsUids: scan.uidsWanted !== undefined,
    anyFamiliar: files.familiar.length + (scan.sinceSeen?.unchanged ?? 0) > 0,
    nowS: context.nowS,
    mailboxId: scan.mailboxId,
    rules,
  });
  const lost = lostUids(known, scan.uidsWanted);
  const observation = beginObservation({ known, scan: foreseen, context, rules, view });
  observeKnownMessages(observation, files.familiar);
  observeGoneMessages(observation, files.gone);
  observeNewMessages(observation, files, lost);
  const { exists, subscribed, isFound } = observeMailbox(observation);
  const state = stateAfter(observation, { exists, subscribed, ...observeUidNext({ ...observation, lost }) });
  const after: KnownMailbox = {
    state,
    holdings: observation.holdings.current(),
    storeUids: sameUids(known.storeUids, view.store) ? known.storeUids : view.store,
    stored: true,
    storeSubscribed: context.subscribed ?? false,
    // What could not be read, or dealt with, is said at every look.
    fingerprint: files.unread > 0 || scan.troubles.length > 0 ? null : scan.fingerprint,
    mailboxId: scan.mailboxId,
  };
  const isExhausted = rules.renewFull && isNearlyFull(after);
  const renewed = isExhausted ? renumber(after, context.self, { has: () => false }, rules).known : after;
  return {
    known: isSame(known, renewed) ? known : renewed,
    born: observation.born,
    expunged: observation.expunged,
    changes: {
      ...changesFound(observation),
      created: isFound,
      uidValidity: isExhausted ? validityBetween(after, renewed) : validityChange(known, view),
      exhausted: isExhausted ? after.state.uidNext : null,
    },
  };
}

type MailboxRegisters = Pick<MailboxState, 'exists' | 'subscribed'>;

/**
 * May a scan leave out what is as it was? Then all of it means nothing: neither are UIDs to be read in another way than
 * before, nor is any keyword asked for again.
 */
export function leavesOutNothing(
  { state, storeUids, mailboxId }: KnownMailbox,
  scan: Scan,
  unstorable: readonly Flag[],
): boolean {
  if (scan.sinceSeen === undefined) return true;
  const isSameList =
    scan.uids === null
      ? storeUids === null && scan.uidsWanted === undefined && state.validity !== null
      : scan.uids.uidValidity === storeUids?.uidValidity && storeUids.uidValidity === state.validity?.uidValidity;
  return isSameList && mailboxId === scan.mailboxId && unstorable.length === 0;
}

/**
 * What the look says of the mailbox itself: that it is there, where it was made here, and what its user has subscribed
 * to. `isFound`: it exists again, or for the first time. A subscription that the store has lost is noted as lost.
 */
function observeMailbox(observation: ObservationInProgress): MailboxRegisters & { readonly isFound: boolean } {
  const { known, context, stamp, born, lost } = observation;
  const { exists, subscribed } = known.state;
  const isFound = !exists.on && (!known.stored || born.length > 0);
  if (context.subscribed === null && known.storeSubscribed && subscribed.on) lost.add('subscription');
  const now = context.subscribed;
  const isSubscription = now !== null && now !== known.storeSubscribed && now !== subscribed.on;
  return {
    exists: isFound ? { on: true, ...stamp } : exists,
    subscribed: isSubscription ? { on: now, ...stamp } : subscribed,
    isFound,
  };
}

/** The replicated state with all that was found; the very object that was known, where that is nothing. */
function stateAfter(
  { known, context, rules, view, instances, born, stamp }: ObservationInProgress,
  found: MailboxRegisters & Pick<MailboxState, 'uidNext' | 'ledger'>,
): MailboxState {
  const { state } = known;
  const isChange =
    instances.current() !== state.instances ||
    found.ledger !== state.ledger ||
    view.validity?.uidValidity !== state.validity?.uidValidity ||
    view.validity?.resets !== state.validity?.resets ||
    found.exists !== state.exists ||
    found.subscribed !== state.subscribed;
  if (!isChange) return state;
  const after = { ...state, ...found, validity: view.validity, instances: instances.current() };
  if (!rules.advanceClock && born.length === 0) return after;
  const highestModseq = born.at(-1)?.modseq ?? stamp.modseq;
  const serial = tickOf(state.clock, context.self).serial + born.length;
  return { ...after, clock: new Map(state.clock).set(context.self, { serial, modseq: highestModseq }), highestModseq };
}

/** For the report: what was found of the messages. */
function changesFound({
  known,
  born,
  expunged,
  replaced,
  flagged,
  renumbered,
  lost,
}: ObservationInProgress): Omit<LocalChanges, 'created' | 'uidValidity' | 'exhausted'> {
  return {
    mailbox: known.state.name,
    born: born.length - replaced.size,
    expunged: expunged.filter(({ birth }) => !replaced.has(birthKey(birth))).length,
    rewritten: replaced.size,
    flagged,
    renumbered,
    deleted: false,
    lost: [...lost],
  };
}

/**
 * Messages without a UID get the one the store will give them at its next look, if there is one left: a dry run does
 * not let it.
 */
function withForeseenUids({ uids, messages }: Scan): Pick<Scan, 'uids' | 'messages'> {
  if (uids === null || messages.every(({ uid }) => uid !== null)) return { uids, messages };
  let { uidNext } = uids;
  const numbered = messages.map((message) =>
    message.uid === null && uidNext <= uidMax ? { ...message, uid: uidNext++ } : message,
  );
  return { uids: { ...uids, uidNext }, messages: numbered };
}

function validityChange(known: KnownMailbox, { store }: UidView): LocalChanges['uidValidity'] {
  const from = known.storeUids?.uidValidity;
  const to = store?.uidValidity;
  if (from === undefined || to === undefined || from === to || to === known.state.validity?.uidValidity) return null;
  return { from, to };
}

function validityBetween({ state: before }: KnownMailbox, { state: after }: KnownMailbox): LocalChanges['uidValidity'] {
  if (before.validity === null || after.validity === null) return null;
  return { from: before.validity.uidValidity, to: after.validity.uidValidity };
}

type Uids = KnownMailbox['storeUids'];

function sameUids(a: Uids, b: Uids): boolean {
  return a?.uidValidity === b?.uidValidity && a?.uidNext === b?.uidNext;
}

function isSame(before: KnownMailbox, after: KnownMailbox): boolean {
  return (
    before.state === after.state &&
    before.holdings === after.holdings &&
    before.storeUids === after.storeUids &&
    before.stored === after.stored &&
    before.storeSubscribed === after.storeSubscribed &&
    before.fingerprint === after.fingerprint &&
    before.mailboxId === after.mailboxId
  );
}
