import type { Bench } from '../../apply/context/run-context.js';
import type { Statement } from '../../bundle/format/bundle-contents.js';
import { decodeStatement } from '../../bundle/format/signed-statement-json.js';
import { rightsIn } from '../../catalog/interface/recipients-and-permissions.js';
import { isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { modseqCandidates } from '../../merge/deliver/messages-needing-new-modseq.js';
import type { HostId } from '../../replica/host-id.js';
import { covers, emptyClock } from '../../replica/version-vector.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import type { Session } from '../session/account-session.js';

// Mail programs that note modseqs (CONDSTORE, QRESYNC) may go from one host's server to another's. So that they hear of
// every difference, a host changes the modseqs of messages, and nothing else of them (mrepl-sync(7), MODSEQS).

export const nothingServed: { readonly served: Statement['served']; readonly troubles: readonly Trouble[] } = {
  served: new Map(),
  troubles: [],
};

/** Have clients been told modseqs here that are higher than all that any host is known to speak of? */
export function isServedNews({ catalog }: Pick<Session, 'catalog'>, served: Statement['served']): boolean {
  const stated = catalog.statedModseqs();
  return [...served].some(([mailbox, { highestModseq }]) => highestModseq > (stated.get(mailbox) ?? 1));
}

/**
 * What this host's mail server tells clients now: to be asked after the look at the store, as a client may have seen
 * what that did not.
 */
export async function servedHere({ store }: Pick<Session, 'store'>): Promise<typeof nothingServed> {
  try {
    const { server } = await store.server();
    return server === null ? nothingServed : { served: await server.served(), troubles: [] };
  } catch (cause) {
    if (!isOfOneThing(cause, 'io')) throw cause;
    return { ...nothingServed, troubles: [{ subject: store.description, failure: cause }] };
  }
}

/** By host, the statement that was kept of it before an import took newer ones. */
export type EarlierStatements = ReadonlyMap<HostId, { readonly number: number; readonly text: string }>;

/** Those that are kept now; null where there is no mail server that could be told of what comes. */
export async function earlierStatements({
  catalog,
  store,
}: Pick<Bench, 'catalog' | 'store'>): Promise<EarlierStatements | null> {
  if ((await serverOf(store)) === null) return null;
  const hosts = [...catalog.statementNumbers().keys()];
  return new Map(
    hosts.flatMap((host) => {
      const kept = catalog.statementOf(host);
      return kept === null ? [] : [[host, kept] as const];
    }),
  );
}

/**
 * Notes, in the transaction of an import, what this host's server has to be told of what peers' servers told their
 * clients: of each host whose newest statement was not looked at yet, and which may change something here. A client may
 * have looked at such a server any time since its host's earlier statement, before that host imported what it tells of
 * in this one: it has to hear of all that the earlier one did not cover. To be called when everything is merged and
 * numbered. `earlier`: as `earlierStatements` had it.
 */
export function noteModseqDuties(bench: Pick<Bench, 'catalog' | 'copy'>, earlier: EarlierStatements | null): void {
  if (earlier === null) return;
  const { catalog } = bench;
  const heard = catalog.modseqsHeard();
  const rightOf = rightsIn(catalog);
  const fresh = [...catalog.statementNumbers()].filter(
    ([host, { number, isVerified }]) => isVerified && number > (heard.get(host) ?? 0) && rightOf(host) !== 'read',
  );
  for (const [host, { number }] of fresh) {
    const kept = catalog.statementOf(host);
    if (kept === null) continue;
    const { served } = decodeStatement(kept.text);
    const before = earlier.get(host);
    const clocks: Statement['clocks'] = before === undefined ? new Map() : decodeStatement(before.text).clocks;
    if (served.size > 0) noteDuties(bench, { served, clocks });
    catalog.noteModseqsHeard(host, number);
  }
}

async function serverOf(store: MailStore): Promise<unknown> {
  try {
    return (await store.server()).server;
  } catch (cause) {
    if (!isOfOneThing(cause, 'io')) throw cause;
    return null; // told when it is to be used
  }
}

function noteDuties(
  { catalog, copy }: Pick<Bench, 'catalog' | 'copy'>,
  { served, clocks }: Pick<Statement, 'served' | 'clocks'>,
): void {
  for (const { state } of catalog.summaries()) {
    const there = served.get(state.name);
    if (there === undefined) continue;
    const clock = clocks.get(state.name) ?? emptyClock;
    const isBehind = !covers(clock, state.clock);
    const births = isBehind ? modseqCandidates(copy.get(state.name), { clock, served: there }) : [];
    catalog.noteStatedModseqs(new Map([[state.name, there.highestModseq]]));
    catalog.addModseqDuty({ mailbox: state.name, above: there.highestModseq, isBehind, births: new Set(births) });
  }
}
