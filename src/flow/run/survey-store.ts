import type { Bench } from '../../apply/context/run-context.js';
import { heedInterruption } from '../../apply/context/stop-if-interrupted.js';
import {
  announcedRefs,
  compare,
  hiddenBehind,
  type Look,
  noteLook,
  scanToCompare,
} from '../../apply/examine/examine-mailbox.js';
import {
  addUnsettled,
  isMisplaced,
  unsettledMailboxes,
} from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import { rememberUnlinked, unlinkedDepartures } from '../../catalog/facts/pending-moves.js';
import type { MailboxSummary } from '../../catalog/interface/mailbox-catalog.js';
import { isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Scan } from '../../mail/mailbox-scan.js';
import { goneBehind } from '../../mail/packed/unreadable-file-reasons.js';
import { departedIn, linkMoves, sourcesIn } from '../../merge/observe/detect-moves.js';
import type { LocalChanges } from '../../merge/observe/observation.js';
import type { DeleteLimit } from '../../replica/delete-limit.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { ScanOptions, StoreListing } from '../../store/interface/mail-store.js';
import { rememberTraces } from '../peers/hosts-fetching-mail.js';
import type { SurveyReport } from '../reports/run-report-types.js';
import { deletionsSeen, totalOf } from './count-deletions.js';
import { departuresBetween } from './gone-here-still-at-peers.js';
import {
  goneFrom,
  guardAgainstEmptyStore,
  guardAgainstMassExpunge,
  guardAgainstOldMail,
  guardDeleteLimit,
} from './guards-against-mail-loss.js';

/**
 * What is done with mail that the store has not given a UID yet: the store is made to give it one, or it is taken to
 * have the one it will get (for a dry run), or it is left for a later look.
 */
export type Unnumbered = 'assign' | 'foresee' | 'leave';

export type SurveyOptions = {
  readonly unnumbered: Unnumbered;
  readonly allowExpunge: boolean;
  /** So many messages may have been expunged, whatever `allowExpunge` says; left out, any number. */
  readonly deleteMax?: DeleteLimit;
  /** A mailbox as it is to be taken; left out, as the store shows it. */
  readonly adjust?: (mailbox: MailboxName, scan: Scan) => Scan;
};

/**
 * Sees what happened in the whole store since the last run, and puts it into the catalog's open transaction. Mailboxes
 * whose directories have not changed are not even loaded. Deleted is only what the store was seen to hold and now says
 * is not there. Throws `guard` where mail seems to have vanished wholesale, before anything is put.
 */
export async function survey(bench: Bench, options: SurveyOptions): Promise<SurveyReport> {
  const sighting = await lookAtStore(bench, options);
  refuseLoss(sighting, options, bench.store.description);
  await noteSighting(bench, sighting);
  const { looks, mailboxes, messages, unseen, troubles } = sighting;
  return {
    changes: looks.map(({ observation }) => observation.changes).filter(isChange),
    renamed: renames(looks),
    mailboxes,
    messages,
    unseen: [...unseen],
    isTouched: looks.length > 0,
    troubles,
  };
}

/** What the whole store shows, before anything of it is kept. */
type Sighting = {
  /** At mailboxes that may have changed. */
  readonly looks: readonly Look[];
  /** How many mailboxes are listed. */
  readonly mailboxes: number;
  /** Messages that are there, and that were there at the last look. */
  readonly messages: number;
  readonly remembered: number;
  /** Has all mail UIDs, so that all of it was seen? */
  readonly isWhole: boolean;
  /** Mailboxes that could not be looked at. */
  readonly unseen: ReadonlySet<MailboxName>;
  /** Traces of programs that fetch mail, in mailboxes that were looked at. */
  readonly traces: ReadonlyMap<MailboxName, readonly string[]>;
  readonly troubles: readonly Trouble[];
};

/** What was found so far. */
type Findings = {
  messages: number;
  isWhole: boolean;
  readonly looked: Looked[];
  readonly unseen: Set<MailboxName>;
  readonly traces: Map<MailboxName, readonly string[]>;
  readonly troubles: Trouble[];
};

/** A mailbox that is to be looked at. */
type Candidate = {
  readonly name: MailboxName;
  readonly subscribed: boolean | null;
  /** Does the store list it? */
  readonly isListed: boolean;
  /** Was it about to be changed when the last run ended? */
  readonly isUnsettled: boolean;
  /** As the catalog knows it; undefined where it does not. */
  readonly summary: MailboxSummary | undefined;
};

async function lookAtStore(bench: Bench, options: SurveyOptions): Promise<Sighting> {
  const listing = await bench.store.list();
  const summaries = new Map(bench.catalog.summaries().map((summary) => [summary.state.name, summary]));
  const troubles = listing.troubles.filter(({ subject }) => !isForSettle(summaries.get(subject)));
  const isOutOfSight = troubled(troubles);
  const unseen = [...summaries].flatMap(([name, { stored }]) => (stored && isOutOfSight.has(name) ? [name] : []));
  const findings: Findings = {
    ...{ messages: 0, isWhole: true, looked: [], traces: new Map(), troubles },
    unseen: new Set(unseen),
  };
  for (const candidate of candidatesIn(bench, listing, summaries)) {
    await heedInterruption(bench);
    try {
      await lookAt(bench, candidate, options, findings);
    } catch (cause) {
      // One mailbox that cannot be read is left as it was known; the others go on.
      if (!isOfOneThing(cause)) throw cause;
      const { name, summary } = candidate;
      if (!isForSettle(summary)) {
        troubles.push({ subject: name, failure: cause });
        findings.unseen.add(name);
      }
      findings.messages += summary === undefined ? 0 : heldBy(summary);
    }
  }
  const looks = await lookBehindUntaken(bench, findings.looked, findings);
  await heedInterruption(bench);
  for (const look of looks) for (const trouble of look.troubles) troubles.push(trouble);
  const remembered = [...summaries.values()].reduce((sum, summary) => sum + heldBy(summary), 0);
  return { ...findings, looks, remembered, mailboxes: listing.mailboxes.length };
}

/** The mailboxes that the store lists, then those that it held and does not list any more. */
function candidatesIn(
  { catalog }: Pick<Bench, 'catalog'>,
  listing: StoreListing,
  summaries: ReadonlyMap<MailboxName, MailboxSummary>,
): Candidate[] {
  const unsettled = new Set(unsettledMailboxes(catalog));
  const listed = new Set(listing.mailboxes.map(({ name }) => name));
  const isUntold = troubled(listing.troubles);
  const unlisted = [...summaries.values()].filter(({ stored, state: { name } }) => {
    return stored && !listed.has(name) && !isUntold.has(name);
  });
  const expected = unlisted.map(({ state }) => ({ name: state.name, subscribed: false }));
  return [...listing.mailboxes, ...expected].map(({ name, subscribed }) => ({
    ...{ name, subscribed, isListed: listed.has(name) },
    ...{ isUnsettled: unsettled.has(name), summary: summaries.get(name) },
  }));
}

/** Looks at one mailbox, and adds what it finds. Throws what the store does where it cannot be read. */
async function lookAt(
  bench: Bench,
  { name, subscribed, isListed, isUnsettled, summary }: Candidate,
  { unnumbered, adjust }: SurveyOptions,
  findings: Findings,
): Promise<void> {
  const familiar = summary?.stored === true && summary.storeSubscribed === (subscribed ?? false);
  const known = familiar ? summary.fingerprint : null;
  const announced = isUnsettled ? announcedRefs(bench.copy.get(name)) : new Set<string>();
  const scanWith = (how: Unnumbered) =>
    scanToCompare(
      () => bench.copy.get(name),
      (seen) =>
        scanOf(bench, name, { known, announced, unnumbered: how, seen: adjust === undefined ? seen : undefined }),
    );
  const scan = await scanWith(unnumbered).catch(async (cause: unknown) => {
    if (unnumbered !== 'assign' || !isOfOneThing(cause)) throw cause;
    // A full disk takes no UIDs; what users did with the mail that has one can be seen all the same.
    const seen = await scanWith('leave');
    findings.isWhole = false;
    if (!isForSettle(summary)) findings.troubles.push({ subject: name, failure: cause });
    return seen;
  });
  if (scan === 'unchanged') {
    findings.messages += summary === undefined ? 0 : heldBy(summary);
  } else if (scan !== null || !isListed) {
    const adjusted = scan === null ? null : (adjust?.(name, scan) ?? scan);
    const look = await compare(bench, bench.copy.get(name), adjusted, { subscribed });
    findings.messages += look.messages;
    findings.traces.set(name, scan?.fetchers ?? []);
    findings.looked.push({ look, scan: adjusted, subscribed });
  }
}

/** Throws `guard` where so much mail is gone that it may not have been meant. */
function refuseLoss(
  { looks, messages, remembered }: Sighting,
  { allowExpunge, deleteMax }: SurveyOptions,
  store: string,
): void {
  const found = looks.map((look) => look.observation);
  const says = goneFrom(store);
  guardDeleteLimit(deleteMax, { expunged: totalOf([deletionsSeen(found)]).messages, messages: remembered, says });
  if (allowExpunge) return;
  guardAgainstEmptyStore(remembered, messages, store);
  for (const look of looks) guardAgainstOldMail(look.before, look.observation);
  const expunged = found.reduce((sum, { changes }) => sum + changes.expunged, 0);
  const born = found.reduce((sum, { changes }) => sum + changes.born, 0);
  guardAgainstMassExpunge(expunged - born, remembered, says);
}

/** Puts what was seen into the catalog's open transaction. */
async function noteSighting(bench: Bench, { looks, isWhole, unseen, traces }: Sighting): Promise<void> {
  const { catalog, copy, store } = bench;
  const hasPeers = catalog.peers().length > 0;
  const observations = looks.map((look) => look.observation);
  const departed = unlinkedDepartures(catalog);
  const hidden = [...unseen].map((name) => copy.get(name).state);
  const sources = [...departed, ...hidden.map((state) => sourcesIn(state, state.instances.values()))];
  for (const known of linkMoves(observations, sources)) {
    const before = copy.get(known.state.name);
    if (hasPeers) catalog.addDeparted(departuresBetween(before.state, known.state, catalog.identity.hostId));
    copy.put(known);
  }
  rememberUnlinked(catalog, isWhole && unseen.size === 0 ? [] : [...departed, ...observations.map(departedIn)]);
  addUnsettled(
    catalog,
    looks.filter(isOutOfStep).map(({ before }) => before.state.name),
  );
  for (const look of looks) noteLook(bench, look);
  rememberTraces(catalog, { beside: await store.fetchers(), looked: traces });
}

type Looked = { readonly look: Look; readonly scan: Scan | null; readonly subscribed: boolean | null };

/**
 * Looks once more where messages went that may be among the files which are not taken in mailboxes that were looked at
 * later. A mailbox that went with such messages is left as it was known.
 */
async function lookBehindUntaken(
  bench: Bench,
  looked: readonly Looked[],
  { troubles, unseen }: { readonly troubles: Trouble[]; readonly unseen: Set<MailboxName> },
): Promise<Look[]> {
  const looks: Look[] = [];
  for (const { look, scan, subscribed } of looked) {
    const { before, observation } = look;
    const { name } = before.state;
    const [hidden] = observation.expunged.length === 0 ? [] : hiddenBehind(bench, before, scan);
    if (hidden === undefined) looks.push(look);
    else if (scan !== null) looks.push(await compare(bench, before, scan, { subscribed }));
    else {
      troubles.push({ subject: name, failure: goneBehind(name) });
      unseen.add(name);
    }
  }
  return looks;
}

/** Has the store to be given back what it has lost, even where nothing else is to be done in the mailbox? */
function isOutOfStep({ observation: { known, changes } }: Look): boolean {
  const { storeUids, state } = known;
  const isStrange =
    storeUids !== null && state.validity !== null && storeUids.uidValidity !== state.validity.uidValidity;
  return changes.lost.length > 0 || isStrange;
}

/** Half a mailbox that is to be made, or removed, is work for `settle`, which says what is in the way. */
function isForSettle(summary: MailboxSummary | undefined): boolean {
  return summary !== undefined && isMisplaced(summary);
}

/**
 * Could the listing not tell whether it is there? With directories within directories that holds for all that is below
 * one, too.
 */
function troubled(troubles: readonly Trouble[]): { has(name: MailboxName): boolean } {
  const subjects = new Set(troubles.map(({ subject }) => subject));
  return {
    has(name) {
      for (let at = name.length; at > 0; at = name.lastIndexOf('/', at - 1)) {
        if (subjects.has(name.slice(0, at))) return true;
      }
      return false;
    },
  };
}

async function scanOf(
  { store }: Pick<Bench, 'store'>,
  name: MailboxName,
  {
    known,
    announced,
    unnumbered,
    seen,
  }: {
    readonly known: string | null;
    readonly announced: ReadonlySet<string>;
    readonly unnumbered: Unnumbered;
    readonly seen: ScanOptions['seen'] | undefined;
  },
): Promise<Scan | 'unchanged' | null> {
  const asked = { known, assignUids: unnumbered === 'assign', announced };
  const scan = await store.scan(name, seen === undefined ? asked : { ...asked, seen });
  return unnumbered === 'leave' ? withoutUnnumbered(scan) : scan;
}

function withoutUnnumbered(scan: Scan | 'unchanged' | null): Scan | 'unchanged' | null {
  if (scan === null || scan === 'unchanged' || scan.uids === null) return scan;
  const messages = scan.messages.filter(({ uid }) => uid !== null);
  return messages.length === scan.messages.length ? scan : { ...scan, messages, fingerprint: null };
}

function heldBy(summary: MailboxSummary): number {
  return summary.messages - summary.waiting + summary.leftovers;
}

function isChange(changes: LocalChanges): boolean {
  return (
    changes.born + changes.expunged + changes.rewritten + changes.flagged + changes.renumbered > 0 ||
    changes.created ||
    changes.deleted ||
    changes.lost.length > 0 ||
    changes.uidValidity !== null
  );
}

function renames(looks: readonly Look[]): { from: MailboxName; to: MailboxName }[] {
  const gone = new Map<string, KnownMailbox>();
  for (const { before, observation } of looks) {
    if (observation.changes.deleted && before.mailboxId !== null) gone.set(before.mailboxId, before);
  }
  return looks.flatMap(({ observation }) => {
    const { mailboxId, state } = observation.known;
    const before = observation.changes.created && mailboxId !== null ? gone.get(mailboxId) : undefined;
    return before === undefined ? [] : [{ from: before.state.name, to: state.name }];
  });
}
