import fc from 'fast-check';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { ModelHost } from './model-host.js';
import { untilAgreed } from './model-run.js';
import { worldOf } from './model-scenes.js';

// Circles: of mail that several hosts have of their own, one is given up for another on each host that hears of both. Where one host enters anew what it has
// or had, nobody may come to give up the one for the other, and somebody else the other for the one.

/**
 * hears: a host hears another one. returns: a user takes the message away, and puts it back later. restored: another one expunged it, and the host brings it back.
 */
type Deed = readonly [what: 'hears' | 'returns' | 'restored', host: number, other: number];

export type Circle = {
  readonly hosts: number;
  readonly before: readonly Deed[];
  /** Of which host all then come to know that it told two stories; of none where null. */
  readonly teller: number | null;
  readonly after: readonly Deed[];
};

const deeds = (maxLength: number): fc.Arbitrary<readonly Deed[]> =>
  fc.array(
    fc.tuple(
      fc.constantFrom<Deed[0]>('hears', 'hears', 'hears', 'hears', 'returns', 'restored'),
      fc.nat(59),
      fc.nat(59),
    ),
    { maxLength, size: 'max' },
  );

export const circles: fc.Arbitrary<Circle> = fc.record({
  hosts: fc.integer({ min: 3, max: 6 }),
  before: deeds(6),
  teller: fc.option(fc.nat(59)),
  after: deeds(3),
});

/** All hosts have a message alike; it stays on all that are left, whoever heard whom, and put it back, before one was found out. */
export function stayThroughCircles({ hosts: count, before, teller, after }: Circle, rules?: Rules): string | null {
  const world = worldOf(count, rules);
  const { hosts } = world;
  for (const { store } of hosts) store.deliver(inbox, mail, [], 100);
  for (const deed of before) act(hosts, deed);
  if (teller !== null) {
    const [found] = hosts.splice(teller % hosts.length, 1) as [ModelHost];
    for (const { trust } of hosts) {
      trust.revoked.add(found.id);
      trust.split.set(found.id, new Set());
    }
  }
  for (const deed of after) act(hosts, deed);
  const { rounds, dispute } = untilAgreed(world, 'together');
  if (rounds === null) return `never agreed\n${dispute}`;
  const missing = hosts.findIndex(({ store }) => store.mailboxes.get(inbox)?.messages.size !== 1);
  return missing < 0 ? null : `it is not on host ${missing}`;
}

const mail = 'alike';

function act(hosts: readonly ModelHost[], [what, chosen, chosenOther]: Deed): void {
  const [host, other] = [hosts[chosen % hosts.length], hosts[chosenOther % hosts.length]] as [ModelHost, ModelHost];
  if (what === 'returns') {
    host.survey();
    host.store.mailboxes.get(inbox)?.messages.clear();
    host.survey();
    host.store.deliver(inbox, mail, [], 100);
    host.survey();
  } else if (host !== other) {
    host.import([other.export({ to: [], base: 'nothing', withholds: () => false })]);
    if (what === 'restored') bringBack(host, other);
  }
}

/** One that heard the host expunges the message, and tells it; both bring it back. */
function bringBack(host: ModelHost, other: ModelHost): void {
  const all = { to: [], base: 'nothing', withholds: () => false } as const;
  other.import([host.export(all)]);
  other.store.mailboxes.get(inbox)?.messages.clear();
  host.import([other.export(all)]);
  const isGone = host.trash.some(({ guid }) => guid === mail) && host.copyOf({ guid: mail }) === null;
  if (isGone) host.restore(inbox, mail);
  else other.store.deliver(inbox, mail, [], 100);
  if (isGone) other.import([host.export(all)]);
}
