import type { Flag } from '../../mail/flags.js';
import type { HostId } from '../../replica/host-id.js';
import type { FlagRegister } from '../../replica/last-writer-registers.js';
import type { MailboxNews, Update } from '../../replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import { livingIn, messagesBeyond } from '../../replica/messages-read-on-demand.js';
import { type Clock, coversBirth, coversStamp, meetClocks } from '../../replica/version-vector.js';

/**
 * What somebody lacks who knows `base`: instances whose birth it does not cover, the registers it does not cover of all
 * others, and the complete list of what lives (mrepl-sync(7), WHAT A BUNDLE SAYS). What the base knows beyond this host
 * is not asked of the receiver.
 */
export function diff(state: MailboxState, base: Clock, self: HostId): MailboxNews {
  const saves: Instance[] = [];
  const updates: Update[] = [];
  for (const instance of messagesBeyond(state.instances, base)) {
    if (!coversBirth(base, instance.birth)) {
      saves.push(instance);
      continue;
    }
    const update = updateOf(instance, base);
    if (update !== null) updates.push(update);
  }
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
    living: livingIn(state.instances),
    ledger,
    saves,
    updates,
    spelling: [],
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
