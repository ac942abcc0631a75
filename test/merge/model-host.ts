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
import { barOldUids } from '../../src/merge/change/start-empty-as-new-host.js';
import type { HeldText } from '../../src/merge/deliver/plan-store-changes.js';
import type { Decision } from '../../src/merge/merge-decision.js';
import { carryMovedFlags, linkMoves } from '../../src/merge/observe/detect-moves.js';
import { isToBeRead } from '../../src/merge/observe/match-files-to-messages.js';
import { observe } from '../../src/merge/observe/observe-mailbox.js';
import { joinByRight, type LimitedOutcome } from '../../src/merge/permission/join-by-permission.js';
import { everyRule, type Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { diff } from '../../src/merge/send/news-since.js';
import { partOf } from '../../src/merge/send/split-news.js';
import { disbelieve } from '../../src/merge/signed-changes/retract-unsigned-changes-in-one-mailbox.js';
import { undelivered } from '../../src/merge/stored-files-by-message.js';
import { withFirstUids } from '../../src/merge/uids/number-mailbox-without-uids.js';
import { renumber } from '../../src/merge/uids/renumber-uid-conflicts.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../src/replica/mailbox-state.js';
import { type KnownMailbox, unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { type BirthKey, birthKey } from '../../src/replica/message-birth.js';
import type { Right } from '../../src/replica/peer-permission.js';
import { type Clock, covers, coversBirth, coversTick, emptyClock, tickOf } from '../../src/replica/version-vector.js';
import { type ExportChoice, type ImportChoice, type ModelBundle, undisturbed } from './model-bundle.js';
import { ModelExchange } from './model-exchange.js';
import { ModelGone } from './model-gone.js';
import { CatalogOnDemand, sinceSeen } from './model-on-demand.js';
import { settle } from './model-settle.js';
import type { ModelStore } from './model-store.js';
import { idOf } from './model-texts.js';
import { type ModelStatement, ModelTrust, signedTicks } from './model-trust.js';

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

/** One host of the model: a store, a catalog, and the order in which a run uses the merge. */
export class ModelHost {
  /** Another one after each `rejoin`. */
  id: HostId;
  /** The first id it had: that of the machine, which mail clients know. */
  readonly machine: HostId;
  readonly store: ModelStore;
  readonly catalog: Map<MailboxName, KnownMailbox>;
  /** Its catalog is one that reads messages on demand. */
  private readonly readsOnDemand: boolean;
  readonly exchange = new ModelExchange();
  readonly trust = new ModelTrust();
  /** News that it found unsound, and whose it was. */
  readonly unsound: { readonly from: HostId; readonly what: string }[] = [];
  /** What its user lets each peer do; a peer that is not in it has every right. */
  readonly rights = new Map<HostId, Right>();
  /** What peers expunged here: it can be brought back. */
  readonly trash: { readonly mailbox: MailboxName; readonly guid: Guid }[] = [];
  private readonly gone = new ModelGone();
  /** The refs that messages which were written anew have been given, with those they had. */
  private readonly successors = new Map<MailboxName, Map<string, string>>();
  spool = new Set<Guid>();
  isUnsettled = false;
  readonly formerIds = new Set<HostId>();
  era: number | null = null;
  readonly witness: Witness;
  readonly rules: Rules;
  nowS = 100;

  constructor(id: HostId, store: ModelStore, options: { witness: Witness; rules?: Rules; readsOnDemand?: boolean }) {
    const { witness, rules, readsOnDemand = false } = options;
    this.id = id;
    this.machine = id;
    this.store = store;
    this.witness = witness;
    this.rules = rules ?? everyRule;
    this.readsOnDemand = readsOnDemand;
    this.catalog = readsOnDemand ? new CatalogOnDemand() : new Map();
  }

  /** Gives a peer another right, and forgets what it said: it is asked for all of it anew. */
  limit(peer: HostId, right: Right): void {
    this.rights.set(peer, right);
    this.exchange.askAnew(peer);
  }

  known(mailbox: MailboxName): KnownMailbox {
    return this.catalog.get(mailbox) ?? unknownMailbox(mailbox);
  }

  /** Looks at the whole store, and does what an earlier run left undone. */
  survey(): void {
    this.lookAround();
    if (this.rules.giveWay) for (const host of this.trust.pairedSince()) this.disbelieve(host);
    if (this.isUnsettled) settle(this, undisturbed);
  }

  /** Sets apart what its user wrote anew: some or all of what was in the store. */
  setApart(mailbox: MailboxName, refs: Iterable<string>): void {
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
      this.gone.note(this.known(mailbox).state, known.state);
      this.catalog.set(mailbox, known);
      this.isUnsettled ||= observation.changes.lost.length > 0; // what the store has lost it is given again at once
    });
  }

  look(mailbox: MailboxName, unstorable: readonly Flag[] = []) {
    const before = this.known(mailbox);
    const scan = this.store.scan(mailbox);
    return observe(
      before,
      scan !== null && this.readsOnDemand ? sinceSeen(before, scan, unstorable) : scan,
      {
        self: this.id,
        nowS: this.nowS,
        digests: this.store.digests(mailbox, (ref) => isToBeRead(before, ref)),
        subscribed: this.store.subscribed.has(mailbox),
        unstorable,
        successors: this.successors.get(mailbox) ?? new Map(),
        wasHere: (mail) => this.gone.has(mailbox, mail),
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
    const to = choice.to.filter((host) => this.trust.isPairedWith(host) && !this.trust.revoked.has(host));
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
      const base = this.exchange.baseOf(mailbox, { ...choice, to });
      if (choice.base !== 'nothing' && covers(base, state.clock)) continue;
      const told = this.partOf(state, base, choice);
      const each = diff(told, base, this.id);
      news.push(each);
      for (const { guid } of each.saves) offer(guid);
      this.exchange.noteSent(mailbox, told.clock);
    }
    for (const host of choice.to) for (const guid of this.exchange.wanted.get(host) ?? []) offer(guid);
    const bundle: ModelBundle = {
      ...{ from: this.id, number: this.exchange.nextNumber(), news, texts, clocks, wanted: this.waitingGuids() },
      heard: new Map([...this.exchange.taken].map(([host, numbers]) => [host, new Set(numbers)])),
      readers: this.trust.paired === null ? null : new Set(this.trust.paired),
      disowned: new Map(this.trust.disowned),
      statements: new Map<HostId, ModelStatement>(this.trust.statements).set(
        this.id,
        this.exchange.state(this, clocks),
      ),
    };
    this.exchange.exports.push(bundle);
    return bundle;
  }

  private partOf(state: MailboxState, base: Clock, { messagesMax }: ExportChoice): MailboxState {
    if (messagesMax === undefined) return state;
    const fresh = [...state.instances.values()].filter(({ birth }) => !coversBirth(base, birth));
    const uids = fresh.map(({ uid }) => uid.uid).sort((a, b) => a - b);
    const through = uids[messagesMax - 1];
    if (through === undefined) return state;
    return partOf(state, { base, through, givenUp: this.gone.givenUpIn(state.name) }, this.rules) ?? state;
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
      this.exchange.noteTaken(from, number);
    }
    for (const [mailbox, { withheld }] of outcomes) {
      for (const { from, told } of withheld) {
        this.exchange.noteTold(from, mailbox, told);
      }
    }
  }

  /** Another machine goes on with a copy of all that this one knows, under the same id. */
  forkTo(copy: ModelHost): void {
    for (const [name, known] of this.catalog) copy.catalog.set(name, known);
    this.exchange.copyTo(copy.exchange);
    copy.era = this.era;
    copy.nowS = this.nowS;
    copy.id = this.id;
    copy.isUnsettled = this.isUnsettled;
    this.trust.copyTo(copy.trust);
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
    this.exchange.askAllAnew();
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
      this.exchange.listen(bundle, this.id);
    }
    const bundleOf = new Map(bundles.flatMap((bundle) => bundle.news.map((news) => [news, bundle] as const)));
    const joined = [...byMailbox].map(([mailbox, news]) => {
      const before = barOldUids(
        this.known(mailbox),
        news.filter(({ from }) => rightOf(from) === 'full'),
        { self: this.id, era: this.era },
      );
      const toldBy = (host: HostId): Clock => this.exchange.told.get(host)?.get(mailbox) ?? emptyClock;
      const { lastStatement } = this.exchange;
      const own = { id: this.id, signed: lastStatement === null ? null : signedTicks(lastStatement) };
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
      this.gone.note(before.state, outcome.known.state);
      this.catalog.set(name, outcome.known);
      this.gone.noteGivenUp(name, outcome.decisions);
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
    settle(this, choice);
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
    settle(this, choice);
  }

  /** Gives up a message that waits for its text. */
  forget(mailbox: MailboxName, { birth }: Instance): void {
    const before = this.known(mailbox);
    const after = giveUp(before, new Set([birthKey(birth)]), this.id);
    this.witness.observed(this, before, after, { born: [] });
    this.catalog.set(mailbox, after);
    settle(this, undisturbed);
  }

  renumber(mailbox: MailboxName): void {
    const before = this.known(mailbox);
    const spooled = this.spooled();
    const texts = { has: (mail: TextId) => spooled.find(mail) !== null || this.copyOf(mail) !== null };
    const { known, decisions } = renumber(before, this.id, texts, this.rules);
    this.catalog.set(mailbox, known);
    if (known !== before) this.witness.merged(this, before, known, decisions);
  }

  spooled(): TextIndex<SizedText> {
    return indexTexts([...this.spool].map((text) => ({ ...idOf(text), sizeBytes: 1 })));
  }
}
