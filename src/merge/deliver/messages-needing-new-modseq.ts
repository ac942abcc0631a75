import type { ServedMailbox } from '../../mail/imap-mailbox-status.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import { messagesBeyond } from '../../replica/messages-read-on-demand.js';
import { type Clock, coversBirth, coversStamp } from '../../replica/version-vector.js';

/**
 * The messages, also those that are still to be delivered, that a mail program may have in its cache with other flags
 * than here, after it was last connected to a peer that showed it `served` and knew what `clock` says: under a UID that
 * the peer had given out, with a flag register that the peer had not heard of. To such a program the messages have to
 * seem changed (RFC 7162, CHANGEDSINCE).
 */
export function modseqCandidates(
  { state }: Pick<KnownMailbox, 'state'>,
  { clock, served }: { readonly clock: Clock; readonly served: ServedMailbox },
): readonly BirthKey[] {
  if (state.validity?.uidValidity !== served.uidValidity) return [];
  const found: BirthKey[] = [];
  for (const instance of messagesBeyond(state.instances, clock)) {
    const key = birthKey(instance.birth);
    if (instance.uid.uid >= served.uidNext) continue;
    if (mayDiffer(instance, clock)) found.push(key);
  }
  return found;
}

function mayDiffer({ birth, flags }: Instance, clock: Clock): boolean {
  if (!coversBirth(clock, birth)) return flags.size > 0;
  for (const register of flags.values()) if (!coversStamp(clock, register)) return true;
  return false;
}
