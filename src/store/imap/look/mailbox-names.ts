import { Failure } from '../../../failure.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { rawOfName } from '../session/namespace.js';
import type { Session } from '../session/session.js';

/** How the server spells the mailboxes that it was seen to have: one may be spelt otherwise than we would. */
export type MailboxNames = {
  /** How it spells this one, or would; null where it has no way to. */
  rawOf(session: Session, name: MailboxName): string | null;
  /** What was listed. */
  learn(spelled: ReadonlyMap<MailboxName, string>): void;
};

/** Nothing was listed yet. */
export function startMailboxNames(): MailboxNames {
  let listed: ReadonlyMap<MailboxName, string> = new Map();
  return {
    rawOf: ({ namespace }, name) => listed.get(name) ?? rawOfName(name, namespace),
    learn(spelled) {
      listed = spelled;
    },
  };
}

/** A mailbox whose name the server has no way to spell. */
export function unspeakable({ name: server, namespace }: Session, name: MailboxName): Failure {
  const delimiter = namespace.delimiter ?? '/';
  return new Failure('cannot-create', `${server} can have no mailbox ${name}`, {
    hint: `No part of a name may have ${JSON.stringify(delimiter)} in it there: rename the mailbox on the host that it comes from.`,
  });
}
