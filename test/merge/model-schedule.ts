import fc from 'fast-check';
import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';

/** One thing that happens: what, on which host, and numbers to choose by. */
export type Deed = readonly [what: number, host: number, a: number, b: number, c: number];

/**
 * A random history of some hosts. nothing: they begin without mailboxes. blank: with an empty INBOX. copies: with the same files, as a copied Maildir has. alike: with
 * the same mail under other names, UIDs and UIDVALIDITYs. fetched: likewise, each copy with a line of its own stamped into it.
 */
export type Schedule = {
  readonly hosts: readonly HostTraits[];
  readonly begin: 'nothing' | 'blank' | 'copies' | 'alike' | 'fetched';
  readonly deeds: readonly Deed[];
  readonly finish: Finish;
};

/**
 * givesUids: Dovecot serves it. isNarrow: it has no room for one keyword. clock: left out, it is right; start: it begins in 1970; ahead: it shows more
 * seconds than 32 bits hold.
 */
export type HostTraits = {
  readonly givesUids: boolean;
  readonly isNarrow: boolean;
  readonly clock?: 'right' | 'start' | 'ahead';
};

/** How the hosts exchange until they agree. together: all export, then all import. */
export type Finish = 'together' | 'ring' | 'star';

/** Which parts of the world take part; everything, unless a property is about less. */
export type Scope = {
  readonly hostsMax: number;
  readonly deedsMax: number;
  /** Crashes, mail that arrives during a run, texts that stay behind, wrong bases. */
  readonly accidents: boolean;
  /** Texts that are delivered to several hosts or copied within a mailbox, and beginnings with equal mail. */
  readonly twins: boolean;
};

export const wholeScope: Scope = { hostsMax: 6, deedsMax: 40, accidents: true, twins: true };

export function schedules(scope: Scope = wholeScope): fc.Arbitrary<Schedule> {
  const host = fc.nat(15).map(
    (n): HostTraits => ({
      givesUids: n !== 5 && n !== 6,
      isNarrow: n === 7 || n === 5,
      clock: n === 6 || n === 8 ? 'start' : n === 9 ? 'ahead' : 'right',
    }),
  );
  return fc.record({
    hosts: fc.array(host, { minLength: 2, maxLength: scope.hostsMax }),
    begin: scope.twins
      ? fc.constantFrom<Schedule['begin']>('blank', 'blank', 'copies', 'alike', 'fetched')
      : fc.constant('blank' as const),
    deeds: fc.array(fc.tuple(fc.nat(deedWeights - 1), fc.nat(59), fc.nat(239), fc.nat(239), fc.nat(239)), {
      maxLength: scope.deedsMax,
      size: 'max',
    }),
    finish: fc.constantFrom<Finish>('together', 'ring', 'star'),
  });
}

/** The mailboxes of deeds, by what they choose by: most of them are in the inbox. */
export const mailboxNames: readonly MailboxName[] = [inbox, inbox, 'Work', 'Lists'];

const weights = {
  deliver: 16,
  deliverTwin: 8,
  fleeting: 4,
  flag: 16,
  expunge: 7,
  rewrite: 5,
  copy: 4,
  move: 5,
  fetchAnew: 4,
  reset: 3,
  lower: 2,
  garble: 2,
  exhaust: 1,
  deleteMailbox: 2,
  createMailbox: 1,
  rename: 1,
  subscribe: 2,
  survey: 4,
  restore: 3,
  forget: 3,
  export: 16,
  import: 18,
} as const;

/** What deeds there are, each a method of `World`. */
export type DeedName = keyof typeof weights;

/** The deeds by their numbers, as often as each is to happen. */
export const deedTable: readonly DeedName[] = Object.entries(weights).flatMap(([name, weight]) =>
  Array.from({ length: weight }, () => name as DeedName),
);

const deedWeights = deedTable.length;

export function nameOf([what]: Deed): string {
  return deedTable[what] ?? '';
}

/** For people who look at a failure: the deeds by name. */
export function describeSchedule({ hosts, begin, deeds, finish }: Schedule): string {
  const traits = hosts.map(
    ({ givesUids, isNarrow, clock = 'right' }) =>
      `${givesUids ? 'uids' : 'plain'}${isNarrow ? ' narrow' : ''}${clock === 'right' ? '' : ` ${clock}`}`,
  );
  const lines = deeds.map(
    ([what, whom, a, b, c]) =>
      `${deedTable[what]} host ${whom % hosts.length} ${mailboxNames[b % mailboxNames.length]} a=${a} b=${b} c=${c}`,
  );
  return [`${begin}: ${traits.join(', ')}`, ...lines, finish].join('\n');
}
