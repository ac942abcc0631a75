import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import type { NewestMessage } from '../reports/run-report-types.js';
import { type Headline, headlineReader } from '../run/read-message-headers.js';
import type { Session } from '../session/account-session.js';

/**
 * Bytes of texts up to which a dry run reads bundles, inclusive, so that it can say which message is the newest and
 * that all is intact: a few seconds from a slow stick. For --details it reads any number.
 */
export const textBytesReadMax = 64 << 20;

type Merged = {
  readonly mailbox: MailboxName;
  readonly decisions: readonly Decision[];
  /** As it is after them. */
  readonly after: KnownMailbox;
};

/**
 * The message that was received last of those that come into each mailbox; what is moved does not come. Texts that came
 * with the bundles have their headlines in `arrived`.
 */
export async function newestArrivals(
  session: Pick<Session, 'store' | 'trash'>,
  mailboxes: readonly Merged[],
  arrived: ReadonlyMap<Guid, Headline>,
): Promise<NewestMessage[]> {
  const read = headlineReader(session);
  const going = new Set(
    mailboxes.flatMap(({ decisions }) => decisions.flatMap((one) => (one.kind === 'expunged' ? [one.guid] : []))),
  );
  const found: NewestMessage[] = [];
  for (const { mailbox, decisions, after } of mailboxes) {
    let newest: Instance | null = null;
    for (const decision of decisions) {
      if (decision.kind !== 'new' || going.has(decision.guid)) continue;
      const instance = after.state.instances.get(birthKey(decision.birth));
      if (instance !== undefined && instance.receivedS >= (newest?.receivedS ?? 0)) newest = instance;
    }
    if (newest === null) continue;
    const places = [{ known: after, birth: birthKey(newest.birth) }];
    const { subject } = arrived.get(newest.guid) ?? (await read(newest.guid, places));
    found.push({ mailbox, receivedS: newest.receivedS, subject });
  }
  return found;
}
