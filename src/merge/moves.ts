import type { Flag } from '../mail/flag.js';
import type { Guid } from '../mail/guid.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import { birthKey, compareBirths } from '../replica/birth.js';
import { coversStamp, tickOf } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { Instance, MailboxState } from '../replica/mailbox-state.js';
import type { FlagRegister } from '../replica/register.js';
import type { Decision } from './decision.js';
import type { Observation } from './observe.js';
import { isOn } from './observe-flags.js';
import { everyRule, type Rules } from './rules.js';

/**
 * Finds the moves in what one scan of all mailboxes saw: where a text went from one and was born in another, the new
 * instance names its source. Answers what is to be known of each observed mailbox, in the order given.
 */
export function linkMoves(observations: readonly Observation[]): KnownMailbox[] {
  const sources = new Map<Guid, { state: MailboxState; instance: Instance }[]>();
  for (const { known, expunged } of observations) {
    for (const instance of [...expunged].sort((a, b) => compareBirths(a.birth, b.birth))) {
      const list = sources.get(instance.guid);
      const source = { state: known.state, instance };
      if (list === undefined) sources.set(instance.guid, [source]);
      else list.push(source);
    }
  }
  if (sources.size === 0) return observations.map(({ known }) => known);
  return observations.map(({ known, born }) => {
    const instances = new Map(known.state.instances);
    let isMove = false;
    for (const instance of born) {
      const candidates = sources.get(instance.guid) ?? [];
      const index = candidates.findIndex(({ state }) => state.name !== known.state.name);
      const [source] = index < 0 ? [] : candidates.splice(index, 1);
      if (source === undefined) continue;
      const { name: mailbox, clock } = source.state;
      const movedFrom = { mailbox, birth: source.instance.birth, clock };
      instances.set(birthKey(instance.birth), { ...instance, movedFrom });
      isMove = true;
    }
    return isMove ? { ...known, state: { ...known.state, instances } } : known;
  });
}

export type JoinedMailbox = { readonly before: KnownMailbox; readonly joined: { readonly known: KnownMailbox } };

export type Carried = { readonly known: KnownMailbox; readonly decisions: readonly Decision[] };

/**
 * Lets flags follow messages that another host moved: where a moved message has just arrived and this host had its source, the flag
 * registers of the source that the mover did not know are set on it as this host's own change, unless somebody
 * changed that flag since the move. `load` gives mailboxes that had no news. Answers the mailboxes that change.
 */
export function carryMovedFlags(
  mailboxes: readonly JoinedMailbox[],
  { self, load }: { readonly self: HostId; readonly load: (mailbox: MailboxName) => KnownMailbox },
  rules: Rules = everyRule,
): Carried[] {
  if (!rules.carryFlags) return [];
  const before = new Map(mailboxes.map((each) => [each.before.state.name, each.before.state]));
  const stateBefore = (mailbox: MailboxName): MailboxState => before.get(mailbox) ?? load(mailbox).state;
  const results: Carried[] = [];
  for (const { before, joined } of mailboxes) {
    const { state } = joined.known;
    if (state === before.state) continue;
    const stamp = { modseq: state.highestModseq + 1, host: self };
    const decisions: Decision[] = [];
    const changed = new Map<string, Instance>();
    for (const [key, instance] of state.instances) {
      const source = instance.movedFrom;
      if (source === undefined || before.state.instances.has(key)) continue;
      const original = stateBefore(source.mailbox).instances.get(birthKey(source.birth));
      if (original === undefined) continue;
      const flags: Flag[] = [];
      const registers = new Map<Flag, FlagRegister>(instance.flags);
      for (const [flag, register] of original.flags) {
        const own = instance.flags.get(flag);
        const isUnknown = !coversStamp(source.clock, register);
        const isSinceChanged = own !== undefined && own.modseq !== instance.modseq;
        if (!isUnknown || isSinceChanged || isOn(instance.flags, flag) === register.on) continue;
        registers.set(flag, { on: register.on, ...stamp });
        flags.push(flag);
      }
      if (flags.length === 0) continue;
      changed.set(key, { ...instance, flags: registers });
      decisions.push({ kind: 'moved-flags', birth: instance.birth, from: source.mailbox, flags });
    }
    if (changed.size === 0) continue;
    const clock = new Map(state.clock).set(self, { ...tickOf(state.clock, self), modseq: stamp.modseq });
    const instances = new Map([...state.instances, ...changed]);
    const after: MailboxState = { ...state, clock, highestModseq: stamp.modseq, instances };
    results.push({ known: { ...joined.known, state: after }, decisions });
  }
  return results;
}
