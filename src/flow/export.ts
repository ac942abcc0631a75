import { mendTexts, noteFlaws } from '../apply/mend-texts.js';
import type { BundleContents, Preamble, Receipt } from '../bundle/bundle.js';
import type { WriteKeys } from '../bundle/write.js';
import type { Exported, Peer } from '../catalog/catalog.js';
import { readersIn, recipientsOf } from '../catalog/recipients.js';
import type { Guid } from '../mail/guid.js';
import { mailboxFilter } from '../mail/mailbox-glob.js';
import type { Trouble } from '../mail/trouble.js';
import type { MailboxNews } from '../replica/news.js';
import { countRanges } from '../replica/ranges.js';
import { type Composition, compose, type TextPolicy } from './compose.js';
import { digestOf, isAcknowledged, isStated, type OwnStatement, reaches, statementOf } from './export-base.js';
import { rememberBegun, rememberBundle } from './identities.js';
import { type LeftOut, leftOutTexts, noteLeftOut, nothingLeftOut, placed } from './left-out.js';
import { type ExportTarget, type Outlet, openOutlet } from './outlet.js';
import { keysOfHost } from './paired-keys.js';
import type { ExportReport, OutgoingMailbox } from './report.js';
import { beginRun, type Run, type Session, scanReportOf } from './session.js';
import { unmatchedPatterns } from './unmatched.js';

export type ExportOptions = {
  readonly dryRun: boolean;
  /** Say everything, whatever the peers are known to have. */
  readonly full: boolean;
  readonly texts: TextPolicy;
  /** Not sealed: whoever has the bundle can read it. */
  readonly plain: boolean;
  /** Patterns of mailbox names; none takes all. */
  readonly mailboxes: readonly string[];
  readonly allowExpunge: boolean;
};

/** Writes what the peers lack as one bundle, and removes those of ours that everybody has taken in. */
export async function exportTo(session: Session, target: ExportTarget, options: ExportOptions): Promise<ExportReport> {
  return exportFrom(session, await beginRun(session, options), target, options);
}

/** The export proper, after `beginRun`; in a dry run its transaction is still open, and is rolled back here. */
export async function exportFrom(
  session: Session,
  run: Run,
  target: ExportTarget,
  options: ExportOptions,
): Promise<ExportReport> {
  const { catalog } = session;
  const { bench } = run;
  try {
    const outlet = await openOutlet(session, target);
    const recipients = recipientsOf(catalog);
    const exports = catalog.exports();
    const chain = await outlet.intact(exports);
    const takes = mailboxFilter(options.mailboxes);
    const { full, texts } = options;
    const leftOut: LeftOut = texts === 'never' ? nothingLeftOut : await leftOutTexts(bench);
    const reachesAll = (bundle: Exported): boolean => recipients.every((peer) => reaches(bundle, peer));
    const composition = compose(bench, { recipients, chain: full ? [] : chain, full, texts, leftOut, takes });
    const statement = statementOf(catalog);
    const heardByAll = exports.filter((bundle) =>
      recipients.every((peer) => isAcknowledged(bundle, peer) || !reaches(bundle, peer)),
    );
    const hasReaders = recipients.length > 0 || catalog.pairedHosts().length === 0;
    const idle =
      !hasReaders ||
      (!full &&
        composition.news.length === 0 &&
        composition.answers.length === 0 &&
        isStated(statement, [...chain, ...heardByAll].filter(reachesAll)));
    const worthless = await outlet.worthless(exports);
    const superseded = chain.filter((bundle) => recipients.length > 0 && heardByAll.includes(bundle));
    const removed = [...superseded.map(({ fileName }) => fileName), ...worthless];
    const isSealed = recipients.length > 0 && !options.plain;
    const keys = writeKeys(session, isSealed);
    const written = idle
      ? null
      : await write(session, outlet, { composition, statement, recipients, keys, dryRun: options.dryRun });
    const left = written?.receipt?.left ?? [];
    const unsent = written === null ? leftOut.ready : left.map(({ subject }) => subject);
    let troubles: readonly Trouble[] = [...leftOut.left, ...left];
    if (!options.dryRun) {
      if (texts !== 'never') noteLeftOut(catalog, new Set([...leftOut.still, ...unsent, ...composition.damaged]));
      const flawed = await mendUnsent(
        session,
        run,
        troubles.map(({ subject }) => subject),
      );
      troubles = troubles.filter(({ subject }) => !flawed.has(subject));
      await outlet.remove(removed);
      if (recipients.length > 0) forgetSuperseded(session, heardByAll);
    }
    return {
      kind: 'export',
      dryRun: options.dryRun,
      target: outlet.name,
      scan: scanReportOf(run),
      bundle: written && {
        ...written.named,
        texts: written.receipt?.texts ?? composition.texts.length,
        textBytes: written.receipt?.textBytes ?? composition.textBytes,
        sizeBytes: written.receipt?.sizeBytes ?? null,
        mailboxes: composition.news.map(outgoing),
        to: recipients.map((peer) => peer.hostName),
        sealed: isSealed,
        buildsOn: full ? 0 : chain.length - superseded.length,
      },
      removed,
      hasReaders,
      unmatched: unmatchedPatterns(catalog, options.mailboxes),
      troubles: placed(troubles, [...leftOut.texts, ...composition.texts]),
    };
  } finally {
    if (options.dryRun) catalog.rollback();
  }
}

/**
 * Looks closer at texts that could not be sent: a damaged one is replaced at once where another message here has it, and asked for else.
 * Answers those of which a file is flawed.
 */
async function mendUnsent(
  { catalog, store }: Session,
  { bench, mending }: Run,
  guids: readonly Guid[],
): Promise<ReadonlySet<Guid>> {
  const files = [...new Set(guids)].flatMap((guid) => catalog.filesOf(guid).map((file) => ({ ...file, guid })));
  for (const { mailbox, ref } of files) await noteFlaws(bench, mailbox, [ref]);
  const flawed = new Set(catalog.flawedTexts().map(({ guid }) => guid));
  if (files.some(({ guid }) => flawed.has(guid))) await mendTexts(bench, mending, await store.spooled());
  return flawed;
}

type Writing = {
  readonly composition: Composition;
  readonly statement: OwnStatement;
  readonly recipients: readonly Peer[];
  readonly keys: WriteKeys;
  readonly dryRun: boolean;
};

type Written = {
  readonly named: { readonly fileName: string; readonly number: number };
  readonly receipt: Receipt | null;
};

/** Writes the bundle and remembers it; a dry run only names it. */
async function write(session: Session, outlet: Outlet, writing: Writing): Promise<Written> {
  const { catalog } = session;
  const { composition, statement, recipients, keys } = writing;
  const number = catalog.takeNumber(); // rolled back in a dry run
  const fileName = outlet.fileNameOf(number, keys.recipients.length > 0);
  if (writing.dryRun) return { named: { fileName, number }, receipt: null };
  rememberBegun(catalog, number);
  const madeAtS = Math.floor(session.nowMs() / 1000);
  const preamble: Preamble = {
    account: catalog.identity.account,
    from: { hostId: catalog.identity.hostId, name: catalog.identity.hostName },
    to: recipients.map((peer) => peer.hostId),
    number,
    continues: null,
    madeAtS,
    heard: new Map(recipients.filter(({ isDirect }) => isDirect).map((peer) => [peer.hostId, peer.taken])),
    wanted: [...statement.wanted],
    answers: composition.answers,
    clocks: statement.clocks,
    unheard: [...statement.unheard],
    relayed: statement.relayed.map(({ hostId, hostName, lastNumber, clocks, wanted, unheard }) => ({
      ...{ hostId, name: hostName, number: lastNumber, clocks, wanted: [...wanted], unheard: [...unheard] },
    })),
  };
  const contents: BundleContents = { preamble, news: composition.news, texts: composition.texts };
  session.listener({ kind: 'stage', stage: 'write', subject: fileName });
  const receipt = await outlet.write(fileName, contents, keys);
  const exported: Exported = {
    number,
    fileName,
    sizeBytes: receipt.sizeBytes,
    imprint: receipt.imprint,
    madeAtS,
    recipients: new Set(preamble.to),
    base: composition.base,
    clocks: statement.clocks,
    wanted: statement.wanted,
    answered: new Set(composition.answers),
    unheard: statement.unheard,
    relayed: new Map(statement.relayed.map((peer) => [peer.hostId, digestOf(peer)])),
  };
  catalog.begin();
  catalog.putExport(exported);
  rememberBundle(catalog, preamble.from.hostId, { number, manifestSha256: receipt.manifestSha256 });
  catalog.markTaken(receipt.imprint, madeAtS);
  catalog.log({
    atS: madeAtS,
    what: 'export',
    details: { target: outlet.name, fileName, number, texts: receipt.texts, sizeBytes: receipt.sizeBytes },
  });
  catalog.commit();
  return { named: { fileName, number }, receipt };
}

/** Signed with this host's key, and sealed to whom it is paired with and to itself. */
function writeKeys({ catalog, keys }: Session, isSealed: boolean): WriteKeys {
  const { signingKey, ageIdentity } = keys();
  if (!isSealed) return { signingKey, recipients: [] };
  const recipients = readersIn(catalog).map((host) => keysOfHost(host).ageRecipient);
  return { signingKey, recipients: [...recipients, ageIdentity.recipient] };
}

/** Forgets bundles that everybody has, but for the newest: it says what was stated last. */
function forgetSuperseded({ catalog }: Session, heardByAll: readonly Exported[]): void {
  const newest = catalog.exports().at(-1);
  for (const { number } of heardByAll) if (number !== newest?.number) catalog.dropExport(number);
}

function outgoing({ name, saves, updates, living }: MailboxNews): OutgoingMailbox {
  const count = [...living.values()].reduce((sum, ranges) => sum + countRanges(ranges), 0);
  return { mailbox: name, saves: saves.length, updates: updates.length, living: count };
}
