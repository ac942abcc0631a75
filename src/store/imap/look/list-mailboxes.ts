import { Failure } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import type { ListedMailbox, StoreListing } from '../../interface/mail-store.js';
import { quoted } from '../protocol/command.js';
import type { Untagged } from '../protocol/connection.js';
import { textOfValue } from '../protocol/response-values.js';
import { nameOfRaw } from '../session/namespace.js';
import { attributesOf, type Session } from '../session/session.js';
import { type MailboxNumbers, numbersOf, statusItems, tellsModseqs } from './mailbox-numbers.js';
import type { ServerContext } from './server-context.js';

type Line = { readonly raw: string; readonly delimiter: string | null; readonly attributes: ReadonlySet<string> };

/** All mailboxes of the user that can be opened, with their subscriptions. */
export function listMailboxes({ kept, names, numbers }: ServerContext): Promise<StoreListing> {
  return kept.reading(async (session) => {
    const { lines, subscribed, told } = await ask(session);
    const spelled = new Map<MailboxName, string>();
    const mailboxes: ListedMailbox[] = [];
    const troubles: Trouble[] = [];
    for (const line of lines) {
      if (!isSelectable(line)) continue;
      const { raw, delimiter } = line;
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
    numbers.learn(told);
    return { mailboxes, troubles };
  });
}

type Asked = {
  readonly lines: readonly Line[];
  readonly subscribed: ReadonlySet<string>;
  readonly told: ReadonlyMap<string, MailboxNumbers>;
};

/** One turn where the server says all of it at once (RFC 5819), else two. */
async function ask(session: Session): Promise<Asked> {
  const doing = 'listing the mailboxes';
  const { capabilities } = session;
  const lines = new Map<string, Line>();
  const subscribed = new Set<string>();
  const told = new Map<string, MailboxNumbers>();
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data') return;
    const status = numbersOf(response);
    if (status !== null) told.set(inboxOr(status.raw), status.numbers);
    const [attributes, delimiter, name] = response.values;
    const raw = inboxOr(textOfValue(name) ?? '');
    const line = { raw, delimiter: textOfValue(delimiter), attributes: attributesOf(attributes) };
    if (response.name === 'LIST') {
      lines.set(raw, line);
      if (line.attributes.has('\\subscribed')) subscribed.add(raw);
    }
    if (response.name === 'LSUB') subscribed.add(raw);
  };
  const items = statusItems(capabilities);
  const isToldAtOnce = capabilities.has('LIST-EXTENDED') && capabilities.has('LIST-STATUS');
  if (isToldAtOnce) await session.demand(doing, [`LIST "" "*" RETURN (SUBSCRIBED STATUS ${items})`], { hear });
  else if (capabilities.has('LIST-EXTENDED'))
    await session.demand(doing, ['LIST "" "*" RETURN (SUBSCRIBED)'], { hear });
  else {
    const both = [session.demand(doing, ['LIST "" "*"'], { hear }), session.demand(doing, ['LSUB "" "*"'], { hear })];
    await Promise.all(both);
  }
  // Where no number tells of flags, each mailbox is looked through anyway. One that the server refuses is opened, too.
  const all = isToldAtOnce || !tellsModseqs(capabilities) ? [] : [...lines.values()].filter(isSelectable);
  await Promise.all(all.map(({ raw }) => session.run([`STATUS ${quoted(raw)} ${items}`], { hear })));
  return { lines: [...lines.values()], subscribed, told };
}

function isSelectable({ attributes }: Line): boolean {
  return !attributes.has('\\noselect') && !attributes.has('\\nonexistent');
}

/** The inbox in capitals, however the server spells it. */
function inboxOr(raw: string): string {
  return raw.toUpperCase() === inbox ? inbox : raw;
}
