import { draftOf } from '../../replica/edited-map.js';
import type { FlagRegister } from '../../replica/last-writer-registers.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { joinLedgers } from '../../replica/uid-ledger.js';
import { tickOf } from '../../replica/version-vector.js';
import type { Rules } from '../rules-tests-can-switch-off.js';
import { unusedValidity } from '../uids/make-new-uidvalidity.js';
import type { Observation, ObserveContext } from './observation.js';
import { unseenClaims } from './observe-uids.js';

/**
 * A mailbox that is not in the store. Where it was there, somebody deleted it: that expunges the messages that were in
 * the store, but not those still to be delivered, which nobody here has seen; they bring it back. Should it come back,
 * it is under a new UIDVALIDITY: UIDs may have been given out in the old one since the last look. Its subscription is
 * left as it was, for the day it returns.
 */
export function observeAbsence(known: KnownMailbox, context: ObserveContext, rules: Rules): Observation {
  const { state } = known;
  const { self } = context;
  const tick = tickOf(state.clock, self);
  const stamp = { modseq: state.highestModseq + 1, host: self };
  const instances = draftOf(state.instances);
  const holdings = draftOf(known.holdings);
  const expunged: Instance[] = [];
  for (const holding of known.stored ? known.holdings.values() : []) {
    const instance = state.instances.get(holding.birth);
    if (instance !== undefined && holding.uid === null) continue;
    if (instance !== undefined) {
      instances.delete(holding.birth);
      expunged.push(instance);
    }
    holdings.delete(holding.ref);
  }
  const isDeletion = known.stored && state.exists.on;
  const exists: FlagRegister = isDeletion ? { on: false, ...stamp } : state.exists;
  const { validity } = state;
  const storeSubscribed = context.subscribed ?? false;
  const isSubscription = storeSubscribed && !known.storeSubscribed && !state.subscribed.on;
  const subscribed: FlagRegister = isSubscription ? { on: true, ...stamp } : state.subscribed;
  const { storeUids } = known;
  const isListOver =
    known.stored && storeUids !== null && (isDeletion || storeUids.uidValidity === validity?.uidValidity);
  const ledger = isListOver
    ? joinLedgers(state.ledger, { claims: unseenClaims(storeUids, self), agreements: [] })
    : state.ledger;
  const isRenewed = isDeletion && validity !== null && rules.countResets;
  const renewed = isRenewed
    ? { validity: { resets: validity.resets + 1, uidValidity: unusedValidity(ledger, validity) }, uidNext: 1 }
    : {};
  const isChange = isDeletion || isSubscription || ledger !== state.ledger || instances.current() !== state.instances;
  const changes = {
    mailbox: state.name,
    born: 0,
    expunged: expunged.length,
    rewritten: 0,
    flagged: 0,
    renumbered: 0,
    created: false,
    deleted: isDeletion,
    uidValidity: null,
    exhausted: null,
    lost: [],
  };
  if (!isChange && !known.stored && known.storeSubscribed === storeSubscribed) {
    return { known, changes, born: [], expunged };
  }
  const advanced = rules.advanceClock
    ? { clock: new Map(state.clock).set(self, { ...tick, modseq: stamp.modseq }), highestModseq: stamp.modseq }
    : {};
  const after: KnownMailbox = {
    state: isChange
      ? { ...state, ...advanced, ...renewed, exists, subscribed, instances: instances.current(), ledger }
      : state,
    holdings: holdings.current(),
    storeUids: null,
    stored: false,
    storeSubscribed,
    fingerprint: null,
    mailboxId: null,
  };
  return { known: after, changes, born: [], expunged };
}
