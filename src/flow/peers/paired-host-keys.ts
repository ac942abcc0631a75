import type { PairedHost } from '../../catalog/interface/paired-host-catalog.js';
import { Failure } from '../../failure.js';
import { type AgeRecipient, parseAgeRecipient } from '../../trust/age/recipient-keys.js';
import { type PublicKey, parsePublicKey } from '../../trust/ssh/ed25519-public-key.js';

/**
 * The keys of a paired host, as they stood on its card. Throws `store-damaged` where the catalog has none that could
 * have stood there.
 */
export function keysOfHost({ name, ...host }: PairedHost): {
  readonly signingKey: PublicKey;
  readonly ageRecipient: AgeRecipient;
} {
  const signingKey = parsePublicKey(host.signingKey);
  const ageRecipient = parseAgeRecipient(host.ageRecipient);
  if (signingKey !== null && ageRecipient !== null) return { signingKey, ageRecipient };
  throw new Failure('store-damaged', `reading the catalog: it has no keys of ${name} that can be used`, {
    hint: `Restore the catalog from a backup, or pair with ${name} again.`,
  });
}
