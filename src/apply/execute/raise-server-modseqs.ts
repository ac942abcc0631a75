import { noteUnforgotten } from '../../catalog/facts/mailboxes-whose-expunges-server-must-forget.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { ModseqCatalog, ModseqDuty } from '../../catalog/interface/modseq-catalog.js';
import type { Transactional } from '../../catalog/interface/transactional.js';
import { Failure, isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { filesByBirth } from '../../replica/messages-read-on-demand.js';
import type { MailServer, ShownMailbox } from '../../store/interface/mail-server.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import { dueModseqs } from '../context/modseqs-to-tell-server.js';
import type { WorkingCopy } from '../context/working-copy-of-mailboxes.js';

/**
 * How far the HIGHESTMODSEQ that a peer states may be above this host's own. Inclusive. A modseq is one change of one
 * message; four billion between two exchanges do not happen, and a server that was raised without end would have none
 * left.
 */
export const servedLeapMax = 2 ** 32;

/** What a mail server is told with: what is due, and the files of whose messages it is told. */
type ServerTeller = {
  readonly catalog: ModseqCatalog & MailboxCatalog & FactCatalog & Transactional;
  readonly store: Pick<MailStore, 'server'>;
  readonly copy: Pick<WorkingCopy, 'get'>;
  readonly signal: AbortSignal;
};

type Summaries = Pick<MailboxCatalog, 'summaries'>;

export type Serving = {
  /**
   * To be called when the store is as it should be. Gives what could not be done; what is left of it is for the next
   * run.
   */
  end(): Promise<readonly Trouble[]>;
};

/**
 * What the mail server has to be told around a change of the store: to be called before it. HIGHESTMODSEQ is raised to
 * all that peers' servers have told their clients, so that every change gets a modseq above them, and beyond it where a
 * peer lacks something: then its clients have to ask; at the end messages that differ from what clients may have noted
 * elsewhere get new ones, and mailboxes that came or went are told.
 */
export async function beginServing(bench: ServerTeller, mailboxes: readonly MailboxName[]): Promise<Serving> {
  const { catalog } = bench;
  const duties = dueModseqs(catalog);
  const troubles: Trouble[] = [];
  const placesBefore = placesOf(catalog, mailboxes);
  const tell = async (work: (server: MailServer) => Promise<void>): Promise<void> => {
    try {
      const { server } = await bench.store.server();
      if (server !== null) await work(server);
    } catch (cause) {
      if (!isOfOneThing(cause, 'io')) throw cause;
      if (troubles.length === 0) troubles.push({ subject: duties[0]?.mailbox ?? mailboxes[0] ?? '', failure: cause });
    }
  };
  const told: Told = new Map();
  const raise = (due: readonly ModseqDuty[]): Promise<void> =>
    tell(async (server) => {
      for (const trouble of await raiseServed(bench, server, { duties: due, told })) troubles.push(trouble);
    });
  if (duties.length > 0) await raise(duties);
  return {
    async end() {
      const isListChanged = placesOf(catalog, mailboxes) !== placesBefore;
      const due = dueModseqs(catalog);
      // mailboxes that were made, or got their first message, meanwhile
      if (due.some((duty) => isLeft(duty, told))) await raise(due);
      if (due.length > 0) await tell((server) => renewServed(bench, server, { duties: due, told }));
      if (isListChanged) await tell(async (server) => void (await server.noticeMailboxes()));
      return troubles;
    },
  };
}

/**
 * What was done in which mailboxes. raised: HIGHESTMODSEQ is as it should be. forgotten, unforgotten: that, and the
 * server has, or has not, forgotten what was expunged. refused: nothing, as what the peer says is too far to be
 * believed.
 */
type Told = Map<MailboxName, 'raised' | 'forgotten' | 'unforgotten' | 'refused'>;

function isLeft({ mailbox, isBehind }: ModseqDuty, told: Told): boolean {
  const done = told.get(mailbox);
  return done === undefined || (isBehind && (done === 'raised' || done === 'unforgotten'));
}

function placesOf(catalog: Summaries, mailboxes: readonly MailboxName[]): string {
  if (mailboxes.length === 0) return '';
  const here = storedIn(catalog);
  return mailboxes.filter((name) => here.has(name)).join('\n');
}

async function raiseServed(
  { catalog, signal }: Pick<ServerTeller, 'catalog' | 'signal'>,
  server: MailServer,
  { duties, told }: { readonly duties: readonly ModseqDuty[]; readonly told: Told },
): Promise<Trouble[]> {
  const troubles: Trouble[] = [];
  const served = await servedWith(catalog, server, duties);
  for (const duty of duties.filter((each) => isLeft(each, told))) {
    signal.throwIfAborted();
    const { mailbox, above, isBehind } = duty;
    const shown = served.get(mailbox);
    if (shown === undefined) continue;
    const own = shown.highestModseq;
    if (above > own + servedLeapMax) {
      troubles.push({ subject: mailbox, failure: tooFar(mailbox, { above, own }) });
      told.set(mailbox, 'refused');
    } else if (!isBehind) {
      if (own < above) await server.raiseModseqs(mailbox, above);
      told.set(mailbox, 'raised');
    } else {
      // once above what was stated, an empty mailbox is not raised further: the servers of peers would follow, and this
      // one them
      const isDone = shown.messages === 0 && own > above;
      const forgets = !isDone && (await server.raiseModseqs(mailbox, Math.max(above, own) + 1));
      told.set(mailbox, forgets ? 'forgotten' : 'unforgotten');
    }
  }
  return troubles;
}

/** What is served, once the server was told of mailboxes that are here and that it does not show yet. */
async function servedWith(
  catalog: Summaries,
  server: MailServer,
  duties: readonly ModseqDuty[],
): Promise<ReadonlyMap<MailboxName, ShownMailbox>> {
  const served = await server.served();
  const here = storedIn(catalog);
  if (duties.every(({ mailbox }) => served.has(mailbox) || !here.has(mailbox))) return served;
  await server.noticeMailboxes();
  return server.served();
}

function storedIn(catalog: Summaries): ReadonlySet<MailboxName> {
  return new Set(catalog.summaries().flatMap(({ stored, state }) => (stored ? [state.name] : [])));
}

/**
 * A duty stays for the next run where the mailbox is here, and its server did not show it so that nothing could be
 * raised; what is left of one, where the server could not forget.
 */
async function renewServed(
  { catalog, copy, signal }: ServerTeller,
  server: MailServer,
  { duties, told }: { readonly duties: readonly ModseqDuty[]; readonly told: Told },
): Promise<void> {
  const here = storedIn(catalog);
  for (const { mailbox, above, births } of duties) {
    signal.throwIfAborted();
    const done = told.get(mailbox);
    if (done === undefined && here.has(mailbox)) continue;
    const files = births.size === 0 ? null : filesByBirth(copy.get(mailbox));
    const uids = [...births].flatMap((birth) => files?.seen(birth)?.uid ?? []).filter((uid) => uid > 0);
    uids.sort((a, b) => a - b);
    if (uids.length > 0) await server.renewModseqs(mailbox, uids, above);
    catalog.transaction(() => {
      catalog.dropModseqDuty(mailbox);
      if (!here.has(mailbox)) noteUnforgotten(catalog, mailbox, false);
      else if (done === 'forgotten' || done === 'unforgotten')
        noteUnforgotten(catalog, mailbox, done === 'unforgotten');
    });
  }
}

function tooFar(mailbox: MailboxName, { above, own }: { readonly above: number; readonly own: number }): Failure {
  return new Failure(
    'bundle-damaged',
    `a peer says that its server has reached the modseq ${above} in ${mailbox}, and this one is at ${own}: that is too far to be believed, and was passed over`,
    { hint: 'Mail programs that change between the two servers may miss changes of flags in this mailbox.' },
  );
}
