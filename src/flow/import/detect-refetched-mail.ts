import type { Bench } from '../../apply/context/run-context.js';
import { isOfOneThing } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { KnownBody } from '../../mail/text/body-checksum.js';
import { type Origin, originOf, sameOrigin } from '../../mail/text/message-id-and-date.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Holding } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import { filesByBirth } from '../../replica/messages-read-on-demand.js';
import type { Refetched } from '../reports/fetched-mail-report.js';
import type { MergedMailbox } from './plan-merge-of-bundles.js';

/** Mailing lists and forwarding bring single mails twice: fewer are not worth a word. Inclusive. */
const messagesMin = 5;

/** So many pairs are compared at the most, by reading both: a second or so. Inclusive. */
const pairsMax = 1000;

/**
 * Did an import bring mail that is here already, as another program has fetched it? getmail writes the time into its
 * Received: line, and nothing but these three tells that from two letters. To be asked once the store holds what was
 * brought. Null where that is not worth a word.
 */
export async function refetchedBy(
  bench: Pick<Bench, 'catalog' | 'store' | 'copy'>,
  merged: readonly MergedMailbox[],
): Promise<Refetched | null> {
  const arrived = merged.flatMap((one) => newIn(bench, one));
  if (arrived.length < messagesMin) return null;
  const twins = twinsBySum(bench, arrived);
  let compared = 0;
  let messages = 0;
  const mailboxes = new Set<MailboxName>();
  const places = new Map<MailboxName, Map<Guid, string>>();
  for (const { mailbox, holding, body } of arrived) {
    const here = places.get(mailbox) ?? refsByGuid(bench, mailbox);
    places.set(mailbox, here);
    const others = (twins.get(keyOf(body)) ?? []).filter((guid) => guid !== holding.guid && here.has(guid));
    if (others.length === 0) continue;
    if (compared >= pairsMax) return report(messages, { mailboxes, orMore: true });
    const origin = await originIn(bench, mailbox, holding.ref);
    for (const guid of others) {
      compared += 1;
      if (!sameOrigin(origin, await originIn(bench, mailbox, here.get(guid) ?? ''))) continue;
      messages += 1;
      mailboxes.add(mailbox);
      break;
    }
  }
  return report(messages, { mailboxes, orMore: false });
}

function report(
  messages: number,
  { mailboxes, orMore }: { readonly mailboxes: ReadonlySet<MailboxName>; readonly orMore: boolean },
): Refetched | null {
  return messages < messagesMin ? null : { messages, orMore, mailboxes: [...mailboxes].sort() };
}

type Arrived = { readonly mailbox: MailboxName; readonly holding: Holding; readonly body: Omit<KnownBody, 'marks'> };

/** New messages that are in the store now, and have a body to compare. */
function newIn(bench: Pick<Bench, 'catalog' | 'copy'>, { mailbox, decisions }: MergedMailbox): Arrived[] {
  const fresh = decisions.flatMap((decision) => (decision.kind === 'new' ? [birthKey(decision.birth)] : []));
  if (fresh.length === 0) return [];
  const files = filesByBirth(bench.copy.get(mailbox));
  return fresh.flatMap((birth): Arrived[] => {
    const holding = files.seen(birth);
    const body = holding === undefined ? null : bench.catalog.bodyOf(holding.guid);
    if (holding === undefined || body === null || body.sizeBytes === 0) return [];
    return [{ mailbox, holding, body }];
  });
}

function keyOf({ sizeBytes, crc }: Omit<KnownBody, 'marks'>): string {
  return `${sizeBytes} ${crc}`;
}

/** The texts in the store that have one of these bodies. */
function twinsBySum(
  { catalog }: Pick<Bench, 'catalog'>,
  arrived: readonly Arrived[],
): ReadonlyMap<string, readonly Guid[]> {
  const twins = new Map<string, Guid[]>(arrived.map(({ body }) => [keyOf(body), []]));
  const bodies = arrived.map(({ body }) => body);
  for (const [guid, body] of catalog.textsWithBodies(bodies)) twins.get(keyOf(body))?.push(guid);
  return twins;
}

function refsByGuid(bench: Pick<Bench, 'copy'>, mailbox: MailboxName): Map<Guid, string> {
  const { holdings } = bench.copy.get(mailbox);
  return new Map([...holdings.values()].flatMap(({ guid, ref, uid }) => (uid === null ? [] : [[guid, ref] as const])));
}

async function originIn({ store }: Pick<Bench, 'store'>, mailbox: MailboxName, ref: string): Promise<Origin | null> {
  try {
    return originOf(await store.readText(mailbox, ref));
  } catch (cause) {
    if (!isOfOneThing(cause)) throw cause;
    return null; // gone, or not to be read: the next look says so
  }
}
