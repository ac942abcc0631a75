import type { Bench } from '../apply/bench.js';
import { foreseeMending, type Mending, mendTexts, startMending } from '../apply/mend-texts.js';
import { settle } from '../apply/settle.js';
import { mailboxesToSettle } from '../apply/unsettled.js';
import { workingCopyOf } from '../apply/working-copy.js';
import { lookAtYoung } from '../apply/young-files.js';
import type { Catalog } from '../catalog/catalog.js';
import { openCatalog } from '../catalog/open.js';
import { openStore } from '../store/open.js';
import type { MailStore } from '../store/store.js';
import { adoptHostKeys, type HostKeys, readHostKeys } from '../trust/host-keys.js';
import { giveWay } from './give-way.js';
import { learnSecondDigests } from './learn-digests.js';
import { namesIn } from './names.js';
import type { Listener, ScanReport, SurveyReport } from './report.js';
import { spoolTrashed, trashedAmong } from './spool-trashed.js';
import { dropUnawaited, spooledTexts } from './spooled-texts.js';
import { survey } from './survey.js';
import { tidyTrash } from './tidy-trash.js';
import { passTime } from './time-seen.js';
import { pairedSince } from './unsigned-hosts.js';

/** An account opened for one run: its catalog is locked against other runs until `close`. */
export type Session = {
  readonly catalog: Catalog;
  readonly store: MailStore;
  readonly nowMs: () => number;
  /** What the texts in the trash may come to, inclusive; null, or left out: as much as they are. */
  readonly trashBytesMax?: number | null;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  /** This host's private keys. Throws `config` where they are missing or garbled. */
  keys(): HostKeys;
  /** Where they are. */
  readonly keysPath: string;
  close(): Promise<void>;
};

export type SessionRequest = {
  /** In the account's own directory. */
  readonly catalogPath: string;
  readonly keysPath: string;
  readonly home: string;
  /** As gethostname(2) says; not what the user called this host. */
  readonly machineName: string;
  /** How Dovecot's `doveadm` is run; empty, or left out: not at all. */
  readonly doveadm?: readonly string[];
  /** How long to wait for another run to end; 0 fails at once with `locked`. */
  readonly waitMs: number;
  /** See `Session`. */
  readonly trashBytesMax?: number | null;
  readonly now: () => number;
  readonly listener: Listener;
  readonly signal: AbortSignal;
};

/** Throws `locked`, `config` (no such account), `store-absent`, `store-damaged`. */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { listener, signal, now, home, waitMs, keysPath, trashBytesMax = null } = request;
  const catalog = await openCatalog(request.catalogPath, { waitMs, now, signal });
  try {
    adoptHostKeys(keysPath, catalog.identity); // of a `rejoin` that died just before its end
    const { machineName, doveadm = [] } = request;
    const store = await openStore(catalog.identity.store, { home, hostName: machineName, now, doveadm });
    const close = async (): Promise<void> => {
      await store.close();
      catalog.close();
    };
    const keys = (): HostKeys => readHostKeys(keysPath, catalog.identity);
    return { catalog, store, nowMs: now, trashBytesMax, listener, signal, keys, keysPath, close };
  } catch (cause) {
    catalog.close();
    throw cause;
  }
}

/** A bench for one run; after a transaction in it was undone a new one is needed. */
export function benchFor(session: Session): Bench {
  let doneBytes = 0;
  let doneMessages = 0;
  return {
    catalog: session.catalog,
    store: session.store,
    copy: workingCopyOf(session.catalog),
    nowS: () => Math.floor(session.nowMs() / 1000),
    signal: session.signal,
    untaken: new Map(),
    onMessages(count, bytes) {
      doneMessages += count;
      doneBytes += bytes;
      session.listener({ kind: 'progress', doneBytes, totalBytes: 0, doneMessages, totalMessages: 0 });
    },
  };
}

/** A run that has begun: the store has been looked at. */
export type Run = { readonly bench: Bench; readonly scan: SurveyReport; readonly mending: Mending };

/** The look at the store with what was done about flawed texts by now. */
export function scanReportOf({ scan, mending }: Run): ScanReport {
  return { ...scan, mended: [...mending.mended], troubles: [...scan.troubles, ...mending.troubles.values()] };
}

/** Does what can be done with what is here, the trash included, about texts known to be flawed. */
async function mendKnown(session: Session, bench: Bench, mending: Mending): Promise<void> {
  const flawed = session.catalog.flawedTexts();
  if (flawed.length === 0) return;
  await spoolTrashed(session, await trashedAmong(session, flawed));
  await mendTexts(bench, mending, await spooledTexts(session));
}

/** Does a run; a dry one within a transaction that is not kept, whatever its parts commit. */
export function performRun<T>(
  { catalog }: Pick<Session, 'catalog'>,
  { dryRun }: { readonly dryRun: boolean },
  work: () => Promise<T>,
): Promise<T> {
  return dryRun ? catalog.transaction(work, { keep: false }) : work();
}

/**
 * What every run begins with: the store is looked at, what happened there is committed, and what an interrupted run left undone is
 * done. Only within `performRun`: a dry run leaves all of it in the transaction that stands around it.
 */
export async function beginRun(
  session: Session,
  options: { readonly dryRun: boolean; readonly allowExpunge: boolean },
): Promise<Run> {
  session.listener({ kind: 'stage', stage: 'scan', subject: session.store.description });
  if (session.catalog.lastRunDied && !options.dryRun) await clearAfterCrash(session);
  const bench = benchFor(session);
  const mending = startMending();
  if (options.dryRun) foreseeMending(bench, mending);
  else {
    await lookAtYoung(bench);
    await mendKnown(session, bench, mending);
    await learnSecondDigests(bench);
  }
  const scan = await session.catalog.transaction(async () => {
    const seen = await survey(bench, {
      unnumbered: options.dryRun ? 'foresee' : 'assign',
      allowExpunge: options.allowExpunge,
    });
    passTime(session.catalog, bench.nowS());
    const dropped = giveWay(bench, pairedSince(session.catalog), namesIn(session.catalog));
    return { ...seen, troubles: [...seen.troubles, ...dropped] };
  });
  if (options.dryRun) return { bench, scan, mending };
  const unsettled = mailboxesToSettle(session.catalog);
  if (unsettled.length === 0 && session.catalog.modseqDuties().length === 0) {
    await tidyTrash(session, { isTouched: session.catalog.lastRunDied });
    return { bench, scan, mending };
  }
  const waiting = session.catalog.textsNamed(session.catalog.waitingGuids());
  const missing = waiting.filter((mail) => session.catalog.copyOf(mail) === null);
  await spoolTrashed(session, await trashedAmong(session, missing));
  const settled = await settle(bench, unsettled, await spooledTexts(session));
  await dropUnawaited(session);
  await tidyTrash(session, { isTouched: true });
  const troubles = [...settled.values()].flatMap(({ troubles }) => troubles);
  return { bench, scan: { ...scan, troubles: [...scan.troubles, ...troubles] }, mending };
}

/** What a run that died has left where the catalog does not know of it. */
async function clearAfterCrash({ catalog, store }: Session): Promise<void> {
  await store.clearAfterCrash(catalog.summaries().map(({ state }) => state.name));
  if (mailboxesToSettle(catalog).length === 0) await dropUnawaited({ catalog, store });
}
