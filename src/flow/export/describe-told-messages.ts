import type { Flag } from '../../mail/flags.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { birthKey } from '../../replica/message-birth.js';
import type { MessageChange } from '../reports/message-change-type.js';
import type { Run } from '../run/begin-run.js';
import { headlineReader } from '../run/read-message-headers.js';
import type { Session } from '../session/account-session.js';
import type { SeriesBundle } from './export-outcome.js';
import { savedIn } from './list-told-messages.js';

/** Tells message by message what bundles say, but for what was expunged, of which no text is here any more. */
export async function describeTold(
  session: Pick<Session, 'store' | 'trash'>,
  { bench }: Pick<Run, 'bench'>,
  bundles: readonly SeriesBundle[],
): Promise<MessageChange[]> {
  const read = headlineReader(session);
  const changes: MessageChange[] = [];
  for (const { composition } of bundles) {
    for (const news of composition.news) {
      const known = bench.copy.get(news.name);
      for (const { what, from, instance } of toldIn(news, composition.base, known.state.instances)) {
        const { guid, receivedS, sizeBytes, uid, birth } = instance;
        changes.push({
          ...{ what, mailbox: news.name, from, guid, receivedS, sizeBytes, by: birth.host },
          ...{ uidBefore: null, uidAfter: uid.uid, flagsBefore: [], flagsAfter: flagsOf(instance) },
          ...(await read(guid, [{ known, birth: birthKey(birth) }])),
        });
      }
    }
  }
  return changes;
}

type Told = Pick<MessageChange, 'what' | 'from'> & { readonly instance: Instance };

function toldIn(
  news: MailboxNews,
  base: SeriesBundle['composition']['base'],
  instances: ReadonlyMap<string, Instance>,
): Told[] {
  const saved: Told[] = savedIn(news, base);
  const changed = news.updates.flatMap(({ birth }): Told[] => {
    const instance = instances.get(birthKey(birth));
    return instance === undefined ? [] : [{ what: 'flags', from: null, instance }];
  });
  return [...saved, ...changed];
}

function flagsOf({ flags }: Instance): Flag[] {
  return [...flags].flatMap(([flag, { on }]) => (on ? [flag] : [])).sort();
}
