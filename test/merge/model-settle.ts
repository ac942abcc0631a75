import type { Flag } from '../../src/mail/flags.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import { type Plan, plan } from '../../src/merge/deliver/plan-store-changes.js';
import { applied } from '../../src/merge/deliver/record-applied-change.js';
import type { ImportChoice } from './model-bundle.js';
import type { ModelHost } from './model-host.js';

/** How often a mailbox is planned anew in one run. */
const roundsMax = 8;

function planOf(host: ModelHost, mailbox: MailboxName): Plan {
  return plan(host.known(mailbox), {
    copyOf: (mail) => host.copyOf(mail),
    spooled: host.spooled(),
    chooseRef: (hint, taken) => {
      let ref = hint;
      for (let n = 0; taken.has(ref) || host.store.mailboxes.get(mailbox)?.messages.has(ref) === true; n++) {
        ref = `${hint}+${n}`;
      }
      return ref;
    },
    nowS: host.nowS,
  });
}

/** Brings the store to what the state says, looking again after every change. */
export function settle(host: ModelHost, { interruption, meanwhile }: ImportChoice): void {
  host.isUnsettled = true;
  let open = [...host.catalog.keys()].sort();
  let disturb = meanwhile;
  for (let round = 0; open.length > 0 && round < roundsMax; round++) {
    for (const mailbox of open) host.renumber(mailbox);
    const works = open.map((mailbox) => ({ mailbox, work: planOf(host, mailbox) }));
    for (const { mailbox, work } of works) host.catalog.set(mailbox, work.announced);
    const needed = new Set(
      works.flatMap(({ mailbox, work }) =>
        (work.change?.deliver ?? []).flatMap(({ text }) =>
          text === 'spool' || text.mailbox === mailbox ? [] : [`${text.mailbox}/${text.ref}`],
        ),
      ),
    );
    open = [];
    for (const { mailbox, work } of works) {
      if (work.change === null && !work.remove && work.subscribe === null) continue;
      disturb?.();
      disturb = null;
      let unstorable: readonly Flag[] = [];
      if (work.change !== null) {
        const expunge = work.change.expunge.filter(({ ref }) => !needed.has(`${mailbox}/${ref}`));
        host.setApart(
          mailbox,
          [...expunge, ...work.change.renumber].map(({ ref }) => ref),
        );
        const change = { ...work.change, expunge };
        const context = { spool: host.spool, interruption };
        const outcome = host.store.change(mailbox, change, context);
        if (outcome === null) return;
        unstorable = outcome.unstorable;
        if (outcome.outcome === 'done') {
          host.catalog.set(mailbox, applied(host.known(mailbox), change, outcome));
        }
      }
      if (work.remove) host.store.remove(mailbox);
      if (work.subscribe === true) host.store.subscribed.add(mailbox);
      if (work.subscribe === false) host.store.subscribed.delete(mailbox);
      const before = host.known(mailbox);
      const observation = host.look(mailbox, unstorable);
      host.catalog.set(mailbox, observation.known);
      host.witness.observed(host, before, observation.known, observation);
      open.push(mailbox);
    }
  }
  if (open.length > 0) return;
  host.isUnsettled = false;
  host.spool = new Set();
}
