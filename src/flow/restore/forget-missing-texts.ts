import type { Bench } from '../../apply/context/run-context.js';
import { settle } from '../../apply/execute/plan-and-execute-mailboxes.js';
import { addUnsettled } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { textlessIn } from '../../check/missing-texts.js';
import { Failure } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { indexTexts } from '../../mail/text/text-guid-and-second-digest.js';
import { giveUp } from '../../merge/change/give-up-lost-messages.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import type { ForgetMessage, ForgetReport } from '../reports/run-report-types.js';
import { beginRun, performRun, scanReportOf } from '../run/begin-run.js';
import { benchFor, type Session } from '../session/account-session.js';
import { spooledTexts } from '../trash/spooled-texts.js';
import { isGuidOf } from './restore-selection.js';

/** What is to be forgotten: what every criterion takes; a criterion without an entry takes everything. */
export type ForgetSelection = {
  /** Patterns of mailbox names. */
  readonly mailboxes: readonly string[];
  /** The first digits of guids. */
  readonly messages: readonly string[];
};

export type ForgetOptions = {
  readonly dryRun: boolean;
  /** Null: nothing is forgotten, only all that waits is shown. */
  readonly selection: ForgetSelection | null;
};

/**
 * Gives up messages whose texts are lost: they are expunged as this host's own change, which travels to the others as
 * any expunge does. Those whose text some peer should have are left. Nothing is noted as departed: no peer has the
 * texts, and should one turn up, it has to travel.
 */
export async function forgetLost(session: Session, { selection, dryRun }: ForgetOptions): Promise<ForgetReport> {
  if (selection === null) {
    const messages = (await waitingMessages(session, benchFor(session))).map(({ message }) => message);
    return { kind: 'forget', dryRun: false, isListing: true, messages, troubles: [] };
  }
  return performRun(session, { dryRun }, async () => {
    const run = await beginRun(session, { dryRun, allowExpunge: false });
    const { bench } = run;
    const chosen = (await waitingMessages(session, bench)).filter(({ message }) => selects(selection, message));
    const lost = chosen.filter(({ message }) => message.outcome === 'lost');
    const troubles = dryRun || lost.length === 0 ? [] : await forget(session, bench, lost);
    const messages = chosen.map(
      ({ message }): ForgetMessage =>
        dryRun || message.outcome === 'held' ? message : { ...message, outcome: 'forgotten' },
    );
    return {
      kind: 'forget',
      dryRun,
      isListing: false,
      messages,
      troubles: [...scanReportOf(run).troubles, ...leftFor(messages), ...troubles],
    };
  });
}

type Waiting = { readonly birth: BirthKey; readonly message: ForgetMessage };

/**
 * By mailbox and UID. What lies in the spool, or is for a mailbox that is not in the store, waits for something else
 * than its text.
 */
async function waitingMessages(
  { spool }: Pick<Session, 'spool'>,
  { catalog, copy }: Pick<Bench, 'catalog' | 'copy'>,
): Promise<Waiting[]> {
  const peers = recipientsOf(catalog);
  const spooled = indexTexts(await spool.texts());
  return catalog
    .summaries()
    .filter(({ stored, waiting }) => stored && waiting > 0)
    .flatMap(({ state: { name: mailbox } }) => {
      const known = copy.get(mailbox);
      const uidValidity = known.state.validity?.uidValidity;
      return textlessIn(catalog, known, peers)
        .filter(({ instance }) => spooled.find(instance) === null)
        .sort((a, b) => a.instance.uid.uid - b.instance.uid.uid)
        .map(({ instance: { birth, guid, sizeBytes, receivedS, uid }, holders }): Waiting => {
          const shownUid = uid.uidValidity === uidValidity ? uid.uid : null;
          const outcome = holders.length > 0 ? 'held' : 'lost';
          const message = { mailbox, uid: shownUid, guid, sizeBytes, receivedS, holders, outcome } as const;
          return { birth: birthKey(birth), message };
        });
    });
}

function selects({ mailboxes, messages }: ForgetSelection, { mailbox, guid }: ForgetMessage): boolean {
  return (
    mailboxFilter(mailboxes)(mailbox) && (messages.length === 0 || messages.some((digits) => isGuidOf(digits, guid)))
  );
}

/** Commits it, and then lets mailboxes go that nothing but these messages kept alive. */
async function forget(session: Session, bench: Bench, lost: readonly Waiting[]): Promise<Trouble[]> {
  const { catalog, store } = session;
  const self = catalog.identity.hostId;
  const births = new Map<MailboxName, Set<BirthKey>>();
  for (const { birth, message } of lost) {
    births.set(message.mailbox, (births.get(message.mailbox) ?? new Set()).add(birth));
  }
  const mailboxes = [...births.keys()];
  catalog.transaction(() => {
    for (const [mailbox, gone] of births) bench.copy.put(giveUp(bench.copy.get(mailbox), gone, self));
    addUnsettled(catalog, mailboxes);
    catalog.log({
      atS: bench.nowS(),
      what: 'forget',
      details: {
        target: store.description,
        mailboxes: [...births].map(([mailbox, gone]) => ({ mailbox, decisions: { forgotten: gone.size } })),
      },
    });
  });
  const settled = await settle(bench, mailboxes, await spooledTexts(session));
  return [...settled.values()].flatMap(({ troubles }) => troubles);
}

/** Of each mailbox, what was chosen and is left because its text may still come. */
function leftFor(messages: readonly ForgetMessage[]): Trouble[] {
  const held = messages.filter(({ outcome }) => outcome === 'held');
  return [...new Set(held.map(({ mailbox }) => mailbox))].map((mailbox) => {
    const left = held.filter((message) => message.mailbox === mailbox);
    const names = [...new Set(left.flatMap(({ holders }) => holders))].sort().join(', ');
    const what = left.length === 1 ? 'a message' : `${left.length} messages`;
    const texts = left.length === 1 ? 'its text' : 'their texts';
    return {
      subject: mailbox,
      failure: new Failure(
        'guard',
        `forgetting ${what} of ${mailbox}: ${names} should have ${texts}; ${left.length === 1 ? 'it was' : 'they were'} left`,
        {
          hint: `Exchange with ${names} first: every bundle asks for what is missing. A host that is gone for good can be revoked with "mrepl peers revoke".`,
        },
      ),
    };
  });
}
