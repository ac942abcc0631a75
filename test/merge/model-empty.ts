import fc from 'fast-check';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { plausibleFromS } from '../../src/merge/uids/make-new-uidvalidity.js';
import type { ModelHost } from './model-host.js';
import { carry, dispute, exchangeTogether } from './model-run.js';
import type { HostTraits } from './model-schedule.js';
import { World } from './model-world.js';

// Mail clients that wait in a mailbox which is still empty: its UIDVALIDITY must not change under them.

/** One host makes a mailbox; then it is carried about, and mail comes, in this order. */
export type EmptyMailbox = {
  readonly hosts: readonly HostTraits[];
  readonly maker: number;
  /** Which host's news goes where; then mail for these; then again. */
  readonly carried: readonly (readonly [from: number, to: number])[];
  readonly delivered: readonly number[];
  readonly carriedLater: readonly (readonly [from: number, to: number])[];
};

const way = fc.tuple(fc.nat(3), fc.nat(3));

export const emptyMailboxes: fc.Arbitrary<EmptyMailbox> = fc.record({
  hosts: fc.array(
    fc.record({
      givesUids: fc.constantFrom(true, true, false),
      isNarrow: fc.constant(false),
      clock: fc.constantFrom('right', 'right', 'start', 'ahead'),
    }),
    { minLength: 2, maxLength: 4 },
  ),
  maker: fc.nat(3),
  carried: fc.array(way, { maxLength: 8 }),
  delivered: fc.array(fc.nat(3), { maxLength: 4 }),
  carriedLater: fc.array(way, { maxLength: 8 }),
});

const mailbox: MailboxName = 'Work';

/** Whoever has the mailbox in a store that gives out UIDs goes on having it under the UIDVALIDITY that it had there first. */
export function waitInEmptyMailbox(
  { hosts: traits, maker, carried, delivered, carriedLater }: EmptyMailbox,
  rules?: Rules,
): string | null {
  const world = new World({ hosts: traits, begin: 'nothing', deeds: [], finish: 'together' }, rules && { rules });
  const hosts = world.hosts;
  const at = (n: number): ModelHost => hosts[n % hosts.length] as ModelHost;
  const first = new Map<ModelHost, number>();
  let complaint: string | null = null;
  const look = (when: string): void => {
    for (const [n, host] of hosts.entries()) {
      const box = host.store.mailboxes.get(mailbox);
      if (box === undefined || !host.store.givesUids) continue;
      const was = first.get(host);
      if (was === undefined) first.set(host, box.uidValidity);
      else if (was !== box.uidValidity) complaint ??= `${when}: ${was} became ${box.uidValidity} on host ${n}`;
    }
  };
  const go = (ways: EmptyMailbox['carried'], when: string): void => {
    for (const [from, to] of ways) {
      world.nowS += 1;
      world.setClocks();
      if (from % hosts.length !== to % hosts.length) carry(world, from % hosts.length, to % hosts.length);
      look(when);
    }
  };
  at(maker).store.create(mailbox, plausibleFromS + 7);
  go(carried, 'while it is empty');
  for (const n of delivered) {
    if (at(n).store.mailboxes.has(mailbox)) at(n).store.deliver(mailbox, `text${n}`, [], world.nowS);
  }
  go(carriedLater, 'with mail');
  for (let round = 0; round < 3; round++) {
    exchangeTogether(world);
    look('in the end');
  }
  return complaint ?? dispute(hosts);
}
