import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import { draftOf } from '../../replica/edited-map.js';
import { conflictingUids } from '../../replica/find-uid-conflicts.js';
import type { HostId } from '../../replica/host-id.js';
import type { Validity } from '../../replica/last-writer-registers.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey, compareBirths } from '../../replica/message-birth.js';
import { filesByBirth, mayShareUids, openMessages } from '../../replica/messages-read-on-demand.js';
import { inRanges } from '../../replica/number-ranges.js';
import { roundMax, uidNextMax } from '../../replica/replica-limits.js';
import { highestClaim, joinLedgers } from '../../replica/uid-ledger.js';
import { tickOf } from '../../replica/version-vector.js';
import type { Decision, RenumberReason } from '../merge-decision.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import { unusedValidity } from './make-new-uidvalidity.js';
import { decisionLabel, hostSpread } from './renumbering-decision-hash.js';

/** A message that was renumbered this often takes part in no ordinary block any more (merge rule 6). */
export const calmRoundsMax = 5;

/** The widest spread of blocks against livelocks, in UIDs: a few blocks of this size do not use up 32 bits. */
const spreadMax = 2 ** 20;

type Renumbered = { readonly known: KnownMailbox; readonly decisions: readonly Decision[] };

/**
 * Gives a new UID to every message that needs one (merge rule 6), all in one block above everything known; to be done
 * once, after all news is joined, and again before a store is changed. `texts` are those that this host can deliver
 * now: a message that waits for its text keeps its UID until then.
 */
export function renumber(
  known: KnownMailbox,
  self: HostId,
  texts: { has(mail: TextId): boolean },
  rules: Rules = everyRule,
): Renumbered {
  const { state } = known;
  if (state.validity === null) return { known, decisions: [] };
  let validity = state.validity;
  let first = firstFreeUid(known, validity);
  const isFull = rules.renewFull && isNearlyFull(known);
  let moving = isFull ? [] : messagesToMove(known, validity, texts, rules);
  if (moving.length === 0 && !isFull) return { known, decisions: [] };

  if (isFull) {
    validity = { resets: validity.resets + 1, uidValidity: unusedValidity(state.ledger, validity) };
    moving = [...state.instances.values()].map((instance) => ({ instance, why: 'uidvalidity' }));
    first = 1;
  }
  const { uidValidity } = validity;
  moving.sort(
    ({ instance: a }, { instance: b }) =>
      a.uid.uidValidity - b.uid.uidValidity || a.uid.uid - b.uid.uid || compareBirths(a.birth, b.birth),
  );
  const births = moving.map(({ instance }) => instance.birth);
  const round = moving.reduce((most, { instance }) => Math.max(most, instance.uid.round), 0);
  const isLivelock = round >= calmRoundsMax && rules.spreadBlocks;
  if (isLivelock) first += hostSpread(self, round) % Math.min(moving.length * 2 ** (round + 1), spreadMax);
  const maker = isLivelock || !rules.nameDecisions ? { host: self, round } : null;
  const label = decisionLabel(uidValidity, first, births, maker);
  const uidNext = first + moving.length;
  const claims = moving.length === 0 ? [] : [{ uidValidity, label, lo: first, hi: uidNext - 1 }];

  const stamp = { modseq: state.highestModseq + 1, host: self };
  const instances = draftOf(state.instances);
  const decisions: Decision[] = [];
  moving.forEach(({ instance, why }, n) => {
    const { birth, uid: before } = instance;
    const uid = first + n;
    instances.set(birthKey(birth), {
      ...instance,
      uid: { uidValidity, uid, round: Math.min(before.round + 1, roundMax), ...stamp },
    });
    const from = before.uidValidity === uidValidity ? before.uid : null;
    decisions.push({ kind: 'renumbered', birth, from, to: uid, why });
  });
  return {
    known: {
      ...known,
      state: {
        ...state,
        clock: new Map(state.clock).set(self, { ...tickOf(state.clock, self), modseq: stamp.modseq }),
        highestModseq: stamp.modseq,
        validity,
        uidNext,
        instances: instances.current(),
        ledger: joinLedgers(state.ledger, { claims, agreements: [] }),
      },
    },
    decisions,
  };
}

/**
 * Are the UIDs of the mailbox so nearly used up that it has to go on under another UIDVALIDITY? Peers believe no
 * others.
 */
export function isNearlyFull(known: KnownMailbox): boolean {
  const { state } = known;
  return state.validity !== null && firstFreeUid(known, state.validity) + state.instances.size + spreadMax > uidNextMax;
}

type Move = { readonly instance: Instance; readonly why: RenumberReason };

function messagesToMove(
  known: KnownMailbox,
  { uidValidity }: Validity,
  texts: { has(mail: TextId): boolean },
  rules: Rules,
): Move[] {
  const { state, storeUids } = known;
  const conflicts = rules.moveConflicts ? conflictingUids(state.ledger, uidValidity) : [];
  const floor = rules.moveLate && storeUids?.uidValidity === uidValidity ? storeUids.uidNext : 0;
  const files = filesByBirth(known);
  const holders = new Map<number, Instance>();
  const moving = new Map<Instance, RenumberReason>();
  // A message that is settled has the UID that it has in the store. It shares that with no other but by what was
  // decided since, and is moved for nothing but that, and a conflict.
  const isToBeSearched = conflicts.length > 0 || mayShareUids(known);
  for (const [birth, instance] of isToBeSearched ? state.instances : openMessages(known)) {
    const { uid: register } = instance;
    if (register.uidValidity !== uidValidity) {
      moving.set(instance, 'uidvalidity');
      continue;
    }
    if (inRanges(conflicts, register.uid)) {
      moving.set(instance, 'conflict');
      continue;
    }
    // Twins that were unified differently on different hosts: the smaller birth keeps the UID, as both have the same
    // text.
    const holder = holders.get(register.uid);
    if (holder !== undefined && rules.moveConflicts) {
      const [keeps, moves] = compareBirths(holder.birth, instance.birth) < 0 ? [holder, instance] : [instance, holder];
      holders.set(register.uid, keeps);
      moving.set(moves, 'conflict');
      if (moves === instance) continue;
      moving.delete(keeps);
    } else {
      holders.set(register.uid, instance);
    }
    if (floor === 0 || register.uid >= floor) continue;
    const holding = files.seen(birth);
    const isLate = holding === undefined ? texts.has(instance) : holding.uid !== register.uid;
    if (isLate) moving.set(instance, 'late');
  }
  return [...moving].map(([instance, why]) => ({ instance, why }));
}

/** The lowest UID that nobody ever gave out, as far as is known. */
function firstFreeUid({ state, storeUids }: KnownMailbox, { uidValidity }: Validity): number {
  const inStore = storeUids?.uidValidity === uidValidity ? storeUids.uidNext : 1;
  return Math.max(state.uidNext, highestClaim(state.ledger, uidValidity) + 1, inStore);
}
