import type { HostId } from '../../replica/host-id.js';
import type { PublicKey } from '../ssh/ed25519-public-key.js';
import type { SigningKey } from '../ssh/ed25519-signing-key.js';
import { signDetached, verifyDetached } from '../ssh/ssh-signature.js';
import type { Card, Succession } from './identity-card.js';

/** What is signed as a succession is nothing else. */
const namespace = 'mrepl-succession';

/** Says, with the key that a host had before, that it goes on as the host of this card. */
export function signSuccession(
  card: Omit<Card, 'hostName' | 'succession'>,
  former: { readonly hostId: HostId; readonly signingKey: SigningKey },
): Succession {
  const signature = signDetached(former.signingKey, namespace, contentOf(card, former.hostId));
  return { formerId: former.hostId, signature: signature.toString('latin1') };
}

/**
 * Was it said with this key that its host goes on as the one of the card? Whoever has a copy of its disk could say so,
 * too: it is for people to decide whom they believe.
 */
export function isSuccessor(card: Card, formerKey: PublicKey): boolean {
  if (card.succession === undefined) return false;
  const { formerId, signature } = card.succession;
  return verifyDetached(Buffer.from(signature, 'latin1'), namespace, contentOf(card, formerId)) === formerKey;
}

function contentOf(
  { account, hostId, signingKey, ageRecipient }: Omit<Card, 'hostName' | 'succession'>,
  formerId: HostId,
): Buffer {
  return Buffer.from(JSON.stringify([account, formerId, hostId, signingKey, ageRecipient]));
}
