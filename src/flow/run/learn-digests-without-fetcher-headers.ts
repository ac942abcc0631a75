import type { Bench } from '../../apply/context/run-context.js';
import { heedInterruption } from '../../apply/context/stop-if-interrupted.js';
import {
  areSecondDigestsUnknown,
  noteSecondDigestsKnown,
} from '../../catalog/facts/what-version-0-1-did-not-record.js';
import { isOfOneThing } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Digest } from '../../mail/mailbox-scan.js';
import { withSecondDigests } from '../../merge/observe/add-digests-without-fetcher-headers.js';

/**
 * Reads all mail once where the catalog comes from a version that knew no second digests: with a host that fetched the
 * same mail, and is paired later, it would be doubled else. What cannot be read goes without. Packed files, whose texts
 * that version did not know, are noted as written anew.
 */
export async function learnSecondDigests(bench: Bench): Promise<void> {
  const { catalog, copy } = bench;
  if (!areSecondDigestsUnknown(catalog)) return;
  for (const { state, stored } of catalog.summaries()) {
    if (!stored) continue;
    const { stamped, packed } = await lookAgain(bench, state.name);
    catalog.transaction(() => {
      copy.put(withSecondDigests(copy.get(state.name), stamped));
      for (const { ref, guid } of packed) {
        catalog.putFlaw({ mailbox: state.name, ref, kind: 'altered', found: guid });
      }
    });
    await heedInterruption(bench);
  }
  noteSecondDigestsKnown(catalog);
}

type Found = {
  /** The texts that have stamped lines, by ref. */
  readonly stamped: ReadonlyMap<string, Digest>;
  /** Those that 0.1 knew by how they are packed. */
  readonly packed: readonly Digest[];
};

async function lookAgain(
  { store, copy, onMessages }: Pick<Bench, 'store' | 'copy' | 'onMessages'>,
  mailbox: MailboxName,
): Promise<Found> {
  const { holdings } = copy.get(mailbox);
  const refs = [...holdings.values()].flatMap(({ ref, uid }) => (uid === null ? [] : [ref]));
  const stamped = new Map<string, Digest>();
  const packed: Digest[] = [];
  try {
    for await (const answer of store.digest(mailbox, refs)) {
      if (!('guid' in answer)) continue;
      onMessages(1, answer.sizeBytes);
      if (answer.same !== undefined) stamped.set(answer.ref, answer);
      if (answer.packedGuid !== undefined && holdings.get(answer.ref)?.guid === answer.packedGuid) packed.push(answer);
    }
  } catch (cause) {
    if (!isOfOneThing(cause)) throw cause;
  }
  return { stamped, packed };
}
