import { accountsIn, keysPathOf } from '../../config/account-directories.js';
import type { Config } from '../../config/load-config.js';
import { isOfOneThing } from '../../failure.js';
import type { AgeIdentity } from '../../trust/age/recipient-keys.js';
import { readAgeIdentity } from '../../trust/identity/host-key-file.js';

/**
 * What opens bundles sealed to this host, of all its accounts or the one that was chosen; keys that cannot be read are
 * passed over.
 */
export function keysAtHand({ dataDirectory, account }: Pick<Config, 'dataDirectory' | 'account'>): AgeIdentity[] {
  const names = accountsIn(dataDirectory.value).filter((name) => account.value === null || account.value === name);
  return names.flatMap((name) => {
    try {
      return [readAgeIdentity(keysPathOf(dataDirectory.value, name))];
    } catch (cause) {
      if (isOfOneThing(cause, 'config')) return [];
      throw cause;
    }
  });
}
