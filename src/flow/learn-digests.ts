import type { Bench } from '../apply/bench.js';
import { heedInterruption } from '../apply/interruption.js';
import { isOfOneThing } from '../failure.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Digest } from '../mail/mailbox-scan.js';
import { withSecondDigests } from '../merge/second-digests.js';

/** Set by the step from version 0.1 of the catalog, whose texts had no second digests: any value. */
const key = 'second-digests';

/**
 * Reads all mail once where the catalog comes from a version that knew no second digests: with a host that fetched the same mail, and is paired
 * later, it would be doubled else. What cannot be read goes without.
 */
export async function learnSecondDigests(bench: Bench): Promise<void> {
  const { catalog, copy } = bench;
  if (catalog.note(key) === null) return;
  for (const { state, stored } of catalog.summaries()) {
    if (!stored) continue;
    const digests = await stampedIn(bench, state.name);
    catalog.transaction(() => copy.put(withSecondDigests(copy.get(state.name), digests)));
    await heedInterruption(bench);
  }
  catalog.setNote(key, null);
}

/** The texts in a mailbox that have stamped lines, by ref. */
async function stampedIn(
  { store, copy, onMessages }: Bench,
  mailbox: MailboxName,
): Promise<ReadonlyMap<string, Digest>> {
  const refs = [...copy.get(mailbox).holdings.values()].flatMap(({ ref, uid }) => (uid === null ? [] : [ref]));
  const found = new Map<string, Digest>();
  try {
    for await (const answer of store.digest(mailbox, refs)) {
      if (!('guid' in answer)) continue;
      onMessages(1, answer.sizeBytes);
      if (answer.same !== undefined) found.set(answer.ref, answer);
    }
  } catch (cause) {
    if (!isOfOneThing(cause)) throw cause;
  }
  return found;
}
