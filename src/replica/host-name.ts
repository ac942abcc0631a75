import type { HostId } from './host-id.js';

/**
 * Names of accounts and hosts become names of files on sticks and words of command lines, and people tell hosts apart
 * by them. So they are what FAT, exFAT and NTFS take without changing it, and of letters that look like no others:
 * lower-case letters, digits, dashes. 1 to 32 characters, no dash at either end.
 */
const namePattern = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/** Windows keeps these for devices, in every directory. */
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/** Can an account or a host be called so? For names from elsewhere, too. */
export function isUsableName(name: string): boolean {
  return namePattern.test(name) && !reserved.test(name);
}

/** Hex digits of a host id that stand for a host nobody has told us the name of. */
const idDigitsShown = 8;

/** What a host is called that has no name here. */
export function namelessHost(hostId: HostId): string {
  return `host ${hostId.slice(0, idDigitsShown)}`;
}

/**
 * Names by host id: those `given` here (this host's own, and those its user paired), and what other hosts are `said` to
 * be called. Of the latter those are left out that no host can have, or that are another host's here: whoever says it
 * may mean to be taken for that host.
 */
export function namesOf(
  given: Iterable<readonly [HostId, string]>,
  said: Iterable<readonly [HostId, string]>,
): ReadonlyMap<HostId, string> {
  const names = new Map(given);
  const taken = new Set(names.values());
  for (const [hostId, name] of said)
    if (!names.has(hostId) && isUsableName(name) && !taken.has(name)) names.set(hostId, name);
  return names;
}
