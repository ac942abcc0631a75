import { Failure } from '../../src/failure.js';
import type { MailboxChange } from '../../src/mail/mailbox-change.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { ChangeOutcome, MailStore } from '../../src/store/interface/mail-store.js';

/** The program dies. */
export class Crash extends Error {}

/** What goes wrong at the next step, if anything does. */
export type Fault = 'none' | 'refused' | 'half' | 'half and gone' | 'crash before' | 'crash after';

/**
 * A store on whose disk things go wrong: it is full, it may not be written to, the power goes. `next` is asked before each change of a
 * mailbox, and before every other step, such as a look at one.
 */
export function faultyStore(
  store: MailStore,
  next: (step: 'change' | 'other', mailbox: MailboxName) => Fault,
): MailStore {
  async function stumbling<T>(mailbox: MailboxName, step: () => Promise<T>): Promise<T> {
    const fault = next('other', mailbox);
    if (fault === 'crash before') throw new Crash();
    if (fault !== 'none' && fault !== 'crash after') throw refusal(mailbox);
    const answer = await step();
    if (fault === 'crash after') throw new Crash();
    return answer;
  }

  async function change(mailbox: MailboxName, wanted: MailboxChange): Promise<ChangeOutcome> {
    const fault = next('change', mailbox);
    if (fault === 'none') return store.change(mailbox, wanted);
    if (fault === 'crash before') throw new Crash();
    if (fault !== 'refused') await store.change(mailbox, fault === 'crash after' ? wanted : firstHalf(wanted));
    if (fault === 'half and gone' || fault === 'crash after') throw new Crash();
    return {
      outcome: 'failed',
      troubles: [{ subject: mailbox, failure: refusal(mailbox) }],
      unstorable: [],
      stamps: new Map(),
      given: new Map(),
    };
  }

  return {
    ...store,
    change,
    scan: (mailbox, options) => stumbling(mailbox, () => store.scan(mailbox, options)),
    hold: (mailbox) => stumbling(mailbox, () => store.hold(mailbox)),
    removeMailbox: (mailbox) => stumbling(mailbox, () => store.removeMailbox(mailbox)),
    subscribe: (mailbox, on) => stumbling(mailbox, () => store.subscribe(mailbox, on)),
  };
}

/** As where the disk is full after some files: what comes later, and all that is done at the end, is not done. */
function firstHalf(change: MailboxChange): MailboxChange {
  const deliver = change.deliver.slice(0, Math.floor(change.deliver.length / 2));
  const uidNext = change.deliver[deliver.length]?.uid ?? change.uidNext;
  const renumber = change.renumber.filter(({ uid }) => uid < uidNext);
  return { ...change, uidNext, renumber, deliver, setFlags: [], expunge: [] };
}

function refusal(mailbox: MailboxName): Failure {
  return new Failure('io', `changing ${mailbox}: ENOSPC: no space left on device`);
}
