import fc from 'fast-check';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { ModelHost } from './model-host.js';
import { carry, dispute, exchangeTogether } from './model-run.js';
import { worldOf } from './model-scenes.js';
import type { World } from './model-world.js';

// Mailboxes that travel in parts: what must be true after each of them, and not only in the end.

/** A mailbox that two hosts have made what it is, and how many new messages a part of it holds. */
export type MailboxInParts = {
  /** Delivered to the one host or to the other; both exchange where it says so. */
  readonly past: readonly ('first' | 'second' | 'exchange')[];
  readonly expunged: readonly number[];
  readonly flagged: readonly number[];
  readonly messagesMax: number;
};

export const mailboxesInParts: fc.Arbitrary<MailboxInParts> = fc.record({
  past: fc.array(fc.constantFrom('first', 'first', 'first', 'second', 'exchange'), { minLength: 6, maxLength: 18 }),
  expunged: fc.array(fc.nat(17), { maxLength: 3 }),
  flagged: fc.array(fc.nat(17), { maxLength: 3 }),
  messagesMax: fc.integer({ min: 1, max: 4 }),
});

/**
 * A third host that has nothing yet is told of the mailbox part by part: after each it has the first messages by UID just as they
 * are at the sender, and none of them is ever given another UID or written twice.
 */
export function tellInParts({ past, expunged, flagged, messagesMax }: MailboxInParts, rules?: Rules): string | null {
  const world = worldOf(3, rules);
  const [first, second, newcomer] = world.hosts as [ModelHost, ModelHost, ModelHost];
  for (const { store } of [first, second]) store.create(inbox, 100);
  const pair = { hosts: [first, second], bundles: world.bundles } as unknown as World;
  for (const [n, what] of past.entries()) {
    if (what === 'exchange') exchangeTogether(pair);
    else (what === 'first' ? first : second).store.deliver(inbox, `text${n}`, [], 100);
  }
  for (let round = 0; round < 3; round++) exchangeTogether(pair);
  const messages = messagesOf(first);
  for (const n of expunged) first.store.mailboxes.get(inbox)?.messages.delete(messages[n]?.ref ?? '');
  for (const n of flagged) messages[n]?.flags.add('\\Flagged');
  const wanted = messagesOf(first).map(lineOf);
  for (let told = 0; told < wanted.length; ) {
    const bundle = first.export({ to: [newcomer.id], base: 'heard', withholds: () => false, messagesMax });
    newcomer.import([bundle]);
    first.import([newcomer.export({ to: [first.id], base: 'heard', withholds: () => false })]);
    const lines = messagesOf(newcomer).map(lineOf);
    if (lines.length <= told) return `nothing came after ${told}`;
    if (lines.join('\n') !== wanted.slice(0, lines.length).join('\n')) return `it has\n${lines.join('\n')}`;
    told = lines.length;
  }
  const { delivered } = newcomer.store.tally;
  if (delivered !== wanted.length) return `${delivered} were written, and there are ${wanted.length}`;
  for (let round = 0; round < 2; round++) exchangeTogether(world);
  return dispute(world.hosts);
}

/** Two hosts with the same mail and a little of their own; how many messages a part holds. */
export type CopiesInParts = { readonly shared: number; readonly own: readonly number[]; readonly messagesMax: number };

export const copiesInParts: fc.Arbitrary<CopiesInParts> = fc.record({
  shared: fc.integer({ min: 2, max: 8 }),
  own: fc.tuple(fc.nat(3), fc.nat(3)),
  messagesMax: fc.integer({ min: 1, max: 4 }),
});

/** The one says everything, the other answers in parts: no message that was there is missing after any of them, or written anew. */
export function answerInParts({ shared, own, messagesMax }: CopiesInParts, rules?: Rules): string | null {
  for (const [sender, receiver] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const world = worldOf(2, rules);
    for (const [n, { store }] of world.hosts.entries()) {
      store.create(inbox, 100);
      for (let text = 0; text < shared; text++) store.deliver(inbox, `text${text}`, [], 100);
      for (let text = 0; text < (own[n] ?? 0); text++) store.deliver(inbox, `own${n}.${text}`, [], 100);
    }
    const hosts = world.hosts as [ModelHost, ModelHost];
    const had = messagesOf(hosts[receiver]).map(({ text }) => text);
    carry(world, receiver, sender);
    for (let turn = 0; turn < shared + 4; turn++) {
      const to = [hosts[receiver].id];
      hosts[receiver].import([hosts[sender].export({ to, base: 'heard', withholds: () => false, messagesMax })]);
      const texts = new Set(messagesOf(hosts[receiver]).map(({ text }) => text));
      const missing = had.find((text) => !texts.has(text));
      if (missing !== undefined) return `${missing} is missing after ${turn + 1} parts`;
      carry(world, receiver, sender);
    }
    exchangeTogether(world);
    const { delivered } = hosts[receiver].store.tally;
    if (delivered !== (own[sender] ?? 0)) return `${delivered} messages were written`;
    const disputed = dispute(world.hosts);
    if (disputed !== null) return disputed;
  }
  return null;
}

function messagesOf({ store }: ModelHost) {
  return [...(store.mailboxes.get(inbox)?.messages.values() ?? [])].sort((a, b) => a.uid - b.uid);
}

function lineOf({ uid, text, flags }: { uid: number; text: string; flags: ReadonlySet<string> }): string {
  return [uid, text, ...[...flags].sort()].join(' ');
}
