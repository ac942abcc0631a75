import type { Flag } from '../../mail/flags.js';
import type { HostId } from '../../replica/host-id.js';
import type { FlagRegister, Stamp } from '../../replica/last-writer-registers.js';
import type { MailboxNews, Update } from '../../replica/mailbox-news.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { Clock } from '../../replica/version-vector.js';
import { untouched } from '../join-registers.js';

/** Every host whose deeds the news tells of. Where messages were moved from, and labels of UIDs, name others, too. */
export function hostsNamedIn({ clock, exists, subscribed, saves, updates }: MailboxNews): ReadonlySet<HostId> {
  const hosts = new Set<HostId>([...clock.keys(), exists.host, subscribed.host]);
  for (const { uid, flags } of saves) {
    hosts.add(uid.host);
    for (const { host } of flags.values()) hosts.add(host);
  }
  for (const { uid, flags } of updates) {
    if (uid !== undefined) hosts.add(uid.host);
    for (const { host } of flags.values()) hosts.add(host);
  }
  hosts.delete(''); // nobody's, of a register that was never touched
  return hosts;
}

/**
 * News as it would be if those hosts that are not known had never done anything: without their messages, and what they
 * changed. The very object that was given, where all are known.
 */
export function withoutHosts(news: MailboxNews, isKnown: (host: HostId) => boolean): MailboxNews {
  const moves = news.saves.flatMap(({ movedFrom }) =>
    movedFrom === undefined ? [] : [movedFrom.birth.host, ...movedFrom.clock.keys()],
  );
  if ([...hostsNamedIn(news), ...moves].every(isKnown)) return news;
  const { from, base, clock, living, exists, subscribed } = news;
  const isOf = ({ host }: Stamp): boolean => host === '' || isKnown(host);
  const flagsOf = (flags: ReadonlyMap<Flag, FlagRegister>): ReadonlyMap<Flag, FlagRegister> =>
    new Map([...flags].filter(([, register]) => isOf(register)));
  const saves = news.saves.flatMap(({ movedFrom, ...instance }): Instance[] => {
    if (!isKnown(instance.birth.host)) return [];
    const { uid } = instance;
    const source =
      movedFrom === undefined || !isKnown(movedFrom.birth.host)
        ? {}
        : { movedFrom: { ...movedFrom, clock: clockOf(movedFrom.clock, isKnown) } };
    const known = isOf(uid) ? uid : { ...uid, modseq: 0, host: from };
    return [{ ...instance, ...source, uid: known, flags: flagsOf(instance.flags) }];
  });
  const updates = news.updates.flatMap(({ birth, uid, flags }): Update[] => {
    const known = { birth, ...(uid !== undefined && isOf(uid) ? { uid } : {}), flags: flagsOf(flags) };
    return isKnown(birth.host) && (known.flags.size > 0 || 'uid' in known) ? [known] : [];
  });
  return {
    ...news,
    base: clockOf(base, isKnown),
    clock: clockOf(clock, isKnown),
    living: new Map([...living].filter(([host]) => isKnown(host))),
    exists: isOf(exists) ? exists : untouched,
    subscribed: isOf(subscribed) ? subscribed : untouched,
    saves,
    updates,
  };
}

/** The very clock where all are known. */
export function clockOf(clock: Clock, isKnown: (host: HostId) => boolean): Clock {
  for (const host of clock.keys()) if (!isKnown(host)) return new Map([...clock].filter(([each]) => isKnown(each)));
  return clock;
}
