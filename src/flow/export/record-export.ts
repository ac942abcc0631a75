import { mendTexts, noteFlaws } from '../../apply/mend/mend-damaged-texts.js';
import { putTextsToSendLater } from '../../catalog/facts/bundles/texts-to-send-later.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { notReadableIn, type Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Run } from '../run/begin-run.js';
import type { Session } from '../session/account-session.js';
import { spooledTexts } from '../trash/spooled-texts.js';
import { type Series, saysAll, type Unsent } from './export-outcome.js';
import type { Outlet } from './export-to-directory-or-pipe.js';
import { forgetExports } from './forget-old-exports.js';
import type { ExportSituation } from './gather-facts-for-export.js';
import type { ExportPlan } from './plan-export.js';

/** An export that has written its bundles. */
export type WrittenExport = {
  readonly situation: ExportSituation;
  readonly plan: ExportPlan;
  readonly series: Series;
  readonly unsent: Unsent;
};

/** What is to be said of an export in the end. */
export type ExportEnd = {
  /** Files that are not there any more, or, in a dry run, would not be. */
  readonly removed: readonly string[];
  /** Texts that could not be read, by guid, as far as nothing else says why. */
  readonly unread: readonly Trouble[];
  /** Files of which no text is read, mailbox by mailbox. */
  readonly unreadable: readonly Trouble[];
};

/** The end of a dry run, which removes and notes nothing. */
export function foreseenEnd({ plan, unsent }: WrittenExport): ExportEnd {
  return { removed: plan.removed, unread: unsent.unread, unreadable: [] };
}

/**
 * Notes what the bundles lack, which each of them noted of itself before, looks closer at texts that could not be read,
 * and only then removes the files that the plan names, and forgets the bundles that nobody needs.
 */
export async function recordExport(
  session: Session,
  run: Run,
  outlet: Outlet,
  written: WrittenExport,
): Promise<ExportEnd> {
  const { catalog } = session;
  const { situation, plan, series, unsent } = written;
  if (situation.request.texts !== 'never') {
    putTextsToSendLater(catalog, { unreadable: lackedBy(written), noRoom: unsent.noRoom });
  }
  const explained = await mendUnsent(
    session,
    run,
    unsent.unread.map(({ subject }) => subject),
  );
  const removed = [...plan.removed];
  if (!plan.isIdle && saysAll(series, unsent)) {
    for (const { fileName } of plan.saidAgain) if (!removed.includes(fileName)) removed.push(fileName);
    for (const { number } of plan.saidAgain) catalog.dropExport(number);
  }
  await outlet.remove(removed);
  forgetExports(catalog, { superseded: plan.superseded, chain: situation.chain });
  return {
    removed,
    unread: unsent.unread.filter(({ subject }) => !explained.guids.has(subject)),
    unreadable: explained.troubles,
  };
}

/** The texts that these bundles should have had, and could not have. */
function lackedBy({ situation, series }: WrittenExport): ReadonlySet<Guid> {
  const inBundles = series.bundles.flatMap(({ composition, receipt }) => [
    ...(receipt?.left ?? []).map(({ subject }) => subject),
    ...composition.damaged,
  ]);
  return new Set([...situation.deferred.still, ...inBundles]);
}

/**
 * Looks closer at texts that could not be sent: a damaged one is replaced at once where another message here has it,
 * and asked for else. Answers those of which nothing more is to be said: a file is flawed, or there is none any more,
 * as somebody has just expunged or moved the message; the next look at the store sees what became of it. Of files that
 * are not read `troubles` says all, mailbox by mailbox.
 */
async function mendUnsent(
  session: Session,
  { bench, mending }: Run,
  guids: readonly Guid[],
): Promise<{ readonly guids: ReadonlySet<Guid>; readonly troubles: readonly Trouble[] }> {
  const { catalog } = session;
  const explained = new Set<Guid>();
  const unread = new Map<MailboxName, Untaken[]>();
  const asked = new Set(guids);
  for (const guid of asked) {
    let readable = 0;
    for (const { mailbox, ref } of catalog.filesOf({ guid })) {
      const { there, untaken } = await noteFlaws(bench, mailbox, [ref]);
      readable += there - untaken.length;
      if (untaken.length > 0) unread.set(mailbox, [...(unread.get(mailbox) ?? []), ...untaken]);
    }
    if (readable === 0) explained.add(guid);
  }
  const flawed = catalog.flawedTexts().filter(({ guid }) => asked.has(guid));
  if (flawed.length > 0) await mendTexts(bench, mending, await spooledTexts(session));
  for (const { guid } of flawed) explained.add(guid);
  const troubles = [...unread].map(([mailbox, files]) => ({
    subject: mailbox,
    failure: notReadableIn(mailbox, files),
  }));
  return { guids: explained, troubles };
}
