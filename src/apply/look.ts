import type { Flag } from '../mail/flag.js';
import type { Digest, Scan } from '../mail/mailbox-scan.js';
import type { Trouble } from '../mail/trouble.js';
import { isToBeRead } from '../merge/match-files.js';
import { type Observation, observe } from '../merge/observe.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { Bench } from './bench.js';

/** One mailbox looked at: what is known of it now, and what could not be read. */
export type Look = {
  readonly observation: Observation;
  readonly before: KnownMailbox;
  /** Messages in the store. */
  readonly messages: number;
  readonly troubles: readonly Trouble[];
};

export type LookOptions = {
  readonly subscribed: boolean | null;
  /** Keywords the store had no room for when it was last asked. */
  readonly unstorable?: readonly Flag[];
};

/**
 * Compares a mailbox as it was just scanned with what is known of it, after reading the messages not seen before; `scan` null means
 * that the mailbox is gone. Changes nothing in the catalog: whoever asks puts `observation.known` into the working copy.
 */
export async function compare(
  bench: Bench,
  before: KnownMailbox,
  scan: Scan | null,
  options: LookOptions,
): Promise<Look> {
  const mailbox = before.state.name;
  const troubles: Trouble[] = [...(scan?.troubles ?? [])];
  const digests = new Map<string, Digest>();
  const unseen = (scan?.messages ?? []).filter((message) => isToBeRead(before, message.ref));
  if (unseen.length > 0) {
    const refs = unseen.map((message) => message.ref);
    for await (const answer of bench.store.digest(mailbox, refs)) {
      bench.signal.throwIfAborted();
      if ('failure' in answer) troubles.push(answer);
      else {
        digests.set(answer.ref, answer);
        bench.onMessages(1, answer.sizeBytes);
      }
    }
  }
  const observation = observe(before, scan, {
    self: bench.catalog.identity.hostId,
    nowS: bench.nowS(),
    digests,
    subscribed: options.subscribed,
    ...(options.unstorable === undefined ? {} : { unstorable: options.unstorable }),
  });
  return { observation, before, messages: scan?.messages.length ?? 0, troubles };
}
