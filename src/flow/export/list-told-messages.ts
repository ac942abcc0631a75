import type { MailboxName } from '../../mail/mailbox-name.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { type Clock, coversBirth, emptyClock } from '../../replica/version-vector.js';
import type { LoggedMessage } from '../reports/logged-message.js';

/** A message that a bundle's readers do not have in this mailbox yet. */
type SavedMessage = {
  readonly what: 'comes' | 'moves';
  /** Where its readers have it, if it moves. */
  readonly from: MailboxName | null;
  readonly instance: Instance;
};

/** The messages of a mailbox that are new to readers who have what `base` says; those they have elsewhere move. */
export function savedIn({ name, saves }: MailboxNews, base: ReadonlyMap<MailboxName, Clock>): SavedMessage[] {
  return saves.map((instance) => {
    const source = instance.movedFrom;
    const isMove =
      source !== undefined &&
      source.mailbox !== name &&
      coversBirth(base.get(source.mailbox) ?? emptyClock, source.birth);
    return isMove ? { what: 'moves', from: source.mailbox, instance } : { what: 'comes', from: null, instance };
  });
}

/** The same of a whole bundle, for the log. */
export function toldForLog(news: readonly MailboxNews[], base: ReadonlyMap<MailboxName, Clock>): LoggedMessage[] {
  return news.flatMap((each) =>
    savedIn(each, base).map(({ what, from, instance: { guid, uid, receivedS, sizeBytes, birth } }): LoggedMessage => {
      return { what, mailbox: each.name, from, guid, uid: uid.uid, receivedS, sizeBytes, by: birth.host };
    }),
  );
}
