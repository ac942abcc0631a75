import type { Flag } from '../mail/flag.js';
import { type Clock, coversBirth, coversStamp, meetClocks } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';
import type { Instance, MailboxState } from '../replica/mailbox-state.js';
import type { MailboxNews, Update } from '../replica/news.js';
import { type Ranges, rangesOf } from '../replica/ranges.js';
import type { FlagRegister } from '../replica/register.js';

/**
 * What somebody lacks who knows `base`: instances whose birth it does not cover, the registers it does not cover of all
 * others, and the complete list of what lives (merge.md, "What a bundle says"). What the base knows beyond this host is
 * not asked of the receiver.
 */
export function diff(state: MailboxState, base: Clock, self: HostId): MailboxNews {
  const saves: Instance[] = [];
  const updates: Update[] = [];
  const serials = new Map<HostId, number[]>();
  for (const instance of state.instances.values()) {
    const { host, serial } = instance.birth;
    const living = serials.get(host);
    if (living === undefined) serials.set(host, [serial]);
    else living.push(serial);
    if (!coversBirth(base, instance.birth)) {
      saves.push(instance);
      continue;
    }
    const update = updateOf(instance, base);
    if (update !== null) updates.push(update);
  }
  const living = new Map<HostId, Ranges>();
  for (const [host, list] of serials) living.set(host, rangesOf(list));
  const { name, clock, highestModseq, validity, uidNext, exists, subscribed, ledger } = state;
  return {
    name,
    from: self,
    base: meetClocks(base, clock),
    clock,
    highestModseq,
    validity,
    uidNext,
    exists,
    subscribed,
    living,
    ledger,
    saves,
    updates,
  };
}

function updateOf({ birth, uid, flags }: Instance, base: Clock): Update | null {
  let changed: Map<Flag, FlagRegister> | null = null;
  for (const [flag, register] of flags) {
    if (coversStamp(base, register)) continue;
    changed ??= new Map();
    changed.set(flag, register);
  }
  if (!coversStamp(base, uid)) return { birth, uid, flags: changed ?? new Map() };
  return changed === null ? null : { birth, flags: changed };
}
