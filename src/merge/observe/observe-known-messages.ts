import type { Flag } from '../../mail/flags.js';
import type { FlagRegister, UidRegister } from '../../replica/last-writer-registers.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { type Holding, noteText } from '../../replica/mailbox-state-and-stored-files.js';
import type { FamiliarFile } from './match-files-to-messages.js';
import type { ObservationInProgress } from './observation-in-progress.js';
import { type ObservedFlags, observeFlags } from './observe-flags.js';
import { hasUid } from './observe-uids.js';

const noRegisters: ReadonlyMap<Flag, FlagRegister> = new Map();

/**
 * Compares the files of messages known before with what was noted of them: flags and UIDs that differ become changes of
 * this host, except where the replicated state wants them so, and what the files hold is noted anew.
 */
export function observeKnownMessages(observation: ObservationInProgress, files: readonly FamiliarFile[]): void {
  const { known, scan, unstorable, stamp, lost } = observation;
  for (const file of files) {
    const { message, holding } = file;
    const instance = known.state.instances.get(holding.birth);
    const flags = observeFlags(message, holding, instance?.flags ?? noRegisters, { stamp, unstorable });
    if (flags.isLost) lost.add('keywords');
    // A store without UIDs shows none: the catalog keeps them. One that lost its list has to be given another.
    const uid = message.uid ?? (scan.uidsWanted !== undefined ? 0 : (instance?.uid.uid ?? holding.uid ?? 0));
    if (instance !== undefined) enterChanges(observation, instance, { holding, flags, uid });
    noteFile(observation, file, { uid, flags: flags.noted });
  }
}

/**
 * Enters the messages whose files are gone as expunged by this host. One that was announced and never seen is still to
 * be delivered. A holding of a message that the state does not have any more has done its duty.
 */
export function observeGoneMessages(observation: ObservationInProgress, gone: readonly Holding[]): void {
  const { known, instances, holdings, expunged } = observation;
  for (const holding of gone) {
    const instance = known.state.instances.get(holding.birth);
    if (instance !== undefined) {
      if (holding.uid === null) {
        observation.isUnfinished = true;
        continue;
      }
      instances.delete(holding.birth);
      expunged.push(instance);
    }
    holdings.delete(holding.ref);
  }
}

/** Enters what the file of this message shows as changed since it was seen last. */
function enterChanges(
  observation: ObservationInProgress,
  instance: Instance,
  seen: { readonly holding: Holding; readonly flags: ObservedFlags; readonly uid: number },
): void {
  const { holding, flags, uid } = seen;
  const place = observeUid(observation, instance, { uid, before: holding.uid });
  if (place === 'planned') observation.planned.push(uid);
  else if (uid !== instance.uid.uid) observation.isUnfinished = true;
  const register = typeof place === 'string' ? instance.uid : place;
  if (typeof place !== 'string' && observation.view.kind === 'own') {
    observation.given.push(uid);
    if (holding.uid !== null) observation.renumbered += 1;
  }
  if (flags.changed !== null && holding.uid !== null) observation.flagged += 1;
  if (flags.changed === null && register === instance.uid) return;
  const registers = flags.changed === null ? instance.flags : new Map([...instance.flags, ...flags.changed]);
  observation.instances.set(holding.birth, { ...instance, uid: register, flags: registers });
}

/**
 * 'planned': now where the register wants it. 'same': nothing new about it. Else the register that its place in the
 * store makes.
 */
function observeUid(
  { known, view, stamp }: ObservationInProgress,
  instance: Instance,
  { uid, before }: { readonly uid: number; readonly before: number | null },
): UidRegister | 'planned' | 'same' {
  if (view.kind === 'reset') return { uidValidity: view.validity.uidValidity, uid, round: 0, ...stamp };
  if (view.kind !== 'own') return 'same';
  const sameList = known.storeUids?.uidValidity === view.store.uidValidity;
  if (sameList && uid === before) return 'same';
  const { uidValidity } = view.validity;
  if (hasUid(instance, uidValidity, uid)) return 'planned';
  if (instance.uid.uidValidity === uidValidity && uid < instance.uid.uid) return 'same';
  return { uidValidity, uid, round: instance.uid.round, ...stamp };
}

/** Notes what the store was now seen to hold of this message, where that differs from what was noted. */
function noteFile(
  { holdings }: ObservationInProgress,
  { message, holding, digest }: FamiliarFile,
  { uid, flags }: { readonly uid: number; readonly flags: ReadonlySet<Flag> },
): void {
  const isRenamed = holding.ref !== message.ref;
  if (isRenamed) holdings.delete(holding.ref);
  const text = digest !== undefined && digest.guid !== holding.guid ? noteText(digest) : null;
  if (!isRenamed && holding.uid === uid && holding.flags === flags && text === null) return;
  const { sizeBytes: _, same: __, ...withoutText } = holding;
  const file = digest === undefined ? {} : { file: digest.file };
  const before = text === null ? holding : withoutText;
  holdings.set(message.ref, { ...before, ...text, ...file, ref: message.ref, uid, flags });
}
