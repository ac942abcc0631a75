import { openBundle } from '../../bundle/read/open-bundle.js';
import { formerSelf } from '../../catalog/facts/own-host/previous-identity.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { isOfOneThing } from '../../failure.js';
import { covers, emptyClock } from '../../replica/version-vector.js';
import { formerAgeIdentities } from '../../trust/identity/host-key-file.js';
import type { Session } from '../session/account-session.js';

/**
 * Has this host written the bundle before it began again, and does every host that reads what is written here know all
 * that it says, and lack no text? Then nobody needs it. What cannot be opened with the keys of before stays: it may
 * hold what was on the lost disk and nowhere else.
 */
export async function isSpentOfFormerSelf(
  { catalog, keysPath, signal }: Pick<Session, 'catalog' | 'keysPath' | 'signal'>,
  path: string,
): Promise<boolean> {
  const former = formerSelf(catalog);
  const readers = recipientsOf(catalog);
  if (former === null || readers.length === 0) return false;
  if (readers.some(({ lastNumber, wanted }) => lastNumber === 0 || wanted.size > 0)) return false;
  try {
    const bundle = await openBundle(path, { identities: formerAgeIdentities(keysPath), signal });
    await bundle.close();
    const { from, clocks } = bundle.preamble;
    if (from.hostId !== former.hostId) return false;
    return readers.every((reader) =>
      [...clocks].every(([mailbox, clock]) => covers(reader.clocks.get(mailbox) ?? emptyClock, clock)),
    );
  } catch (cause) {
    if (isOfOneThing(cause)) return false;
    throw cause;
  }
}
