import { heedInterruption } from '../apply/context/stop-if-interrupted.js';
import { examineTexts } from '../apply/mend/examine-message-texts.js';
import { altered, damaged } from '../apply/mend/mend-damaged-texts.js';
import { unsettledMailboxes } from '../catalog/facts/mailboxes-with-unfinished-changes.js';
import type { Catalog } from '../catalog/interface/catalog.js';
import type { FlawedText } from '../catalog/interface/damaged-text-catalog.js';
import { recipientsOf } from '../catalog/interface/recipients-and-permissions.js';
import { statusOf } from '../check/account-status.js';
import { checkCatalog } from '../check/doctor/check-catalog.js';
import { checkReplica } from '../check/doctor/check-missing-texts-and-unstorable-mail.js';
import { checkPeers } from '../check/doctor/check-peers.js';
import { holdersOf } from '../check/missing-texts.js';
import type { DoctorReport } from '../check/reports/check-report-types.js';
import { type Finding, findingOf } from '../check/reports/doctor-finding.js';
import { advice, isOfOneThing, typed } from '../failure.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import { notReadableIn, type Untaken } from '../mail/packed/unreadable-file-reasons.js';
import { indexMails } from '../mail/text/text-guid-and-second-digest.js';
import { equivocationFindings } from './peers/equivocation/hosts-that-told-two-stories.js';
import { fedRemedy, fedText, fedTogether } from './peers/hosts-fetching-mail.js';
import { doubtFindings } from './peers/signed-statements/warnings-about-unsigned-claims.js';
import { vouchedFindings } from './peers/vouched-hosts/doctor-findings-on-vouched-hosts.js';
import { leftOutFindings } from './peers/vouched-hosts/hosts-left-out-beyond-limits.js';
import type { SurveyReport } from './reports/run-report-types.js';
import { survey } from './run/survey-store.js';
import { benchFor, type Session } from './session/account-session.js';
import { namesIn } from './session/name-of-host-id.js';

export type DoctorOptions = {
  /** Read every text and compare it. */
  readonly deep: boolean;
  /** What was found before the account was opened. */
  readonly found: readonly Finding[];
};

/**
 * Looks at everything an account consists of and says what is wrong with it, each thing with its remedy. Changes
 * nothing, but that texts which are found damaged, altered or sound again are remembered as such.
 */
export async function examineAccount(session: Session, { deep, found }: DoctorOptions): Promise<DoctorReport> {
  const { catalog, store } = session;
  const { hostId, hostName, account } = catalog.identity;
  const findings: Finding[] = [...found];
  const add = (more: Iterable<Finding>): void => {
    for (const finding of more) findings.push(finding);
  };
  const orFinding = async <T>(code: Finding['code'], where: string, check: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await check();
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
      findings.push(findingOf(code, where, cause));
      return null;
    }
  };
  session.listener({ kind: 'stage', stage: 'examine', subject: 'the catalog' });
  await orFinding('keys', session.keysPath, () => void session.keys());
  add(checkCatalog(catalog));
  const isReadable = !findings.some(({ code }) => code === 'catalog');
  const unsettled = isReadable ? unsettledMailboxes(catalog) : [];
  let scan: SurveyReport | null = null;
  let counts: Counts | null = null;
  const read = { texts: 0, bytes: 0 };
  let about: readonly string[] = [];
  if (isReadable) {
    session.listener({ kind: 'stage', stage: 'scan', subject: store.description });
    const foreseen = await orFinding('store', store.description, () => foreseenSurvey(session));
    scan = foreseen?.report ?? null;
    counts = foreseen?.counts ?? null;
    if (scan !== null) {
      add(inSurvey(scan));
      add((await orFinding('store', store.description, () => inStore(session))) ?? []);
      add((await orFinding('store', store.description, () => atServer(session))) ?? []);
      about = (await orFinding('store', store.description, () => store.about())) ?? [];
    }
    if (unsettled.length > 0) findings.push(unfinished(unsettled));
    if (scan !== null && deep) Object.assign(read, await readAll(session, findings));
    add(catalog.flawedTexts().map((flaw) => inText(session, flaw)));
    add(inFed(session));
    add(checkReplica(catalog, session.store.capabilities));
    add(checkPeers(catalog, Math.floor(session.nowMs() / 1000)));
    add(doubtFindings(catalog, namesIn(catalog)));
    add(leftOutFindings(catalog, namesIn(catalog)));
    add(vouchedFindings(catalog));
    add(equivocationFindings(catalog, namesIn(catalog)));
  }
  return {
    kind: 'doctor',
    account,
    host: { hostId, name: hostName },
    store: store.description,
    about,
    deep,
    ...(counts ?? (isReadable ? countsIn(catalog) : { mailboxes: 0, messages: 0 })),
    texts: read.texts,
    textBytes: read.bytes,
    findings: byWeight(unlike(findings)),
  };
}

type Counts = Pick<DoctorReport, 'mailboxes' | 'messages'>;

/** As `status` shows them: what lies in the store and is no message that is known is told one by one. */
function countsIn(catalog: Catalog): Counts {
  const present = statusOf(catalog).mailboxes.filter((mailbox) => mailbox.present);
  return { mailboxes: present.length, messages: present.reduce((sum, { messages }) => sum + messages, 0) };
}

/** What a run would see now; nothing of it is kept. */
function foreseenSurvey(session: Session): Promise<{ report: SurveyReport; counts: Counts }> {
  const look = async () => {
    const report = await survey(benchFor(session), { unnumbered: 'foresee', allowExpunge: false });
    return { report, counts: countsIn(session.catalog) };
  };
  return session.catalog.transaction(look, { keep: false });
}

const lostText = {
  uids: 'lost its UID list',
  keywords: 'lost names of keywords',
  subscription: 'lost its subscription',
} as const;

function inSurvey({ changes, troubles }: SurveyReport): Finding[] {
  return [
    ...troubles.map(({ subject, failure }) => findingOf('store', subject, failure)),
    ...changes.flatMap(({ mailbox, exhausted }): Finding[] => {
      if (exhausted === null) return [];
      const what = `the UIDs of ${mailbox} are nearly used up (UIDNEXT ${exhausted}); peers believe no higher ones`;
      const remedy = advice`The next run gives it another UIDVALIDITY, and mail programs load it anew: ${typed('mrepl', 'sync', 'DIR')}`;
      return [{ code: 'store', weight: 'fault', where: mailbox, what, remedy }];
    }),
    ...changes.flatMap(({ mailbox, lost }) =>
      lost.map((loss): Finding => {
        const what = `the mailbox ${mailbox} ${lostText[loss]}`;
        return {
          code: 'store',
          weight: 'fault',
          where: mailbox,
          what,
          remedy: advice`The next run puts it right: ${typed('mrepl', 'sync', 'DIR')}`,
        };
      }),
    ),
  ];
}

/** What lies beside the mail, in its way, or in the spool for nothing. */
async function inStore({ store, spool, catalog }: Pick<Session, 'store' | 'spool' | 'catalog'>): Promise<Finding[]> {
  const troubles = await store.inspect();
  const findings = troubles.map(({ subject, failure }) => findingOf('store', subject, failure));
  const awaited = indexMails(catalog.textsNamed(catalog.waitingGuids()));
  const idle = (await spool.texts()).filter((text) => awaited.of(text).length === 0).length;
  if (idle > 0 && unsettledMailboxes(catalog).length === 0) {
    const what = `${idle === 1 ? 'a text lies' : `${idle} texts lie`} in the spool of the store, and nobody waits for ${idle === 1 ? 'it' : 'them'}`;
    const remedy = advice`The next import removes what is not needed: ${typed('mrepl', 'sync', 'DIR')}`;
    findings.push({ code: 'store', weight: 'notice', where: store.description, what, remedy });
  }
  return findings;
}

/** What the mail server tells its clients that is not so, or cannot be told. */
async function atServer({ store }: Pick<Session, 'store'>): Promise<Finding[]> {
  const { server, problem } = await store.server();
  const where = store.description;
  if (server === null) {
    if (problem === null) return [];
    const { name, why, remedy } = problem;
    const what = `${name} cannot be told of modseqs, as ${why}: mail programs that change to it from another host's server, and ask only for changes (CONDSTORE), may miss some`;
    return [{ code: 'store', weight: 'notice', where, what, remedy }];
  }
  return (await server.wronglyListed()).map(({ mailbox, how, remedy }) => {
    const what =
      how === 'hidden'
        ? `is here, and ${server.name} does not show it to mail programs`
        : `is not here, and ${server.name} goes on showing it to mail programs`;
    return { code: 'store', weight: 'notice', where: mailbox, what: `the mailbox ${mailbox} ${what}`, remedy };
  });
}

function unfinished(mailboxes: readonly string[]): Finding {
  return {
    code: 'unsettled',
    weight: 'fault',
    where: mailboxes.join(', '),
    what: `an earlier run did not come to its end in ${mailboxes.join(', ')}`,
    remedy: advice`The next run goes on from there, and says what is in its way: ${typed('mrepl', 'sync', 'DIR')}`,
  };
}

/** Reads every message that was seen in the store, and remembers which are flawed, and which are not any more. */
async function readAll(session: Session, findings: Finding[]): Promise<{ texts: number; bytes: number }> {
  const { catalog, listener } = session;
  const bench = { ...benchFor(session), onMessages: () => undefined };
  const mailboxes = catalog.summaries().filter(({ stored, messages, leftovers }) => stored && messages + leftovers > 0);
  const totalMessages = mailboxes.reduce((sum, { messages, waiting }) => sum + messages - waiting, 0);
  const done = { texts: 0, bytes: 0 };
  listener({ kind: 'stage', stage: 'examine', subject: session.store.description });
  const flawedIn = new Map<MailboxName, Set<string>>();
  for (const { mailbox, ref } of catalog.flawedTexts()) {
    flawedIn.set(mailbox, (flawedIn.get(mailbox) ?? new Set()).add(ref));
  }
  const readMailbox = async (name: MailboxName): Promise<void> => {
    const untaken: Untaken[] = [];
    const flawed = flawedIn.get(name) ?? new Set();
    for await (const examined of examineTexts(bench, name, [...bench.copy.get(name).holdings.keys()])) {
      if (examined.kind === 'unread') {
        const { subject, failure } = examined.trouble;
        findings.push(findingOf('unread', `${name}/${subject}`, failure));
        continue;
      }
      if (examined.kind === 'untaken') {
        untaken.push(examined.untaken);
        if (flawed.has(examined.ref)) catalog.dropFlaw(name, examined.ref);
        continue;
      }
      done.texts++;
      done.bytes += examined.sizeBytes;
      if (examined.kind === 'flawed') catalog.putFlaw(examined.flaw);
      else if (flawed.has(examined.ref)) catalog.dropFlaw(name, examined.ref);
      const { texts: doneMessages, bytes: doneBytes } = done;
      listener({ kind: 'progress', doneBytes, totalBytes: 0, doneMessages, totalMessages });
    }
    if (untaken.length > 0) findings.push(findingOf('unread', name, notReadableIn(name, untaken)));
  };
  for (const { state } of mailboxes) {
    await heedInterruption(session);
    try {
      await readMailbox(state.name);
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
      findings.push(findingOf('unread', state.name, cause));
    }
  }
  return done;
}

/** Each program would bring the mail that another host fetched to the provider once more. */
function inFed({ catalog, store }: Pick<Session, 'catalog' | 'store'>): Finding[] {
  const fed = fedTogether(catalog);
  if (fed === null) return [];
  return [{ code: 'fed', weight: 'notice', where: store.description, what: fedText(fed), remedy: fedRemedy }];
}

function inText({ catalog }: Pick<Session, 'catalog'>, flaw: FlawedText): Finding {
  const where = `${flaw.mailbox}/${flaw.ref}`;
  if (flaw.kind === 'altered') return findingOf('altered', where, altered(flaw));
  const holders = holdersOf(catalog, catalog.textNamed(flaw.wanted), recipientsOf(catalog));
  const remedy =
    holders.length === 0
      ? 'No host that this one writes to is known to have it: put the file back from a backup.'
      : `Exchange with ${holders.join(', ')}: the next bundle asks for the text. Or put the file back from a backup.`;
  return { code: 'damaged', weight: 'fault', where, what: damaged(flaw).message, remedy };
}

/** What a look at a mailbox has said already is not said again. */
function unlike(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.where} ${finding.what}`, finding])).values()];
}

function byWeight(findings: readonly Finding[]): Finding[] {
  const isFault = ({ weight }: Finding): boolean => weight === 'fault';
  return [...findings.filter(isFault), ...findings.filter((finding) => !isFault(finding))];
}
