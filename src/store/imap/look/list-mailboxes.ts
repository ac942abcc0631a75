import { Failure } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import type { ListedMailbox, StoreListing } from '../../interface/mail-store.js';
import type { Untagged } from '../protocol/connection.js';
import { textOfValue } from '../protocol/response-values.js';
import { nameOfRaw } from '../session/namespace.js';
import { attributesOf, type Session } from '../session/session.js';
import type { ServerContext } from './server-context.js';

type Line = { readonly raw: string; readonly delimiter: string | null; readonly attributes: ReadonlySet<string> };

/** All mailboxes of the user that can be opened, with their subscriptions. */
export function listMailboxes({ kept, names }: ServerContext): Promise<StoreListing> {
  return kept.reading(async (session) => {
    const { lines, subscribed } = await ask(session);
    const spelled = new Map<MailboxName, string>();
    const mailboxes: ListedMailbox[] = [];
    const troubles: Trouble[] = [];
    for (const { raw, delimiter, attributes } of lines) {
      if (attributes.has('\\noselect') || attributes.has('\\nonexistent')) continue;
      const name = nameOfRaw(raw, delimiter, session.namespace);
      if (name === null) continue;
      if (name === undefined || spelled.has(name)) {
        const why = name === undefined ? 'its name cannot be that of a mailbox here' : `it looks the same as ${name}`;
        troubles.push({
          subject: raw,
          failure: new Failure('store-damaged', `the mailbox ${raw} is left out: ${why}`),
        });
        continue;
      }
      spelled.set(name, raw);
      mailboxes.push({ name, subscribed: subscribed.has(raw) });
    }
    names.learn(spelled);
    return { mailboxes, troubles };
  });
}

async function ask(session: Session): Promise<{ readonly lines: readonly Line[]; readonly subscribed: Set<string> }> {
  const doing = 'listing the mailboxes';
  const lines = new Map<string, Line>();
  const subscribed = new Set<string>();
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data') return;
    const [attributes, delimiter, name] = response.values;
    const raw = inboxOr(textOfValue(name) ?? '');
    const line = { raw, delimiter: textOfValue(delimiter), attributes: attributesOf(attributes) };
    if (response.name === 'LIST') {
      lines.set(raw, line);
      if (line.attributes.has('\\subscribed')) subscribed.add(raw);
    }
    if (response.name === 'LSUB') subscribed.add(raw);
  };
  if (session.capabilities.has('LIST-EXTENDED')) {
    await session.demand(doing, ['LIST "" "*" RETURN (SUBSCRIBED)'], { hear });
  } else {
    const both = [session.demand(doing, ['LIST "" "*"'], { hear }), session.demand(doing, ['LSUB "" "*"'], { hear })];
    await Promise.all(both);
  }
  return { lines: [...lines.values()], subscribed };
}

/** The inbox in capitals, however the server spells it. */
function inboxOr(raw: string): string {
  return raw.toUpperCase() === inbox ? inbox : raw;
}
