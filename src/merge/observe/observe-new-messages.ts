import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { Stamp } from '../../replica/last-writer-registers.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { noteText } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import { tickOf } from '../../replica/version-vector.js';
import type { MatchedFiles } from './match-files-to-messages.js';
import type { ObservationInProgress } from './observation-in-progress.js';
import { type Succession, successionsIn } from './observe-rewritten-messages.js';
import { type LostUids, lowUids } from './observe-uids.js';

/**
 * Births that share a modseq. A large mailbox that was there at the first look can so be told of in parts (`partOf`)
 * without saying the registers of one part again with each of the next; of the numbers there are enough.
 */
const birthsPerModseqMax = 16;

/**
 * Enters new files as births of this host, in the order of their UIDs. A message keeps the UID that the store gave it,
 * unless that may have been given out before; then it gets one above all others. `lost`: UIDs that a list which is gone
 * may have given out.
 */
export function observeNewMessages(
  observation: ObservationInProgress,
  files: MatchedFiles,
  lost: LostUids | null,
): void {
  const { known, scan, context, rules, stamp, born } = observation;
  const { birthsPerModseq = birthsPerModseqMax } = context;
  const { serial } = tickOf(known.state.clock, context.self);
  const successions = successionsIn(known, files, { successors: context.successors, rules });
  const uidOf = uidChoice(observation, lost);
  for (const { message, digest } of files.born) {
    const uid = uidOf(message.uid);
    const succession = successions.get(message.ref);
    if (succession !== undefined) observation.replaced.add(succession.replaced);
    const { flags = message.flags, movedFrom = null, noted = message.flags }: Partial<Succession> = succession ?? {};
    const stampOfBirth: Stamp = { ...stamp, modseq: stamp.modseq + Math.floor(born.length / birthsPerModseq) };
    const instance: Instance = {
      birth: { host: context.self, serial: serial + born.length + 1 },
      modseq: stampOfBirth.modseq,
      ...textIdOf(digest),
      sizeBytes: digest.sizeBytes,
      receivedS: digest.receivedS,
      hint: digest.hint,
      ...(context.wasHere?.(textIdOf(digest)) === true ? { anew: stampOfBirth.modseq } : {}),
      uid: { uidValidity: observation.view.validity?.uidValidity ?? 0, uid, round: 0, ...stampOfBirth },
      flags: new Map([...flags].map((flag) => [flag, { on: true, ...stampOfBirth }])),
      ...(movedFrom === null ? {} : { movedFrom }),
    };
    born.push(instance);
    const birth = birthKey(instance.birth);
    observation.instances.set(birth, instance);
    const heldUid = message.uid ?? (scan.uidsWanted !== undefined ? 0 : uid);
    const { file } = digest;
    observation.holdings.set(message.ref, {
      ref: message.ref,
      birth,
      uid: heldUid,
      flags: noted,
      ...noteText(digest),
      file,
    });
  }
}

/** Chooses the UID of each new message, given the one that the store shows, if any. */
function uidChoice(observation: ObservationInProgress, lost: LostUids | null): (shown: number | null) => number {
  const { known, context, view, given } = observation;
  const { state, storeUids } = known;
  const isLostHere = lost !== null && lost.uidValidity === view.validity?.uidValidity;
  const seenNext = view.kind === 'own' ? view.store.uidNext : isLostHere ? lost.range[1] + 1 : 1;
  const firstFreshUid = Math.max(state.uidNext, seenNext);
  const listedNext = storeUids !== null && storeUids.uidValidity === view.store?.uidValidity ? storeUids.uidNext : 0;
  const low = lowUids(state, context.self);
  return (shown) => {
    const isKept =
      shown !== null && (view.kind === 'reset' || (view.kind === 'own' && (shown >= listedNext || low.keeps(shown))));
    if (!isKept) return firstFreshUid + observation.taken++;
    if (view.kind === 'own') given.push(shown);
    return shown;
  };
}
