import { type Birth, birthKey } from '../../replica/message-birth.js';
import type { LoggedMessage } from '../reports/logged-message.js';
import type { MergedMailbox } from './plan-merge-of-bundles.js';

/** What came, went, moved or was written anew by an import: what goes in one mailbox and comes in another has moved. */
export function messagesForLog(
  mailboxes: readonly Pick<MergedMailbox, 'mailbox' | 'known' | 'decisions' | 'trashed'>[],
): LoggedMessage[] {
  const going = new Map<string, LoggedMessage[]>();
  const coming: LoggedMessage[] = [];
  for (const { mailbox, known, decisions, trashed } of mailboxes) {
    const former = new Map(trashed.map((row) => [row.birth, row]));
    const dated = (birth: Birth): Pick<LoggedMessage, 'receivedS' | 'sizeBytes'> => {
      const { receivedS = 0, sizeBytes = 0 } =
        known.state.instances.get(birthKey(birth)) ?? former.get(birthKey(birth)) ?? {};
      return { receivedS, sizeBytes };
    };
    for (const decision of decisions) {
      if (decision.kind === 'expunged') {
        const { guid, uid, by, birth } = decision;
        const gone: LoggedMessage = { what: 'goes', mailbox, from: null, guid, uid, by, ...dated(birth) };
        going.set(guid, [...(going.get(guid) ?? []), gone]);
      } else if (decision.kind === 'new' || decision.kind === 'rewritten') {
        const { guid, uid, birth } = decision;
        const [what, by] =
          decision.kind === 'new' ? (['comes', birth.host] as const) : (['anew', decision.by] as const);
        coming.push({ what, mailbox, from: null, guid, uid, by, ...dated(birth) });
      }
    }
  }
  const arrived = coming.map((message): LoggedMessage => {
    const source = message.what === 'comes' ? going.get(message.guid)?.shift() : undefined;
    return source === undefined ? message : { ...message, what: 'moves', from: source.mailbox };
  });
  return [...[...going.values()].flat(), ...arrived];
}
