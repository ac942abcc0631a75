import type { HostId } from './host-id.js';

/**
 * The identity of a message in one mailbox: where it was first seen, and as which one of that host and mailbox. Never
 * its UID.
 */
export type Birth = { readonly host: HostId; readonly serial: number };

/** A birth as a map key: `host/serial`. */
export type BirthKey = string;

/** The key of a birth. Two births are one message if their keys are equal. */
export function birthKey(birth: Birth): BirthKey {
  return `${birth.host}/${birth.serial}`;
}

/** The inverse of `birthKey`. */
export function birthOf(key: BirthKey): Birth {
  const slash = key.lastIndexOf('/');
  return { host: key.slice(0, slash), serial: Number(key.slice(slash + 1)) };
}

/** The total order of births: by host id, then serial. */
export function compareBirths(a: Birth, b: Birth): number {
  if (a.host !== b.host) return a.host < b.host ? -1 : 1;
  return a.serial - b.serial;
}
