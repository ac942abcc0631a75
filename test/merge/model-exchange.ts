import { statedMax } from '../../src/bundle/format/bundle-limits.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { type Clock, covers, emptyClock, joinClocks, meetClocks, tickOf } from '../../src/replica/version-vector.js';
import type { ExportChoice, ModelBundle } from './model-bundle.js';
import { keyOf, type ModelStatement } from './model-trust.js';

/** What a host of the model remembers of the bundles that went to and fro. */
export class ModelExchange {
  /** What each host said that it knows, in its last bundle. */
  readonly heard = new Map<HostId, { readonly number: number; readonly clocks: ReadonlyMap<MailboxName, Clock> }>();
  /** What each host has taken in of this one's bundles, whether it used all of it or not. */
  private readonly heardOfUs = new Map<HostId, Map<MailboxName, Clock>>();
  private readonly heardNumbers = new Map<HostId, ReadonlySet<number>>();
  /** The bundles of each host that were taken in, and what those of limited ones said. */
  readonly taken = new Map<HostId, Set<number>>();
  readonly told = new Map<HostId, Map<MailboxName, Clock>>();
  readonly exports: ModelBundle[] = [];
  /** The texts that each host asks for. */
  readonly wanted = new Map<HostId, readonly Guid[]>();
  lastStatement: ModelStatement | null = null;
  /** What it has stated, by number. */
  private readonly stated = new Map<number, string>();
  private counting = { offset: 0, step: 1 };
  private readonly sent = new Map<MailboxName, Clock>();

  /** Forgets what a peer said: it is asked for all of it. */
  askAnew(peer: HostId): void {
    this.taken.delete(peer);
    this.told.delete(peer);
  }

  askAllAnew(): void {
    this.taken.clear();
    this.told.clear();
  }

  noteSent(mailbox: MailboxName, clock: Clock): void {
    this.sent.set(mailbox, joinClocks(this.sent.get(mailbox) ?? emptyClock, clock));
  }

  noteTaken(from: HostId, number: number): void {
    this.taken.set(from, (this.taken.get(from) ?? new Set()).add(number));
  }

  noteTold(from: HostId, mailbox: MailboxName, clock: Clock): void {
    this.told.set(from, (this.told.get(from) ?? new Map<MailboxName, Clock>()).set(mailbox, clock));
  }

  /** What a host says of itself, in the next of its statements. */
  state({ id, machine }: { readonly id: HostId; readonly machine: HostId }, clocks: ModelBundle['clocks']) {
    const ticks = new Map([...clocks].map(([mailbox, clock]) => [mailbox, tickOf(clock, id)]));
    const number = this.nextNumber();
    const before = this.counting.step === 1 ? new Map([...this.stated].slice(-statedMax)) : new Map();
    const statement: ModelStatement = { key: keyOf(id), number, digest: `${machine} ${number}`, before, ticks };
    this.lastStatement = statement;
    this.stated.set(number, statement.digest);
    return statement;
  }

  /** What news for `to` builds upon. */
  baseOf(mailbox: MailboxName, { to, base, onStick = [] }: ExportChoice): Clock {
    if (base === 'nothing' || to.length === 0) return emptyClock;
    const builds = onStick.flatMap(({ news }) => news.filter(({ name }) => name === mailbox));
    const raise = (known: Clock, { base, clock }: MailboxNews): Clock =>
      covers(known, base) ? joinClocks(known, clock) : known;
    const heard = to.map((host) => builds.reduce(raise, this.knownBy(host, mailbox))).reduce(meetClocks);
    return base === 'sent' ? joinClocks(heard, this.sent.get(mailbox) ?? emptyClock) : heard;
  }

  /** What a host knows of a mailbox by its own word, or has heard of us and need not hear again. */
  private knownBy(host: HostId, mailbox: MailboxName): Clock {
    const said = this.heard.get(host)?.clocks.get(mailbox) ?? emptyClock;
    return joinClocks(said, this.heardOfUs.get(host)?.get(mailbox) ?? emptyClock);
  }

  /** Notes what a peer says of itself, and of the host `self`. */
  listen({ from, number, clocks, wanted, heard }: ModelBundle, self: HostId): void {
    if (number <= (this.heard.get(from)?.number ?? 0)) return;
    this.heard.set(from, { number, clocks });
    this.wanted.set(from, wanted);
    const numbers = heard.get(self) ?? new Set();
    const before = this.heardNumbers.get(from) ?? new Set();
    if ([...before].some((each) => !numbers.has(each))) this.heardOfUs.delete(from);
    this.heardNumbers.set(from, numbers);
    const all = this.heardOfUs.get(from) ?? new Map<MailboxName, Clock>();
    this.heardOfUs.set(from, all);
    for (const { number, news } of this.exports) {
      if (!numbers.has(number)) continue;
      for (const { name, base, clock } of news) {
        const known = this.knownBy(from, name);
        if (covers(known, base)) all.set(name, joinClocks(known, clock));
      }
    }
  }

  /** Another machine goes on with all that this one remembers. */
  copyTo(copy: ModelExchange): void {
    for (const [host, said] of this.heard) copy.heard.set(host, said);
    for (const [host, clocks] of this.heardOfUs) copy.heardOfUs.set(host, new Map(clocks));
    for (const [host, numbers] of this.heardNumbers) copy.heardNumbers.set(host, numbers);
    for (const [host, numbers] of this.taken) copy.taken.set(host, new Set(numbers));
    for (const [host, told] of this.told) copy.told.set(host, new Map(told));
    for (const [number, digest] of this.stated) copy.stated.set(number, digest);
    for (const [mailbox, clock] of this.sent) copy.sent.set(mailbox, clock);
    for (const [host, guids] of this.wanted) copy.wanted.set(host, guids);
    copy.exports.push(...this.exports);
    copy.lastStatement = this.lastStatement;
  }

  /**
   * From now on it counts its bundles in steps, beside others that go on under its id, and does not show in its
   * statements that it is not alone.
   */
  countInSteps(offset: number, step: number): void {
    this.counting = { offset, step };
  }

  nextNumber(): number {
    const { offset, step } = this.counting;
    return step === 1 ? this.exports.length + 1 : (this.exports.length + 1) * step + offset;
  }

  /** Forgets what went to and fro under the id that the host had; what others said of themselves holds. */
  beginAgain(): void {
    this.sent.clear();
    for (const exchanged of [this.taken, this.told, this.heardOfUs, this.heardNumbers]) exchanged.clear();
    this.exports.length = 0;
    this.stated.clear();
    this.counting = { offset: 0, step: 1 };
    this.lastStatement = null;
  }
}
