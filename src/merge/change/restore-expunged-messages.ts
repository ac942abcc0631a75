import type { Flag } from '../../mail/flags.js';
import type { HostId } from '../../replica/host-id.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import { tickOf } from '../../replica/version-vector.js';
import { freshValidity } from '../uids/make-new-uidvalidity.js';

/** A message as it was before it was expunged. */
export type Revival = Pick<Instance, 'guid' | 'same' | 'sizeBytes' | 'receivedS' | 'hint'> & {
  readonly flags: ReadonlySet<Flag>;
};

/**
 * Enters messages that were expunged as this host's own new ones, in the order given, and the mailbox with them where
 * it is gone. They have to be new births: whoever knew the old ones takes those for expunged, for ever. And they are
 * born anew, as what others still have of this mail may be given up for what was expunged. `renumber`
 * gives them UIDs, as to all that have none in the UIDVALIDITY that holds; `nowS` makes that of a mailbox which never
 * had any.
 */
export function revive(
  known: KnownMailbox,
  revivals: readonly Revival[],
  { self, nowS }: { readonly self: HostId; readonly nowS: number },
): KnownMailbox {
  if (revivals.length === 0) return known;
  const { state } = known;
  const stamp = { modseq: state.highestModseq + 1, host: self };
  const { serial } = tickOf(state.clock, self);
  const instances = new Map(state.instances);
  revivals.forEach(({ flags, ...message }, n) => {
    const birth = { host: self, serial: serial + n + 1 };
    instances.set(birthKey(birth), {
      ...message,
      birth,
      modseq: stamp.modseq,
      anew: stamp.modseq,
      uid: { uidValidity: 0, uid: n + 1, round: 0, ...stamp },
      flags: new Map([...flags].map((flag) => [flag, { on: true, ...stamp }])),
    });
  });
  return {
    ...known,
    state: {
      ...state,
      clock: new Map(state.clock).set(self, { serial: serial + revivals.length, modseq: stamp.modseq }),
      highestModseq: stamp.modseq,
      validity: state.validity ?? { resets: 0, uidValidity: known.storeUids?.uidValidity ?? freshValidity(nowS) },
      exists: state.exists.on ? state.exists : { on: true, ...stamp },
      instances,
    },
  };
}
