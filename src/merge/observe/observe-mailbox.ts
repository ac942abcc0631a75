import type { Flag } from '../../mail/flags.js';
import type { Scan } from '../../mail/mailbox-scan.js';
import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { FlagRegister, Stamp, UidRegister } from '../../replica/last-writer-registers.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { type KnownMailbox, noteText } from '../../replica/mailbox-state-and-stored-files.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import { uidMax } from '../../replica/replica-limits.js';
import { tickOf } from '../../replica/version-vector.js';
import { draftOf } from '../copy-on-write-map.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import { isNearlyFull, renumber } from '../uids/renumber-uid-conflicts.js';
import { matchFiles } from './match-files-to-messages.js';
import type { LocalChanges, Loss, Observation, ObserveContext } from './observation.js';
import { observeFlags } from './observe-flags.js';
import { observeAbsence } from './observe-missing-mailbox.js';
import { successionsIn } from './observe-rewritten-messages.js';
import { hasUid, lostUids, lowUids, observeUidNext, type UidView, viewUids } from './observe-uids.js';

/**
 * Births that share a modseq. A large mailbox that was there at the first look can so be told of in parts (`partOf`)
 * without saying the registers of one part again with each of the next; of the numbers there are enough.
 */
const birthsPerModseqMax = 16;

/**
 * Compares a mailbox as its store shows it with what it was last seen to hold, and enters every difference as this
 * host's own change: under one new modseq, and many births under several, in the order of UIDs. `scan` null means that
 * it is not in the store. What the store now shows as the replicated state wants it is not a change but work that was
 * done.
 */
export function observe(
  known: KnownMailbox,
  scan: Scan | null,
  context: ObserveContext,
  rules: Rules = everyRule,
): Observation {
  if (scan === null) return observeAbsence(known, context, rules);
  const { self, birthsPerModseq = birthsPerModseqMax } = context;
  const { state } = known;
  const { uids, messages } = withForeseenUids(scan);
  const files = matchFiles(known, { ...scan, messages }, { digests: context.digests, rules });
  const view = viewUids(known, uids, {
    anyBorn: files.born.length > 0,
    wantsUids: scan.uidsWanted !== undefined,
    anyFamiliar: files.familiar.length > 0,
    nowS: context.nowS,
    mailboxId: scan.mailboxId,
    rules,
  });
  const stamp: Stamp = { modseq: state.highestModseq + 1, host: self };
  const instances = draftOf(state.instances);
  const holdings = draftOf(known.holdings);
  const planned: number[] = [];
  let isUnfinished = false;
  const given: number[] = [];
  const born: Instance[] = [];
  const expunged: Instance[] = [];
  let flagged = 0;
  let renumbered = 0;

  const unstorable = new Set(context.unstorable);
  const lost = new Set<Loss>();
  if (uids === null && scan.uidsWanted !== undefined && known.storeUids !== null) lost.add('uids');
  for (const { message, holding, digest } of files.familiar) {
    const instance = state.instances.get(holding.birth);
    const observed = observeFlags(message, holding, instance?.flags ?? noRegisters, { stamp, unstorable });
    if (observed.isLost) lost.add('keywords');
    const keptHere = scan.uidsWanted !== undefined ? 0 : (instance?.uid.uid ?? holding.uid ?? 0);
    const uid = message.uid ?? keptHere;
    if (instance !== undefined) {
      const seen = observeUid(instance, { uid, before: holding.uid, view, known, stamp });
      if (seen === 'planned') planned.push(uid);
      else if (uid !== instance.uid.uid) isUnfinished = true;
      const register = typeof seen === 'string' ? instance.uid : seen;
      if (typeof seen !== 'string' && view.kind === 'own') given.push(uid);
      if (typeof seen !== 'string' && view.kind === 'own' && holding.uid !== null) renumbered += 1;
      if (observed.changed !== null && holding.uid !== null) flagged += 1;
      if (observed.changed !== null || register !== instance.uid) {
        const flags = observed.changed === null ? instance.flags : new Map([...instance.flags, ...observed.changed]);
        instances.set(holding.birth, { ...instance, uid: register, flags });
      }
    }
    const { noted } = observed;
    if (holding.ref !== message.ref) holdings.delete(holding.ref);
    const isOtherText = digest !== undefined && digest.guid !== holding.guid;
    const text = isOtherText ? noteText(digest) : null;
    if (holding.ref !== message.ref || holding.uid !== uid || holding.flags !== noted || text !== null) {
      const { sizeBytes: _, same: __, ...rest } = holding;
      const file = digest === undefined ? {} : { file: digest.file };
      const before = text === null ? holding : rest;
      holdings.set(message.ref, { ...before, ...text, ...file, ref: message.ref, uid, flags: noted });
    }
  }

  for (const holding of files.gone) {
    const instance = state.instances.get(holding.birth);
    if (instance !== undefined) {
      if (holding.uid === null) {
        isUnfinished = true;
        continue; // announced, and still to be delivered
      }
      instances.delete(holding.birth);
      expunged.push(instance);
    }
    holdings.delete(holding.ref);
  }

  const tick = tickOf(state.clock, self);
  const lostRange = lostUids(known, scan.uidsWanted);
  const isLostHere = lostRange !== null && lostRange.uidValidity === view.validity?.uidValidity;
  const seenNext = view.kind === 'own' ? view.store.uidNext : isLostHere ? lostRange.range[1] + 1 : 1;
  const firstFreshUid = Math.max(state.uidNext, seenNext);
  const listedBefore = known.storeUids !== null && known.storeUids.uidValidity === view.store?.uidValidity;
  const low = lowUids(state, self);
  let taken = 0;
  const successions = successionsIn(known, files, { successors: context.successors, rules });
  const replaced = new Set<BirthKey>();
  for (const { message, digest } of files.born) {
    const shown = message.uid;
    const isLow = listedBefore && shown !== null && shown < (known.storeUids?.uidNext ?? 1);
    const keeps = view.kind === 'reset' || (view.kind === 'own' && (!isLow || low.keeps(shown)));
    const uid = keeps && shown !== null ? shown : firstFreshUid + taken++;
    if (keeps && view.kind === 'own') given.push(uid);
    const stampOfBirth = { ...stamp, modseq: stamp.modseq + Math.floor(born.length / birthsPerModseq) };
    const succession = successions.get(message.ref);
    const { flags = message.flags, movedFrom = null, noted = message.flags } = succession ?? {};
    if (succession !== undefined) replaced.add(succession.replaced);
    const instance: Instance = {
      birth: { host: self, serial: tick.serial + born.length + 1 },
      modseq: stampOfBirth.modseq,
      ...textIdOf(digest),
      sizeBytes: digest.sizeBytes,
      receivedS: digest.receivedS,
      hint: digest.hint,
      uid: { uidValidity: view.validity?.uidValidity ?? 0, uid, round: 0, ...stampOfBirth },
      flags: new Map([...flags].map((flag) => [flag, { on: true, ...stampOfBirth }])),
      ...(movedFrom === null ? {} : { movedFrom }),
    };
    born.push(instance);
    const birth = birthKey(instance.birth);
    instances.set(birth, instance);
    const heldUid = shown ?? (scan.uidsWanted !== undefined ? 0 : uid);
    const { file } = digest;
    holdings.set(message.ref, { ref: message.ref, birth, uid: heldUid, flags: noted, ...noteText(digest), file });
  }

  const { uidNext, ledger } = observeUidNext({
    known,
    view,
    self,
    rules,
    planned,
    isUnfinished,
    given,
    taken,
    lost: lostRange,
  });
  const isFound = !state.exists.on && (!known.stored || born.length > 0);
  const exists: FlagRegister = isFound ? { on: true, ...stamp } : state.exists;
  const storeSubscribed = context.subscribed ?? false;
  if (context.subscribed === null && known.storeSubscribed && state.subscribed.on) lost.add('subscription');
  const isSubscription =
    context.subscribed !== null && storeSubscribed !== known.storeSubscribed && storeSubscribed !== state.subscribed.on;
  const subscribed: FlagRegister = isSubscription ? { on: storeSubscribed, ...stamp } : state.subscribed;
  const isChange =
    instances.current() !== state.instances ||
    ledger !== state.ledger ||
    view.validity?.uidValidity !== state.validity?.uidValidity ||
    view.validity?.resets !== state.validity?.resets ||
    exists !== state.exists ||
    subscribed !== state.subscribed;

  const highestModseq = born.at(-1)?.modseq ?? stamp.modseq;
  // What could not be read, or dealt with, is said at every look.
  const isToBeSaidAgain = files.unread > 0 || scan.troubles.length > 0;
  const storeUids = sameUids(known.storeUids, view.store) ? known.storeUids : view.store;
  const after: KnownMailbox = {
    state: !isChange
      ? state
      : {
          ...state,
          ...(rules.advanceClock || born.length > 0
            ? {
                clock: new Map(state.clock).set(self, { serial: tick.serial + born.length, modseq: highestModseq }),
                highestModseq,
              }
            : {}),
          validity: view.validity,
          uidNext,
          exists,
          subscribed,
          instances: instances.current(),
          ledger,
        },
    holdings: holdings.current(),
    storeUids,
    stored: true,
    storeSubscribed,
    fingerprint: isToBeSaidAgain ? null : scan.fingerprint,
    mailboxId: scan.mailboxId,
  };
  const isExhausted = rules.renewFull && isNearlyFull(after);
  const renewed = isExhausted ? renumber(after, self, { has: () => false }, rules).known : after;
  return {
    known: isSame(known, renewed) ? known : renewed,
    born,
    expunged,
    changes: {
      mailbox: state.name,
      born: born.length - replaced.size,
      expunged: expunged.filter(({ birth }) => !replaced.has(birthKey(birth))).length,
      rewritten: replaced.size,
      flagged,
      renumbered,
      created: isFound,
      deleted: false,
      uidValidity: isExhausted ? validityBetween(after, renewed) : validityChange(known, view),
      exhausted: isExhausted ? after.state.uidNext : null,
      lost: [...lost],
    },
  };
}

const noRegisters: ReadonlyMap<Flag, FlagRegister> = new Map();

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

/**
 * 'planned': now where the register wants it. 'same': nothing new about it. Else the register that its place in the
 * store makes.
 */
function observeUid(
  instance: Instance,
  seen: {
    readonly uid: number;
    readonly before: number | null;
    readonly view: UidView;
    readonly known: KnownMailbox;
    readonly stamp: Stamp;
  },
): UidRegister | 'planned' | 'same' {
  const { uid, before, view, known, stamp } = seen;
  if (view.kind === 'reset') return { uidValidity: view.validity.uidValidity, uid, round: 0, ...stamp };
  if (view.kind !== 'own') return 'same';
  const sameList = known.storeUids?.uidValidity === view.store.uidValidity;
  if (sameList && uid === before) return 'same';
  const { uidValidity } = view.validity;
  if (hasUid(instance, uidValidity, uid)) return 'planned';
  if (instance.uid.uidValidity === uidValidity && uid < instance.uid.uid) return 'same';
  return { uidValidity, uid, round: instance.uid.round, ...stamp };
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
