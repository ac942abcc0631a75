import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import { sameOf, type TextId, textIdOf } from '../../src/mail/text/text-guid-and-second-digest.js';
import type { Decision } from '../../src/merge/merge-decision.js';
import type { GivenUp } from '../../src/merge/send/split-news.js';
import type { MailboxState } from '../../src/replica/mailbox-state.js';

/** Mail that went from the mailboxes of one host, and for which other mail was kept: what the catalog remembers of it. */
export class ModelGone {
  private readonly gone = new Map<MailboxName, Set<Guid>>();

  private readonly givenUp = new Map<MailboxName, GivenUp[]>();

  note(before: MailboxState, after: MailboxState): void {
    for (const [birth, instance] of before.instances) {
      if (after.instances.has(birth)) continue;
      this.gone.set(before.name, (this.gone.get(before.name) ?? new Set()).add(sameOf(instance)));
    }
  }

  noteGivenUp(mailbox: MailboxName, decisions: readonly Decision[]): void {
    const rows = decisions.flatMap((one) => (one.kind === 'unified' ? [{ birth: one.dropped, ...textIdOf(one) }] : []));
    this.givenUp.set(mailbox, [...this.givenUpIn(mailbox), ...rows]);
  }

  givenUpIn(mailbox: MailboxName): readonly GivenUp[] {
    return this.givenUp.get(mailbox) ?? [];
  }

  has(mailbox: MailboxName, mail: TextId): boolean {
    return this.gone.get(mailbox)?.has(sameOf(mail)) === true;
  }
}
