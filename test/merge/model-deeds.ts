import assert from 'node:assert/strict';
import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';
import type { ModelBundle } from './model-bundle.js';
import type { ModelHost } from './model-host.js';
import { dispute } from './model-run.js';
import type { HostTraits } from './model-schedule.js';
import { World } from './model-world.js';

// What a told history needs: hosts, and the deeds of their users.

export const dovecot: HostTraits = { givesUids: true, isNarrow: false };
export const plainMaildir: HostTraits = { ...dovecot, givesUids: false };

export function hostsOf(...traits: readonly HostTraits[]): ModelHost[] {
  return new World({ hosts: traits, begin: 'nothing', deeds: [], finish: 'together' }).hosts;
}

/** All export at the same moment; then all import what the others said. */
export function swap(hosts: readonly ModelHost[], { texts = true } = {}): ModelBundle[] {
  const bundles = hosts.map((host) => exported(host, hosts, texts));
  for (const host of hosts) host.import(bundles.filter(({ from }) => from !== host.id));
  return bundles;
}

export function exported(host: ModelHost, to: readonly ModelHost[], texts = true): ModelBundle {
  const others = to.filter((each) => each !== host).map(({ id }) => id);
  return host.export({ to: others, base: 'heard', withholds: () => !texts });
}

/** A mailbox as a mail client shows it: `4 letter \Seen`. */
export function shown(host: ModelHost, mailbox: MailboxName = inbox): string[] {
  const messages = [...(host.store.mailboxes.get(mailbox)?.messages.values() ?? [])].sort((a, b) => a.uid - b.uid);
  return messages.map(({ uid, text, flags }) => [uid, text, ...[...flags].sort()].join(' '));
}

export function message(host: ModelHost, text: string, mailbox: MailboxName = inbox) {
  const found = [...(host.store.mailboxes.get(mailbox)?.messages.values() ?? [])].find((each) => each.text === text);
  assert.ok(found !== undefined, `${text} is not in ${mailbox}`);
  return found;
}

export function expunge(host: ModelHost, text: string, mailbox: MailboxName = inbox): void {
  host.store.mailboxes.get(mailbox)?.messages.delete(message(host, text, mailbox).ref);
}

export function deliver(host: ModelHost, ...texts: readonly string[]): void {
  for (const text of texts) host.store.deliver(inbox, text, [], 100);
}

/** Two hosts or more that have the same three letters under UIDs 1 to 3. */
export function inAgreement(...traits: readonly HostTraits[]): ModelHost[] {
  const hosts = hostsOf(...traits);
  deliver(hosts[0] as ModelHost, 'one', 'two', 'three');
  swap(hosts);
  for (const host of hosts.filter(({ store }) => store.givesUids)) {
    assert.deepEqual(shown(host), ['1 one', '2 two', '3 three']);
  }
  return hosts;
}

export function agree(hosts: readonly ModelHost[]): void {
  assert.equal(dispute(hosts), null);
}
