import type { HostId } from '../../replica/host-id.js';
import type { MailboxState } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { clockOf } from './news-without-unknown-hosts.js';

/** Hosts of which there is a message, or that set something that still holds. */
export function hostsInUse({ instances, exists, subscribed }: MailboxState): ReadonlySet<HostId> {
  const hosts = new Set<HostId>([exists.host, subscribed.host]);
  for (const { birth, uid, flags, movedFrom } of instances.values()) {
    hosts.add(birth.host).add(uid.host);
    for (const { host } of flags.values()) hosts.add(host);
    if (movedFrom === undefined) continue;
    hosts.add(movedFrom.birth.host);
    for (const host of movedFrom.clock.keys()) hosts.add(host);
  }
  return hosts;
}

/**
 * Without these hosts in the clock: nothing is known of their deeds any more. Only for hosts of which nothing is in
 * use. The very object where none is in it.
 */
export function forgetHost(known: KnownMailbox, hosts: ReadonlySet<HostId>): KnownMailbox {
  const clock = clockOf(known.state.clock, (host) => !hosts.has(host));
  return clock === known.state.clock ? known : { ...known, state: { ...known.state, clock } };
}
