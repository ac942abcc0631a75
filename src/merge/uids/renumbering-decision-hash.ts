import { createHash } from 'node:crypto';
import type { HostId } from '../../replica/host-id.js';
import { type Birth, birthKey } from '../../replica/message-birth.js';

/** Characters of a decision's label: 128 bits, as many as a host id has. */
const labelCharacters = 32;

/**
 * The label under which a block of new UIDs is claimed: a hash of UIDVALIDITY, the first UID and the messages in order,
 * so that two hosts that decide the same from the same knowledge make the same claim. `maker` sets hosts apart on
 * purpose.
 */
export function decisionLabel(
  uidValidity: number,
  firstUid: number,
  births: readonly Birth[],
  maker: { readonly host: HostId; readonly round: number } | null,
): string {
  const hash = createHash('sha256');
  hash.update(`${uidValidity} ${firstUid}`);
  if (maker !== null) hash.update(` ${maker.host} ${maker.round}`);
  for (const birth of births) hash.update(` ${birthKey(birth)}`);
  return hash.digest('hex').slice(0, labelCharacters);
}

/** A number below 2^32 that differs between hosts and rounds, to space out hosts that decide in lock-step. */
export function hostSpread(host: HostId, round: number): number {
  return createHash('sha256').update(`${host} ${round}`).digest().readUInt32BE(0);
}
