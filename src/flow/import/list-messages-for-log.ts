import { birthKey } from '../../replica/message-birth.js';
import type { LoggedMessage } from '../reports/logged-message.js';
import { pairMoves } from './pair-moves.js';
import type { MergedMailbox } from './plan-merge-of-bundles.js';

type Merged = Pick<MergedMailbox, 'mailbox' | 'known' | 'decisions' | 'trashed'>;

/** What went by an import, then what came, moved or was written anew. */
export function messagesForLog(mailboxes: readonly Merged[]): LoggedMessage[] {
  const messages = mailboxes.flatMap(messagesOf);
  const pairs = pairMoves(messages);
  const moved = new Set(pairs.values());
  return [
    ...messages.filter((message) => message.what === 'goes' && !moved.has(message)),
    ...messages.filter(({ what }) => what !== 'goes').map((message) => movedFrom(message, pairs.get(message))),
  ];
}

function movedFrom(message: LoggedMessage, source: LoggedMessage | undefined): LoggedMessage {
  return source === undefined ? message : { ...message, what: 'moves', from: source.mailbox };
}

function messagesOf({ mailbox, known, decisions, trashed }: Merged): LoggedMessage[] {
  const former = new Map(trashed.map((row) => [row.birth, row]));
  return decisions.flatMap((decision): LoggedMessage[] => {
    if (decision.kind !== 'expunged' && decision.kind !== 'new' && decision.kind !== 'rewritten') return [];
    const { guid, uid, birth } = decision;
    const key = birthKey(birth);
    const { receivedS = 0, sizeBytes = 0 } = known.state.instances.get(key) ?? former.get(key) ?? {};
    const [what, by] =
      decision.kind === 'expunged'
        ? (['goes', decision.by] as const)
        : decision.kind === 'new'
          ? (['comes', birth.host] as const)
          : (['anew', decision.by] as const);
    return [{ what, mailbox, from: null, guid, uid, receivedS, sizeBytes, by }];
  });
}
