import type { Flag } from '../../mail/flags.js';
import { draftOf } from '../../replica/edited-map.js';
import type { HostId } from '../../replica/host-id.js';
import type { FlagRegister, Stamp } from '../../replica/last-writer-registers.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { type BirthKey, birthKey, compareBirths } from '../../replica/message-birth.js';
import { tickOf } from '../../replica/version-vector.js';

/**
 * Drops what was believed of a host on the word of others, where its own word shows that they were wrong. From now on
 * nothing is known of its deeds: it tells all of them anew, and what it does under numbers that somebody used up in its
 * name is not taken for known.
 *
 * Its messages stay as new ones of this host, with their UIDs and files; by rule 4 they become one with the real ones.
 * Flags that it is said to have set on these hold until anybody says otherwise. What it is said to have changed
 * elsewhere becomes this host's own change, so that all come to the same.
 */
export function disbelieve(known: KnownMailbox, host: HostId, self: HostId): KnownMailbox {
  const { state } = known;
  const births = [...state.instances.values()].filter(({ birth }) => birth.host === host);
  if (births.length === 0 && !state.clock.has(host)) return known;
  const stamp: Stamp = { modseq: state.highestModseq + 1, host: self };
  const own = <R extends Stamp>(register: R): R => (register.host === host ? { ...register, ...stamp } : register);
  const instances = draftOf(state.instances);
  for (const [key, instance] of state.instances) {
    const uid = own(instance.uid);
    const flags = changedIn(instance.flags, own);
    if (instance.birth.host !== host && (uid !== instance.uid || flags !== instance.flags)) {
      instances.set(key, { ...instance, uid, flags });
    }
  }
  const { serial } = tickOf(state.clock, self);
  const heirs = new Map<BirthKey, BirthKey>();
  births.sort((a, b) => compareBirths(a.birth, b.birth));
  births.forEach((instance, n) => {
    const birth = { host: self, serial: serial + n + 1 };
    const weak = (flag: FlagRegister): FlagRegister => (flag.host === host ? { ...flag, modseq: 0, host: self } : flag);
    const flags = changedIn(instance.flags, weak);
    instances.delete(birthKey(instance.birth));
    instances.set(birthKey(birth), {
      ...instance,
      birth,
      modseq: stamp.modseq,
      anew: stamp.modseq,
      uid: { ...instance.uid, ...stamp },
      flags,
    });
    heirs.set(birthKey(instance.birth), birthKey(birth));
  });
  const holdings = draftOf(known.holdings);
  for (const holding of known.holdings.values()) {
    const heir = heirs.get(holding.birth);
    if (heir !== undefined) holdings.set(holding.ref, { ...holding, birth: heir });
  }
  const clock = new Map(state.clock).set(self, { serial: serial + births.length, modseq: stamp.modseq });
  clock.delete(host);
  return {
    ...known,
    holdings: holdings.current(),
    state: {
      ...state,
      clock,
      highestModseq: stamp.modseq,
      exists: own(state.exists),
      subscribed: own(state.subscribed),
      instances: instances.current(),
    },
  };
}

/** The very map where nothing changes. */
function changedIn(
  flags: Instance['flags'],
  change: (register: FlagRegister) => FlagRegister,
): ReadonlyMap<Flag, FlagRegister> {
  const changed = new Map<Flag, FlagRegister>();
  for (const [flag, register] of flags) {
    const after = change(register);
    if (after !== register) changed.set(flag, after);
  }
  return changed.size === 0 ? flags : new Map([...flags, ...changed]);
}
