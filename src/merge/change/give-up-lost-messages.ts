import type { HostId } from '../../replica/host-id.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../replica/message-birth.js';
import { tickOf } from '../../replica/version-vector.js';

/**
 * Expunges messages whose texts are lost, as this host's own change, under one new modseq: like the expunges that a
 * look at the store finds, it reaches the others by their absence and this host's clock. Their UIDs stay given out.
 */
export function giveUp(known: KnownMailbox, births: ReadonlySet<BirthKey>, self: HostId): KnownMailbox {
  const { state } = known;
  const instances = new Map([...state.instances].filter(([birth]) => !births.has(birth)));
  if (instances.size === state.instances.size) return known;
  const modseq = state.highestModseq + 1;
  const clock = new Map(state.clock).set(self, { ...tickOf(state.clock, self), modseq });
  return { ...known, state: { ...state, clock, highestModseq: modseq, instances } };
}
