import { statedMax } from '../../src/bundle/format/bundle-limits.js';
import type { Flag } from '../../src/mail/flags.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import {
  indexTexts,
  isTextOf,
  type SizedText,
  sameOf,
  type TextId,
  type TextIndex,
  textIdOf,
} from '../../src/mail/text/text-guid-and-second-digest.js';
import { giveUp } from '../../src/merge/change/give-up-lost-messages.js';
import { revive } from '../../src/merge/change/restore-expunged-messages.js';
import {
  barOldUids,
  beginAgain,
  eraAfter,
  withKeptUids,
  yielding,
} from '../../src/merge/change/start-empty-as-new-host.js';
import { type HeldText, type Plan, plan } from '../../src/merge/deliver/plan-store-changes.js';
import { applied } from '../../src/merge/deliver/record-applied-change.js';
import type { Decision } from '../../src/merge/merge-decision.js';
import { carryMovedFlags, linkMoves } from '../../src/merge/observe/detect-moves.js';
import { isToBeRead } from '../../src/merge/observe/match-files-to-messages.js';
import { observe } from '../../src/merge/observe/observe-mailbox.js';
import { joinByRight, type LimitedOutcome } from '../../src/merge/permission/join-by-permission.js';
import { everyRule, type Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { diff } from '../../src/merge/send/news-since.js';
import { type GivenUp, partOf } from '../../src/merge/send/split-news.js';
import { disbelieve } from '../../src/merge/signed-changes/retract-unsigned-changes-in-one-mailbox.js';
import { undelivered } from '../../src/merge/stored-files-by-message.js';
import { withFirstUids } from '../../src/merge/uids/assign-first-uids.js';
import { renumber } from '../../src/merge/uids/renumber-uid-conflicts.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../src/replica/mailbox-state.js';
import { type KnownMailbox, unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { type BirthKey, birthKey } from '../../src/replica/message-birth.js';
import type { Right } from '../../src/replica/peer-permission.js';
import {
  type Clock,
  covers,
  coversBirth,
  coversTick,
  emptyClock,
  joinClocks,
  meetClocks,
  tickOf,
} from '../../src/replica/version-vector.js';
import type { Interruption, ModelStore } from './model-store.js';
import { idOf } from './model-texts.js';
import { keyOf, type ModelStatement, ModelTrust, signedTicks } from './model-trust.js';

export type ModelBundle = {
  readonly from: HostId;
  /** The hosts that its sender is paired with, and who alone can open it; null: all. */
  readonly readers: ReadonlySet<HostId> | null;
  /** The newest of each host that its sender knows, its own included. */
  readonly statements: ReadonlyMap<HostId, ModelStatement>;
  /** Hosts of which its sender knows that they told two stories, with what shows it. */
  readonly disowned: ReadonlyMap<HostId, readonly ModelStatement[]>;
  readonly number: number;
  /** The bundles of each host that its sender has taken in. */
  readonly heard: ReadonlyMap<HostId, ReadonlySet<number>>;
  readonly news: readonly MailboxNews[];
  readonly texts: ReadonlySet<Guid>;
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  readonly wanted: readonly Guid[];
};

/** Told of every step of a host's knowledge; what it makes of them is its own. */
export type Witness = {
  observed(
    host: ModelHost,
    before: KnownMailbox,
    after: KnownMailbox,
    deeds: { readonly born: readonly { guid: Guid }[] },
  ): void;
  merged(host: ModelHost, before: KnownMailbox, after: KnownMailbox, decisions: readonly Decision[]): void;
};

/** What an export leaves out or believes. */
export type ExportChoice = {
  /** The hosts it is for, whose clocks it builds upon. */
  readonly to: readonly HostId[];
  /** heard: what they said. sent: as if the last bundle had arrived. nothing: everything is said. */
  readonly base: 'heard' | 'sent' | 'nothing';
  readonly withholds: (text: Guid, n: number) => boolean;
  /** So many new messages of each mailbox, and no more, where that is possible. */
  readonly messagesMax?: number;
  /** Bundles of its own that lie where the next one goes: whoever reads that has read them. */
  readonly onStick?: readonly ModelBundle[];
};

export type ImportChoice = {
  readonly interruption: Interruption;
  /** Done to the store just before it is changed: somebody else is at work there. */
  readonly meanwhile: (() => void) | null;
};

const undisturbed: ImportChoice = { interruption: 'none', meanwhile: null };

/** How often a mailbox is planned anew in one run. */
const roundsMax = 8;

/** One host of the model: a store, a catalog, and the order in which a run uses the merge. */
export class ModelHost {
  /** Another one after each `rejoin`. */
  id: HostId;
  /** The first id it had: that of the machine, which mail clients know. */
  readonly machine: HostId;
  readonly store: ModelStore;
  readonly catalog = new Map<MailboxName, KnownMailbox>();
  /** What each host said that it knows, in its last bundle. */
  readonly heard = new Map<HostId, { readonly number: number; readonly clocks: ReadonlyMap<MailboxName, Clock> }>();
  /** What each host has taken in of this one's bundles, whether it used all of it or not. */
  private readonly heardOfUs = new Map<HostId, Map<MailboxName, Clock>>();
  private readonly heardNumbers = new Map<HostId, ReadonlySet<number>>();
  /** The bundles of each host that were taken in, and what those of limited ones said. */
  private readonly taken = new Map<HostId, Set<number>>();
  private readonly told = new Map<HostId, Map<MailboxName, Clock>>();
  private readonly exports: ModelBundle[] = [];
  readonly wanted = new Map<HostId, readonly Guid[]>();
  readonly trust = new ModelTrust();
  private lastStatement: ModelStatement | null = null;
  /** What it has stated, by number. */
  private readonly stated = new Map<number, string>();
  private counting = { offset: 0, step: 1 };
  /** News that it found unsound, and whose it was. */
  readonly unsound: { readonly from: HostId; readonly what: string }[] = [];
  /** What its user lets each peer do; a peer that is not in it has every right. */
  readonly rights = new Map<HostId, Right>();
  /** What peers expunged here: it can be brought back. */
  readonly trash: { readonly mailbox: MailboxName; readonly guid: Guid }[] = [];
  private readonly sent = new Map<MailboxName, Clock>();
  private readonly givenUp = new Map<MailboxName, GivenUp[]>();
  /** The refs that messages which were written anew have been given, with those they had. */
  private readonly successors = new Map<MailboxName, Map<string, string>>();
  private spool = new Set<Guid>();
  private isUnsettled = false;
  private readonly formerIds = new Set<HostId>();
  private era: number | null = null;
  private readonly witness: Witness;
  private readonly rules: Rules;
  nowS = 100;

  constructor(id: HostId, store: ModelStore, { witness, rules }: { witness: Witness; rules?: Rules }) {
    this.id = id;
    this.machine = id;
    this.store = store;
    this.witness = witness;
    this.rules = rules ?? everyRule;
  }

  /** Gives a peer another right, and forgets what it said: it is asked for all of it anew. */
  limit(peer: HostId, right: Right): void {
    this.rights.set(peer, right);
    this.taken.delete(peer);
    this.told.delete(peer);
  }

  known(mailbox: MailboxName): KnownMailbox {
    return this.catalog.get(mailbox) ?? unknownMailbox(mailbox);
  }

  /** Looks at the whole store, and does what an earlier run left undone. */
  survey(): void {
    this.lookAround();
    if (this.rules.giveWay) for (const host of this.trust.pairedSince()) this.disbelieve(host);
    if (this.isUnsettled) this.settle(undisturbed);
  }

  /** Sets apart what its user wrote anew: some or all of what was in the store. */
  private setApart(mailbox: MailboxName, refs: Iterable<string>): void {
    for (const ref of refs) {
      const holding = this.known(mailbox).holdings.get(ref);
      const message = this.store.mailboxes.get(mailbox)?.messages.get(ref);
      if (holding === undefined || holding.uid === null || message === undefined) continue;
      if (message.text === holding.guid) continue;
      const fresh = this.store.setApart(mailbox, ref);
      if (fresh === null) continue;
      const successors = this.successors.get(mailbox) ?? new Map<string, string>();
      this.successors.set(mailbox, successors.set(fresh, ref));
    }
  }

  lookAround(): void {
    for (const [mailbox, { holdings }] of this.catalog) this.setApart(mailbox, holdings.keys());
    const names = new Set([...this.store.mailboxes.keys(), ...this.catalog.keys(), ...this.store.subscribed]);
    const looks = [...names].sort().map((mailbox) => ({ mailbox, observation: this.look(mailbox) }));
    const seen = looks.map(({ observation }) => observation);
    linkMoves(seen, [], this.rules).forEach((known, n) => {
      const { mailbox, observation } = looks[n] as (typeof looks)[number];
      this.witness.observed(this, this.known(mailbox), known, observation);
      this.catalog.set(mailbox, known);
      this.isUnsettled ||= observation.changes.lost.length > 0; // what the store has lost it is given again at once
    });
  }

  private look(mailbox: MailboxName, unstorable: readonly Flag[] = []) {
    const before = this.known(mailbox);
    return observe(
      before,
      this.store.scan(mailbox),
      {
        self: this.id,
        nowS: this.nowS,
        digests: this.store.digests(mailbox, (ref) => isToBeRead(before, ref)),
        subscribed: this.store.subscribed.has(mailbox),
        unstorable,
        successors: this.successors.get(mailbox) ?? new Map(),
        birthsPerModseq: 2,
      },
      this.rules,
    );
  }

  /** The very text before another copy of the mail. */
  copyOf(mail: TextId): HeldText | null {
    let found: HeldText | null = null;
    for (const [mailbox, { holdings }] of this.catalog) {
      for (const holding of holdings.values()) {
        if (holding.uid === null || !isTextOf(holding, mail)) continue;
        const copy = { mailbox, ref: holding.ref, ...textIdOf(holding), sizeBytes: 1 };
        if (holding.guid === mail.guid) return copy;
        found ??= copy;
      }
    }
    return found;
  }

  private placesOf(mail: TextId): { mailbox: MailboxName; birth: BirthKey }[] {
    return [...this.catalog].flatMap(([mailbox, { state }]) =>
      [...state.instances].flatMap(([birth, other]) => (sameOf(other) === sameOf(mail) ? [{ mailbox, birth }] : [])),
    );
  }

  waitingGuids(): Guid[] {
    const waiting = new Set<Guid>();
    for (const known of this.catalog.values()) for (const { guid } of undelivered(known)) waiting.add(guid);
    return [...waiting];
  }

  /** Surveys, and says what the receivers lack. Null: there is nothing to say or to acknowledge that `to` has not heard. */
  export(choice: ExportChoice): ModelBundle {
    this.survey();
    for (const [mailbox, before] of this.catalog) {
      const after = withFirstUids(before, { self: this.id, nowS: this.nowS }, this.rules);
      this.catalog.set(mailbox, after);
      if (after !== before) this.witness.merged(this, before, after, []);
    }
    const news: MailboxNews[] = [];
    const texts = new Set<Guid>();
    const clocks = new Map<MailboxName, Clock>();
    let n = 0;
    const offer = (guid: Guid): void => {
      const copy = this.copyOf(idOf(guid));
      if (copy !== null && !choice.withholds(guid, n++)) texts.add(copy.guid);
    };
    for (const [mailbox, { state }] of this.catalog) {
      clocks.set(mailbox, state.clock);
      const base = this.baseOf(mailbox, choice);
      if (choice.base !== 'nothing' && covers(base, state.clock)) continue;
      const told = this.partOf(state, base, choice);
      const each = diff(told, base, this.id);
      news.push(each);
      for (const { guid } of each.saves) offer(guid);
      this.sent.set(mailbox, joinClocks(this.sent.get(mailbox) ?? emptyClock, told.clock));
    }
    for (const host of choice.to) for (const guid of this.wanted.get(host) ?? []) offer(guid);
    const bundle: ModelBundle = {
      ...{ from: this.id, number: this.nextNumber(), news, texts, clocks, wanted: this.waitingGuids() },
      heard: new Map([...this.taken].map(([host, numbers]) => [host, new Set(numbers)])),
      readers: this.trust.paired === null ? null : new Set(this.trust.paired),
      disowned: new Map(this.trust.disowned),
      statements: new Map<HostId, ModelStatement>(this.trust.statements).set(this.id, this.ownStatement(clocks)),
    };
    this.exports.push(bundle);
    return bundle;
  }

  private ownStatement(clocks: ModelBundle['clocks']): ModelStatement {
    const ticks = new Map([...clocks].map(([mailbox, clock]) => [mailbox, tickOf(clock, this.id)]));
    const number = this.nextNumber();
    const before = this.counting.step === 1 ? new Map([...this.stated].slice(-statedMax)) : new Map();
    this.lastStatement = { key: keyOf(this.id), number, digest: `${this.machine} ${number}`, before, ticks };
    this.stated.set(number, this.lastStatement.digest);
    return this.lastStatement;
  }

  private partOf(state: MailboxState, base: Clock, { messagesMax }: ExportChoice): MailboxState {
    if (messagesMax === undefined) return state;
    const fresh = [...state.instances.values()].filter(({ birth }) => !coversBirth(base, birth));
    const uids = fresh.map(({ uid }) => uid.uid).sort((a, b) => a - b);
    const through = uids[messagesMax - 1];
    if (through === undefined) return state;
    const givenUp = this.givenUp.get(state.name) ?? [];
    return partOf(state, { base, through, givenUp }, this.rules) ?? state;
  }

  private baseOf(mailbox: MailboxName, { to: chosen, base, onStick = [] }: ExportChoice): Clock {
    const to = chosen.filter((host) => this.trust.isPairedWith(host) && !this.trust.revoked.has(host));
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

  /** Notes what a peer says of itself. */
  private listen({ from, number, clocks, wanted, heard }: ModelBundle): void {
    if (number <= (this.heard.get(from)?.number ?? 0)) return;
    this.heard.set(from, { number, clocks });
    this.wanted.set(from, wanted);
    const numbers = heard.get(this.id) ?? new Set();
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

  /** Notes what was taken in: all of a bundle whose news built upon what was known, or said before. */
  private take(bundles: readonly ModelBundle[], outcomes: readonly [MailboxName, LimitedOutcome][]): void {
    for (const [, outcome] of outcomes) {
      for (const { news, apart } of outcome.doubted) {
        for (const of of apart) this.trust.split.set(of, (this.trust.split.get(of) ?? new Set()).add(news.from));
      }
      for (const { news, failure } of outcome.refused) {
        if (failure.code === 'bundle-damaged') this.unsound.push({ from: news.from, what: failure.message });
      }
    }
    const unused = outcomes.flatMap(([, { refused, doubted }]) => [...refused, ...doubted]);
    const refused = new Set(unused.map(({ news }) => news));
    for (const { from, number, news } of bundles) {
      if (news.some((each) => refused.has(each))) continue;
      this.taken.set(from, (this.taken.get(from) ?? new Set()).add(number));
    }
    for (const [mailbox, { withheld }] of outcomes) {
      for (const { from, told } of withheld) {
        this.told.set(from, (this.told.get(from) ?? new Map<MailboxName, Clock>()).set(mailbox, told));
      }
    }
  }

  /** Another machine goes on with a copy of all that this one knows, under the same id. */
  forkTo(copy: ModelHost): void {
    for (const [name, known] of this.catalog) copy.catalog.set(name, known);
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
    copy.era = this.era;
    copy.nowS = this.nowS;
    copy.id = this.id;
    copy.isUnsettled = this.isUnsettled;
    this.trust.copyTo(copy.trust);
  }

  /** From now on it counts its bundles in steps, beside others that go on under its id, and does not show in its statements that it is not alone. */
  countInSteps(offset: number, step: number): void {
    this.counting = { offset, step };
  }

  private nextNumber(): number {
    const { offset, step } = this.counting;
    return step === 1 ? this.exports.length + 1 : (this.exports.length + 1) * step + offset;
  }

  /** Begins again as another host with what is in the store. */
  rejoin(id: HostId, { keepUids }: { readonly keepUids: boolean }): void {
    this.formerIds.add(this.id);
    this.id = id;
    this.sent.clear();
    for (const exchanged of [this.taken, this.told, this.heardOfUs, this.heardNumbers]) exchanged.clear();
    this.exports.length = 0;
    this.stated.clear();
    this.counting = { offset: 0, step: 1 };
    this.lastStatement = null;
    this.spool = new Set();
    const { givesUids, mailboxes, subscribed } = this.store;
    const stores = new Map([...mailboxes].map(([name, box]) => [name, givesUids ? box : null]));
    const all = new Map([...mailboxes.keys(), ...this.catalog.keys()].map((name) => [name, this.known(name)]));
    const era = eraAfter(all.values(), stores.values(), { nowS: this.nowS, self: id });
    this.era = era;
    for (const [name, before] of all) {
      const store = stores.has(name) ? (stores.get(name) ?? null) : 'absent';
      const blank = beginAgain(before, { self: id, era, store, keepUids });
      const scan = this.store.scan(name, { assignUids: keepUids });
      this.catalog.set(name, blank);
      if (scan === null) continue;
      const digests = this.store.digests(name, () => true);
      const context = { self: id, nowS: this.nowS, digests, subscribed: subscribed.has(name) };
      const observation = observe(blank, keepUids ? withKeptUids(scan, before) : scan, context, this.rules);
      const found = yielding(observation.known, id);
      const known = givesUids ? found : { ...found, storeUids: null };
      this.witness.observed(this, blank, known, observation);
      this.catalog.set(name, known);
    }
    this.settle(undisturbed);
  }

  /** Will it use what this bundle says? */
  private accepts({ from, readers }: ModelBundle): boolean {
    if (from === this.id || this.formerIds.has(from) || this.trust.revoked.has(from)) return false;
    if (this.trust.disowned.has(from)) return false;
    return this.trust.isPairedWith(from) && (readers === null || readers.has(this.id));
  }

  /** Such a bundle stops the whole run; where somebody lies, the user takes it away. */
  private knowsMoreOfUs({ from, news }: ModelBundle): boolean {
    const isBeyond = ({ name, clock }: MailboxNews): boolean =>
      !coversTick(tickOf(this.known(name).state.clock, this.id), tickOf(clock, this.id));
    if (this.trust.paired === null || !news.some(isBeyond)) return false;
    this.unsound.push({ from, what: 'it knows more of this host than this host does' });
    return true;
  }

  /** Its user believes a host no more. */
  revoke(host: HostId): void {
    this.trust.revoked.add(host);
  }

  /** Drops what was believed of a host; what the others said is to be said anew. */
  private disbelieve(host: HostId): void {
    for (const [mailbox, before] of this.catalog) {
      const after = disbelieve(before, host, this.id);
      if (after === before) continue;
      this.witness.observed(this, before, after, { born: [] });
      this.catalog.set(mailbox, after);
    }
    this.taken.clear();
    this.told.clear();
  }

  import(waiting: readonly ModelBundle[], choice: ImportChoice = undisturbed): void {
    this.survey();
    const admitted = waiting.filter((bundle) => this.accepts(bundle) && !this.knowsMoreOfUs(bundle));
    if (this.rules.disown) for (const host of this.trust.findEquivocal(admitted, this.id)) this.disbelieve(host);
    const bundles = admitted.filter((bundle) => this.accepts(bundle));
    const rightOf = (host: HostId): Right => this.rights.get(host) ?? 'full';
    const trusting = { self: this.id, catalog: this.catalog, isUnlimited: (host: HostId) => rightOf(host) === 'full' };
    const givingWay = this.trust.take(bundles, trusting);
    if (this.rules.giveWay) for (const host of givingWay) this.disbelieve(host);
    const offered = new Set(bundles.flatMap(({ from, texts }) => (rightOf(from) === 'read' ? [] : [...texts])));
    const byMailbox = new Map<MailboxName, MailboxNews[]>();
    for (const bundle of bundles) {
      for (const news of bundle.news) byMailbox.set(news.name, [...(byMailbox.get(news.name) ?? []), news]);
      this.listen(bundle);
    }
    const bundleOf = new Map(bundles.flatMap((bundle) => bundle.news.map((news) => [news, bundle] as const)));
    const joined = [...byMailbox].map(([mailbox, news]) => {
      const before = barOldUids(
        this.known(mailbox),
        news.filter(({ from }) => rightOf(from) === 'full'),
        { self: this.id, era: this.era },
      );
      const toldBy = (host: HostId): Clock => this.told.get(host)?.get(mailbox) ?? emptyClock;
      const own = { id: this.id, signed: this.lastStatement === null ? null : signedTicks(this.lastStatement) };
      const vouching = { own, mailbox, rules: this.rules };
      const vouched = (each: MailboxNews, host: HostId) =>
        this.trust.vouched(host, bundleOf.get(each) as ModelBundle, vouching);
      const outcome = joinByRight(
        before,
        news,
        { self: this.id, nowS: this.nowS, rightOf, toldBy, vouched },
        this.rules,
      );
      this.trust.noteRise(before.state.clock, outcome.known.state.clock, this.id);
      return { before, joined: outcome };
    });
    this.take(
      bundles,
      joined.map(({ before, joined: outcome }) => [before.state.name, outcome]),
    );
    const carried = carryMovedFlags(
      joined,
      { self: this.id, load: (mailbox) => this.known(mailbox), placesOf: (mail) => this.placesOf(mail) },
      this.rules,
    );
    for (const { before, joined: outcome } of joined) {
      const { name } = before.state;
      this.catalog.set(name, outcome.known);
      const givenUp = outcome.decisions.flatMap((one) =>
        one.kind === 'unified' ? [{ birth: one.dropped, ...textIdOf(one) }] : [],
      );
      this.givenUp.set(name, [...(this.givenUp.get(name) ?? []), ...givenUp]);
      this.witness.merged(this, before, outcome.known, outcome.decisions);
      for (const decision of outcome.decisions) {
        if (decision.kind === 'expunged') this.trash.push({ mailbox: before.state.name, guid: decision.guid });
        if (decision.kind === 'rewritten') this.trash.push({ mailbox: name, guid: decision.replacedGuid });
      }
    }
    for (const { known, decisions } of carried) {
      this.witness.merged(this, this.known(known.state.name), known, decisions);
      this.catalog.set(known.state.name, known);
    }
    for (const guid of offered) this.spool.add(guid);
    for (const mailbox of byMailbox.keys()) this.renumber(mailbox);
    this.settle(choice);
  }

  /** Brings a text back that a peer expunged. */
  restore(mailbox: MailboxName, guid: Guid, choice: ImportChoice = undisturbed): void {
    this.survey();
    const before = this.known(mailbox);
    const flags = new Set(['\\Seen']);
    const revival = { ...idOf(guid), sizeBytes: 1, receivedS: 0, hint: guid, flags };
    const after = revive(before, [revival], { self: this.id, nowS: this.nowS });
    this.witness.observed(this, before, after, { born: [{ guid }] });
    this.catalog.set(mailbox, after);
    this.spool.add(guid);
    this.renumber(mailbox);
    this.settle(choice);
  }

  /** Gives up a message that waits for its text. */
  forget(mailbox: MailboxName, { birth }: Instance): void {
    const before = this.known(mailbox);
    const after = giveUp(before, new Set([birthKey(birth)]), this.id);
    this.witness.observed(this, before, after, { born: [] });
    this.catalog.set(mailbox, after);
    this.settle(undisturbed);
  }

  private renumber(mailbox: MailboxName): void {
    const before = this.known(mailbox);
    const spooled = this.spooled();
    const texts = { has: (mail: TextId) => spooled.find(mail) !== null || this.copyOf(mail) !== null };
    const { known, decisions } = renumber(before, this.id, texts, this.rules);
    this.catalog.set(mailbox, known);
    if (known !== before) this.witness.merged(this, before, known, decisions);
  }

  private spooled(): TextIndex<SizedText> {
    return indexTexts([...this.spool].map((text) => ({ ...idOf(text), sizeBytes: 1 })));
  }

  private planOf(mailbox: MailboxName): Plan {
    return plan(this.known(mailbox), {
      copyOf: (mail) => this.copyOf(mail),
      spooled: this.spooled(),
      chooseRef: (hint, taken) => {
        let ref = hint;
        for (let n = 0; taken.has(ref) || this.store.mailboxes.get(mailbox)?.messages.has(ref) === true; n++) {
          ref = `${hint}+${n}`;
        }
        return ref;
      },
      nowS: this.nowS,
    });
  }

  /** Brings the store to what the state says, looking again after every change. */
  private settle({ interruption, meanwhile }: ImportChoice): void {
    this.isUnsettled = true;
    let open = [...this.catalog.keys()].sort();
    let disturb = meanwhile;
    for (let round = 0; open.length > 0 && round < roundsMax; round++) {
      for (const mailbox of open) this.renumber(mailbox);
      const works = open.map((mailbox) => ({ mailbox, work: this.planOf(mailbox) }));
      for (const { mailbox, work } of works) this.catalog.set(mailbox, work.announced);
      const needed = new Set(
        works.flatMap(({ mailbox, work }) =>
          (work.change?.deliver ?? []).flatMap(({ text }) =>
            text === 'spool' || text.mailbox === mailbox ? [] : [`${text.mailbox}/${text.ref}`],
          ),
        ),
      );
      open = [];
      for (const { mailbox, work } of works) {
        if (work.change === null && !work.remove && work.subscribe === null) continue;
        disturb?.();
        disturb = null;
        let unstorable: readonly Flag[] = [];
        if (work.change !== null) {
          const expunge = work.change.expunge.filter(({ ref }) => !needed.has(`${mailbox}/${ref}`));
          this.setApart(
            mailbox,
            expunge.map(({ ref }) => ref),
          );
          const change = { ...work.change, expunge };
          const context = { spool: this.spool, interruption };
          const outcome = this.store.change(mailbox, change, context);
          if (outcome === null) return;
          unstorable = outcome.unstorable;
          if (outcome.outcome === 'done') {
            this.catalog.set(mailbox, applied(this.known(mailbox), change, outcome));
          }
        }
        if (work.remove) this.store.remove(mailbox);
        if (work.subscribe === true) this.store.subscribed.add(mailbox);
        if (work.subscribe === false) this.store.subscribed.delete(mailbox);
        const before = this.known(mailbox);
        const observation = this.look(mailbox, unstorable);
        this.catalog.set(mailbox, observation.known);
        this.witness.observed(this, before, observation.known, observation);
        open.push(mailbox);
      }
    }
    if (open.length > 0) return;
    this.isUnsettled = false;
    this.spool = new Set();
  }
}
