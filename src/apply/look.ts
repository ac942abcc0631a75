import type { Flag } from '../mail/flag.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Digest, Scan } from '../mail/mailbox-scan.js';
import type { Trouble } from '../mail/trouble.js';
import { type Observation, observe } from '../merge/observe.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { Bench } from './bench.js';

/** One mailbox looked at: what is known of it now, and what could not be read. Null: nothing has changed. */
export type Look = {
  readonly observation: Observation;
  readonly before: KnownMailbox;
  /** Messages in the store. */
  readonly messages: number;
  readonly troubles: readonly Trouble[];
};

export type LookOptions = {
  /** Believe the fingerprint of the last scan: an unchanged mailbox costs a few stats. */
  readonly trustFingerprint: boolean;
  /** Let the store give UIDs to messages that have none; a dry run does not. */
  readonly assignUids: boolean;
  readonly subscribed: boolean;
  /** Keywords the store had no room for when it was last asked. */
  readonly unstorable?: readonly Flag[];
};

/**
 * Scans one mailbox, reads the messages not seen before, and compares with what is known. Changes nothing in the
 * catalog: whoever asks puts `observation.known` into the working copy.
 */
export async function look(bench: Bench, mailbox: MailboxName, options: LookOptions): Promise<Look | null> {
  const summaryFingerprint = options.trustFingerprint ? bench.copy.get(mailbox).fingerprint : null;
  const scan = await bench.store.scan(mailbox, { known: summaryFingerprint, assignUids: options.assignUids });
  return scan === 'unchanged' ? null : compare(bench, mailbox, scan, options);
}

/** The second half of `look`, for a scan that was made already; `scan` null means that the mailbox is gone. */
export async function compare(
  bench: Bench,
  mailbox: MailboxName,
  scan: Scan | null,
  options: Omit<LookOptions, 'trustFingerprint' | 'assignUids'>,
): Promise<Look> {
  const before = bench.copy.get(mailbox);
  const troubles: Trouble[] = [...(scan?.troubles ?? [])];
  const digests = new Map<string, Digest>();
  const unseen = (scan?.messages ?? []).filter((message) => !before.holdings.has(message.ref));
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
