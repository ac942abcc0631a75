import type { MessageChange } from '../../flow/reports/message-change-type.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { HostId } from '../../replica/host-id.js';
import { timestamp } from '../format/format-times.js';
import type { View } from '../output/view-options-and-names.js';
import type { JsonObject } from './json-line.js';

/** What a merge decided on one message or mailbox, as a line of its own. Hosts come with their ids and names. */
export function decisionObject(mailbox: MailboxName, decision: Decision, view: View): JsonObject {
  const { kind: change, ...rest } = decision;
  const host = (hostId: HostId): object => ({ hostId, name: view.hostName(hostId) });
  const about = { kind: 'change', mailbox, change } as const;
  switch (decision.kind) {
    case 'expunged':
    case 'rewritten':
    case 'kept':
      return { ...about, ...rest, by: host(decision.by) };
    case 'flag-conflict':
    case 'expunge-won':
      return {
        ...about,
        uid: view.uidOf(mailbox, decision.birth),
        ...rest,
        winner: host(decision.winner),
        loser: host(decision.loser),
      };
    case 'unified': {
      const { kept, dropped, guid } = decision;
      return { ...about, kept, dropped, guid };
    }
    default:
      return { ...about, ...rest };
  }
}

/** `message` for each; none where nobody asked for them. */
export function messageObjects(messages: readonly MessageChange[] | null, view: Pick<View, 'hostName'>): JsonObject[] {
  return (messages ?? []).map(({ receivedS, by, ...message }) => ({
    kind: 'message',
    ...message,
    received: timestamp(receivedS),
    by: by === null ? null : { hostId: by, name: view.hostName(by) },
  }));
}
