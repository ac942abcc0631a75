import fc from 'fast-check';
import type { Preamble, Witnessed } from '../../src/bundle/format/bundle-contents.js';
import { witnessedMax } from '../../src/bundle/format/bundle-limits.js';
import type { Flag } from '../../src/mail/flags.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { FlagRegister, UidRegister } from '../../src/replica/last-writer-registers.js';
import type { MailboxNews, Update } from '../../src/replica/mailbox-news.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import { type Ranges, rangesOf } from '../../src/replica/number-ranges.js';
import { emptyLedger, joinLedgers } from '../../src/replica/uid-ledger.js';
import type { Clock } from '../../src/replica/version-vector.js';
import { statementBy } from './sample.js';

/** Objects with the usual prototype, as decoders make them. */
function record<T extends object>(arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(arbitraries, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

/** Some hosts of an account; labels of renumbering decisions look the same. */
const hostIds = ['0', '1', '7', 'a', 'f'].map((digit) => digit.repeat(32));
const host: fc.Arbitrary<HostId> = fc.constantFrom(...hostIds);
const hexDigits = [...'0123456789abcdef'];
const hex = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...hexDigits), { minLength: length, maxLength: length }).map((digits) => digits.join(''));
const label = fc.oneof(host, hex(32));
const guid = hex(64);

const counter = fc.oneof(fc.nat(20), fc.maxSafeNat());
const uid = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 0xffff_ffff }));
const stamp = record({ modseq: counter, host });
const flag: fc.Arbitrary<Flag> = fc.constantFrom(
  '\\Seen',
  '\\Flagged',
  '$forwarded',
  '__proto__',
  '42',
  'constructor',
  'a|b',
);
const flagRegister: fc.Arbitrary<FlagRegister> = fc
  .tuple(stamp, fc.boolean())
  .map(([{ modseq, host }, on]) => ({ on, modseq, host }));
const untouched: FlagRegister = { on: false, modseq: 0, host: '' };
const flags = fc.array(fc.tuple(flag, flagRegister), { maxLength: 4 }).map((entries) => new Map(entries));
const uidRegister: fc.Arbitrary<UidRegister> = fc
  .tuple(stamp, uid, uid, fc.nat(9))
  .map(([{ modseq, host }, uidValidity, uid, round]) => ({ uidValidity, uid, round, modseq, host }));

const ranges: fc.Arbitrary<Ranges> = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 0xffff_ffff })), { maxLength: 12 })
  .map((numbers) => rangesOf(new Set(numbers)));

const before: fc.Arbitrary<Witnessed[]> = fc
  .nat(3)
  .chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, n) => record({ number: fc.constant(n + 1), digest: hex(32) }))),
  );

const witnessedBundles: fc.Arbitrary<Witnessed[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 2 ** 40 }), { maxLength: witnessedMax })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.sort((a, b) => a - b).map((number) => record({ number: fc.constant(number), digest: hex(32) })),
    ),
  );

export const clock: fc.Arbitrary<Clock> = fc
  .array(fc.tuple(host, record({ serial: counter, modseq: counter })), { maxLength: 4 })
  .map((entries) => new Map(entries));

const mailboxNames = ['INBOX', 'INBOX/Ärger', 'Archive/2024', '受信', 'a "quoted" \\ name', 'Sent'];
const mailboxName = fc.constantFrom(...mailboxNames);
const birth = record({
  host,
  serial: fc.oneof(
    fc.integer({ min: 1, max: 50 }),
    fc.maxSafeNat().map((n) => Math.max(n, 1)),
  ),
});

const ledger = fc
  .tuple(
    fc.array(fc.tuple(uid, label, uid, uid), { maxLength: 6 }),
    fc.array(fc.tuple(uid, label, label, uid, uid), { maxLength: 4 }),
  )
  .map(([claims, agreements]) =>
    joinLedgers(emptyLedger, {
      claims: claims.map(([uidValidity, label, x, y]) => ({
        uidValidity,
        label,
        lo: Math.min(x, y),
        hi: Math.max(x, y),
      })),
      agreements: agreements.flatMap(([uidValidity, one, other, x, y]) => {
        const [a, b] = one < other ? [one, other] : [other, one];
        return a === b ? [] : [{ uidValidity, a, b, lo: Math.min(x, y), hi: Math.max(x, y) }];
      }),
    }),
  );

const instance: fc.Arbitrary<Instance> = fc
  .record(
    {
      birth,
      modseq: counter,
      guid,
      same: guid,
      sizeBytes: counter,
      receivedS: fc.nat(2_000_000_000),
      hint: fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 })),
      anew: fc.integer({ min: 1, max: 2 ** 52 }),
      uid: uidRegister,
      flags,
      movedFrom: record({ mailbox: mailboxName, birth, clock }),
    },
    {
      noNullPrototype: true,
      requiredKeys: ['birth', 'modseq', 'guid', 'sizeBytes', 'receivedS', 'hint', 'uid', 'flags'],
    },
  )
  .map(({ movedFrom, same, anew, ...rest }) => ({
    ...rest,
    ...(movedFrom === undefined ? {} : { movedFrom }),
    ...(same === undefined ? {} : { same }),
    ...(anew === undefined ? {} : { anew }),
  }));

const update: fc.Arbitrary<Update> = fc
  .tuple(birth, fc.option(uidRegister), flags)
  .filter(([, uid, flags]) => uid !== null || flags.size > 0)
  .map(([birth, uid, flags]) => (uid === null ? { birth, flags } : { birth, uid, flags }));

const keyOf = ({ birth }: { readonly birth: { readonly host: HostId; readonly serial: number } }): string =>
  `${birth.host}/${birth.serial}`;

/** News that no host would have, but that a bundle can carry: its parts need not fit each other. */
export function newsFrom(from: HostId, name: string): fc.Arbitrary<MailboxNews> {
  return fc
    .record({
      base: clock,
      clock,
      highestModseq: counter,
      validity: fc.option(record({ resets: counter, uidValidity: uid })),
      uidNext: fc.oneof(uid, fc.constant(2 ** 32)),
      exists: fc.oneof(fc.constant(untouched), flagRegister),
      subscribed: fc.oneof(fc.constant(untouched), flagRegister),
      living: fc.array(fc.tuple(host, ranges), { maxLength: 4 }).map((entries) => new Map(entries)),
      ledger,
      spelling: fc.subarray(['Work', 'LATER', '$MDNSent']),
      instances: fc.uniqueArray(fc.oneof(instance, update), { maxLength: 12, selector: keyOf }),
    })
    .map(({ instances, ...rest }) => ({
      name,
      from,
      ...rest,
      saves: instances.filter((each): each is Instance => 'guid' in each),
      updates: instances.filter((each): each is Update => !('guid' in each)),
    }));
}

const bundleNumber = fc.integer({ min: 1, max: 2 ** 40 });

const positive = fc.integer({ min: 1, max: 2 ** 31 });
const served = record({ highestModseq: fc.oneof(positive, fc.constant(2 ** 52)), uidValidity: uid, uidNext: positive });

const said = {
  clocks: fc.array(fc.tuple(mailboxName, clock), { maxLength: 4 }).map((entries) => new Map(entries)),
  wanted: fc.uniqueArray(guid, { maxLength: 3 }),
  unheard: fc.subarray(hostIds),
  served: fc.array(fc.tuple(mailboxName, served), { maxLength: 3 }).map((entries) => new Map(entries)),
  strangers: fc
    .array(fc.tuple(host, record({ by: host, steps: fc.integer({ min: 1, max: 9 }) })), { maxLength: 3 })
    .map((entries) => new Map(entries)),
};
const statement = record({ ...said, number: bundleNumber, records: hex(32) }).chain((said) =>
  before.map((all) => ({ ...said, before: all.filter(({ number }) => number < said.number) })),
);
const signedStatement = fc.tuple(host, statement).map(([hostId, said]) => statementBy(hostId, 'ship', said));

/** The front of a bundle: a preamble and news of some mailboxes, with the clocks that the preamble states. */
export const front: fc.Arbitrary<{ readonly preamble: Preamble; readonly news: readonly MailboxNews[] }> = fc
  .tuple(host, fc.subarray(mailboxNames))
  .chain(([from, names]) =>
    record({
      news: fc.tuple(...names.map((name) => newsFrom(from, name))),
      preamble: record({
        account: fc.constantFrom('alice', 'Zoë & co', 'x'.repeat(255)),
        from: fc.constant({ hostId: from, name: 'home' }),
        to: fc.subarray(hostIds),
        number: bundleNumber,
        madeAtS: fc.nat(),
        heard: fc.array(fc.tuple(host, ranges), { maxLength: 3 }).map((entries) => new Map(entries)),
        witnessed: fc.array(fc.tuple(host, witnessedBundles), { maxLength: 3 }).map((entries) => new Map(entries)),
        answers: fc.uniqueArray(guid, { maxLength: 3 }),
        ...said,
        relayed: fc.uniqueArray(signedStatement, { maxLength: 2, selector: ({ text }) => text }),
        statements: fc
          .array(fc.tuple(host, record({ number: bundleNumber, digest: hex(32) })), { maxLength: 3 })
          .map((entries) => new Map(entries)),
        before,
        disowned: fc.subarray(hostIds),
        equivocations: fc.array(fc.tuple(signedStatement, signedStatement), { maxLength: 2 }),
        fed: fc.subarray(['mbsync', 'offlineimap', 'get-mail2']),
      }),
    }),
  )
  .map(({ preamble, news }) => {
    const clocks = new Map([...preamble.clocks, ...news.map(({ name, clock }) => [name, clock] as const)]);
    const before = preamble.before.filter(({ number }) => number < preamble.number);
    const disowned = [...preamble.disowned].sort();
    return { preamble: { ...preamble, clocks, before, disowned }, news };
  });
