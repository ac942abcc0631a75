import { bytes } from '../../../mail/size-for-people.js';
import { counted } from '../../format/format-amounts.js';

/** How many decisions of each kind were taken; kinds that nobody knows are passed over. */
type DecisionCounts = Readonly<Record<string, number>>;

/** `4 new messages (1.2 kB)`, `flags of 3 messages`, ...: what changed, in the order in which it matters. */
export function totalsText(
  counts: DecisionCounts,
  { newBytes, expungedIn }: { readonly newBytes: number | null; readonly expungedIn: number },
): string[] {
  const of = (...kinds: readonly string[]): number => kinds.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  const size = newBytes === null ? '' : ` (${bytes(newBytes)})`;
  const parts: readonly (readonly [count: number, say: (count: number) => string])[] = [
    [of('new'), (n) => counted(n, 'new message') + size],
    [of('awaited'), (n) => `${counted(n, 'message')} whose ${n === 1 ? 'text was' : 'texts were'} waited for`],
    [of('unified'), (n) => `${counted(n, 'message')} on both sides already`],
    [of('flags', 'moved-flags'), (n) => `flags of ${counted(n, 'message')}`],
    [of('rewritten'), (n) => `${n} written anew`],
    [
      of('expunged'),
      (n) => `${n} expunged${expungedIn > 1 ? ` in ${counted(expungedIn, 'mailbox', 'mailboxes')}` : ''}`,
    ],
    [of('restored'), (n) => `${counted(n, 'message')} brought back`],
    [of('forgotten'), (n) => `${counted(n, 'message')} forgotten`],
    [of('renumbered'), (n) => `${n} renumbered`],
    [of('uidvalidity'), (n) => `UIDVALIDITY changed in ${counted(n, 'mailbox', 'mailboxes')}`],
    [of('created'), (n) => `${counted(n, 'mailbox', 'mailboxes')} created`],
    [of('deleted'), (n) => `${counted(n, 'mailbox', 'mailboxes')} deleted`],
    [of('subscribed'), (n) => counted(n, 'subscription')],
    [of('flag-conflict', 'expunge-won', 'kept'), (n) => `${counted(n, 'conflict')} settled`],
  ];
  return parts.flatMap(([count, say]) => (count > 0 ? [say(count)] : []));
}
