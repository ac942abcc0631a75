import assert from 'node:assert/strict';
import { inbox, type MailboxName } from '../../../src/mail/mailbox-name.js';
import type { MailboxNews } from '../../../src/replica/mailbox-news.js';
import type { Right } from '../../../src/replica/peer-permission.js';
import type { ModelBundle } from '../model-bundle.js';
import { agree, dovecot, exported, hostsOf, inAgreement, swap } from '../model-deeds.js';
import type { ModelHost } from '../model-host.js';

// Hosts of which one may do less than everything to another.

export type Hosts = [home: ModelHost, cabin: ModelHost, ship: ModelHost];

/** Home and the cabin have one, two and three, and home limits the cabin from now on. The ship has nothing and is limited by nobody. */
export function limited(right: Right): Hosts {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  const [, , ship] = hostsOf(dovecot, dovecot, dovecot) as Hosts;
  home.limit(cabin.id, right);
  return [home, cabin, ship];
}

export function tell(from: ModelHost, to: ModelHost): ModelBundle {
  const bundle = exported(from, [from, to]);
  to.import([bundle]);
  return bundle;
}

export function newsOf(from: ModelHost, to: ModelHost, mailbox: MailboxName = inbox): MailboxNews {
  const news = exported(from, [from, to]).news.find(({ name }) => name === mailbox);
  assert.ok(news !== undefined);
  return news;
}

/** Home gives every right again: everything comes together. */
export function reconcile(hosts: readonly ModelHost[]): void {
  for (const host of hosts) for (const { id } of hosts) host.limit(id, 'full');
  swap(hosts);
  swap(hosts);
  agree(hosts);
}
