import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import { everyRule, type Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { undelivered } from '../../src/merge/stored-files-by-message.js';
import { plausibleFromS } from '../../src/merge/uids/make-new-uidvalidity.js';
import { uidNextMax } from '../../src/replica/replica-limits.js';
import type { ExportChoice, ImportChoice, ModelBundle } from './model-bundle.js';
import { ModelHistory } from './model-history.js';
import { ModelHost } from './model-host.js';
import {
  type Deed,
  type DeedName,
  deedTable,
  type HostTraits,
  mailboxNames,
  type Schedule,
  type Scope,
  wholeScope,
} from './model-schedule.js';
import { bulkyKeyword, type Interruption, ModelStore, type StoredMessage } from './model-store.js';
import { mailOf, stamped } from './model-texts.js';

const hostIds = ['3', '1', '5', '0', '4', '2'].map((digit) => digit.repeat(32));
const flagNames = ['\\Seen', '\\Flagged', '\\Answered', 'work', bulkyKeyword];

/** The hosts of one schedule, their bundles, and what their users and programs do. */
export class World {
  readonly history = new ModelHistory();
  readonly hosts: ModelHost[];
  readonly bundles: ModelBundle[] = [];
  readonly scope: Scope;
  /** Texts that the users and programs of these hosts leave alone. */
  readonly untouched = new Set<Guid>();
  nowS = plausibleFromS + 100;
  private texts = 0;
  private stamps = 0;
  private readonly clocks = new Map<string, HostTraits['clock']>();

  constructor(
    schedule: Schedule,
    {
      rules = everyRule,
      scope = wholeScope,
      readsOnDemand = false,
    }: { rules?: Rules; scope?: Scope; readsOnDemand?: boolean } = {},
  ) {
    this.scope = scope;
    this.hosts = schedule.hosts.map((traits, n) => {
      const id = hostIds[n] as string;
      this.clocks.set(id, traits.clock);
      const store = new ModelStore(traits, (mailbox, uidValidity, uid, text) => {
        this.history.named(id, mailbox, uidValidity, uid, text);
      });
      return new ModelHost(id, store, { witness: this.history, rules, readsOnDemand });
    });
    this.setClocks();
    this.begin(schedule.begin);
  }

  /** Lets every machine's clock show what it shows at this moment. */
  setClocks(): void {
    for (const host of this.hosts) {
      const clock = this.clocks.get(host.machine);
      host.nowS = clock === 'start' ? this.nowS - plausibleFromS : clock === 'ahead' ? this.nowS + 2 ** 32 : this.nowS;
    }
  }

  private begin(how: Schedule['begin']): void {
    if (how === 'nothing') return;
    this.hosts.forEach((host, n) => {
      host.store.create(inbox, how === 'copies' || how === 'blank' ? this.nowS : this.nowS + ((n * 7) % 5));
      if (how === 'blank') return;
      const order = how !== 'copies' ? [2, 0, 3, 1].slice(0, 4 - (n % 2)) : [0, 1, 2, 3];
      for (const text of order) {
        const mail = `begin${text}`;
        const copy = how === 'fetched' ? stamped(mail, 100 + n) : mail;
        host.store.deliver(inbox, copy, text === 0 ? ['\\Seen'] : [], this.nowS);
      }
      if (how === 'copies') host.store.deliverFleeting(inbox, 'begin-fleeting', this.nowS);
    });
  }

  /** Does one deed of a schedule. */
  do([what, whom, a, b, c]: Deed): void {
    const host = this.hosts[whom % this.hosts.length] as ModelHost;
    this.nowS += c % 3 === 0 ? 1 : 0;
    this.setClocks();
    const deed = deedTable[what] as DeedName;
    const mailbox = mailboxNames[b % mailboxNames.length] as MailboxName;
    this[deed](host, mailbox, { a, b, c });
  }

  private deliver(host: ModelHost, mailbox: MailboxName, { a }: Numbers): void {
    host.store.deliver(mailbox, `t${this.texts++}`, a % 4 === 0 ? ['\\Seen'] : [], this.nowS);
  }

  private deliverTwin(host: ModelHost, mailbox: MailboxName, { a, c }: Numbers): void {
    if (!this.scope.twins) return;
    const twin = `twin${a % 5}`;
    const text = c % 2 === 0 ? twin : stamped(twin, this.stamps++ % 7);
    host.store.deliver(mailbox, text, a % 4 === 0 ? ['\\Seen'] : [], this.nowS);
  }

  private fleeting(host: ModelHost, mailbox: MailboxName): void {
    const text = `t${this.texts++}`;
    host.store.deliverFleeting(mailbox, text, this.nowS);
    this.history.userExpunges(mailbox, text);
  }

  private flag(host: ModelHost, mailbox: MailboxName, { a, c }: Numbers): void {
    const message = this.pick(host, mailbox, a);
    const name = flagNames[c % flagNames.length] as string;
    if (message === undefined || (host.store.isNarrow && name === bulkyKeyword)) return;
    if (!message.flags.delete(name)) message.flags.add(name);
  }

  private expunge(host: ModelHost, mailbox: MailboxName, { a }: Numbers): void {
    const message = this.pick(host, mailbox, a);
    if (message !== undefined) this.take(host, mailbox, message);
  }

  private rewrite(host: ModelHost, mailbox: MailboxName, { a }: Numbers): void {
    const message = this.pick(host, mailbox, a);
    if (message === undefined) return;
    // What was written anew before anybody of ours saw it is just mail, and that a UID named two texts then is its user's doing.
    if ((host.known(mailbox).holdings.get(message.ref)?.uid ?? null) === null) return;
    this.history.userExpunges(mailbox, message.text);
    host.store.rewrite(message, mailbox, `t${this.texts++}`);
  }

  private copy(host: ModelHost, mailbox: MailboxName, { a, c }: Numbers): void {
    const message = this.pick(host, mailbox, a);
    const target = mailboxNames[c % mailboxNames.length] as MailboxName;
    if (message === undefined || (!this.scope.twins && target === mailbox)) return;
    if (!this.scope.twins && this.holds(target, message.text)) return;
    host.store.deliver(target, message.text, message.flags, this.nowS);
  }

  private move(host: ModelHost, mailbox: MailboxName, { a, c }: Numbers): void {
    const message = this.pick(host, mailbox, a);
    const target = mailboxNames[c % mailboxNames.length] as MailboxName;
    if (message === undefined || target === mailbox) return;
    if (!this.scope.twins && this.holds(target, message.text)) return;
    this.take(host, mailbox, message);
    host.store.deliver(target, message.text, message.flags, this.nowS);
  }

  /** A program that fetches mail has lost its place: what it fetched goes, and comes anew, or in another mailbox, with another line stamped into it. */
  private fetchAnew(host: ModelHost, mailbox: MailboxName, { a, c }: Numbers): void {
    const message = this.pick(host, mailbox, a);
    const target = c % 2 === 0 ? mailbox : (mailboxNames[c % mailboxNames.length] as MailboxName);
    if (message === undefined || !this.scope.twins) return;
    host.store.mailboxes.get(mailbox)?.messages.delete(message.ref);
    if (target !== mailbox) this.history.userExpunges(mailbox, message.text);
    host.store.deliver(target, stamped(message.text, this.stamps++), message.flags, this.nowS);
  }

  private holds(mailbox: MailboxName, text: Guid): boolean {
    return this.hosts.some(
      ({ store, catalog }) =>
        [...(store.mailboxes.get(mailbox)?.messages.values() ?? [])].some(
          (message) => mailOf(message.text) === mailOf(text),
        ) ||
        [...(catalog.get(mailbox)?.state.instances.values() ?? [])].some(({ guid }) => mailOf(guid) === mailOf(text)),
    );
  }

  /** A UIDVALIDITY that comes and goes before anybody of ours looks at the mailbox is beyond knowing. */
  private lookBeforeItGoes(host: ModelHost, mailbox: MailboxName): void {
    const number = host.store.mailboxes.get(mailbox)?.uidValidity;
    if (number !== undefined && host.known(mailbox).storeUids?.uidValidity !== number) host.survey();
  }

  private reset(host: ModelHost, mailbox: MailboxName, { c }: Numbers): void {
    if (c % 2 === 0) return;
    this.lookBeforeItGoes(host, mailbox);
    host.store.reset(mailbox, this.nowS);
  }

  private lower(host: ModelHost, mailbox: MailboxName, { c }: Numbers): void {
    if (c % 3 !== 0 || !host.store.givesUids) return;
    host.survey(); // what the lost UID list gave out since the last look, nobody can know
    host.store.lower(mailbox, (number) => this.history.usedValidity(host.machine, mailbox, number));
  }

  private garble(host: ModelHost, mailbox: MailboxName): void {
    this.lookBeforeItGoes(host, mailbox);
    if (host.known(mailbox).state.validity === null) return; // UIDs of a UIDVALIDITY that nobody knows are beyond knowing
    host.store.garble(mailbox);
  }

  private exhaust(host: ModelHost, mailbox: MailboxName, { a, c }: Numbers): void {
    host.store.exhaust(mailbox, uidNextMax - 240 + a + (c % 2) * 2 ** 22);
  }

  private deleteMailbox(host: ModelHost, mailbox: MailboxName): void {
    if (mailbox === inbox) return;
    this.lookBeforeItGoes(host, mailbox);
    for (const message of host.store.mailboxes.get(mailbox)?.messages.values() ?? []) {
      this.history.userExpunges(mailbox, message.text);
    }
    host.store.mailboxes.delete(mailbox);
  }

  private createMailbox(host: ModelHost, mailbox: MailboxName): void {
    host.store.create(mailbox, this.nowS);
  }

  private rename(host: ModelHost, mailbox: MailboxName): void {
    const target = mailbox === 'Work' ? 'Lists' : 'Work';
    if (mailbox === inbox || host.store.mailboxes.has(target)) return;
    this.lookBeforeItGoes(host, mailbox);
    const number = host.store.mailboxes.get(mailbox)?.uidValidity ?? 0;
    if (this.history.usedValidity(host.machine, target, number)) return;
    for (const { text } of host.store.mailboxes.get(mailbox)?.messages.values() ?? []) {
      if (!this.scope.twins && this.holds(target, text)) return;
    }
    for (const { text } of host.store.mailboxes.get(mailbox)?.messages.values() ?? []) {
      this.history.userExpunges(mailbox, text);
    }
    host.store.rename(mailbox, target);
  }

  private subscribe(host: ModelHost, mailbox: MailboxName): void {
    if (!host.store.mailboxes.has(mailbox)) return;
    if (!host.store.subscribed.delete(mailbox)) host.store.subscribed.add(mailbox);
  }

  private survey(host: ModelHost): void {
    host.survey();
  }

  private export(host: ModelHost, _mailbox: MailboxName, { a, b, c }: Numbers): void {
    const others = this.hosts.filter((each) => each !== host).map(({ id }) => id);
    const to = c % 3 === 0 ? [others[a % others.length] as string] : others;
    const choice: ExportChoice = !this.scope.accidents
      ? { to, base: 'heard', withholds: () => false }
      : {
          to,
          base: b % 6 === 0 ? 'sent' : b % 6 === 1 ? 'nothing' : 'heard',
          ...(a % 3 === 0 ? { messagesMax: 1 + (c % 7) } : {}),
          withholds: a % 5 === 0 ? () => true : a % 5 === 1 ? (_, n) => n % 2 === 0 : () => false,
        };
    this.bundles.push(host.export(choice));
  }

  private import(host: ModelHost, _mailbox: MailboxName, { a, b, c }: Numbers): void {
    const others = this.bundles.filter(({ from }) => from !== host.id);
    if (others.length === 0) return;
    const at = (n: number): ModelBundle => others[n % others.length] as ModelBundle;
    const chosen =
      a % 4 === 0
        ? [at(b)]
        : a % 4 === 1
          ? [at(b), at(c)]
          : [...new Map(others.map((each) => [each.from, each])).values()];
    host.import(chosen, this.disturbance(host, c));
  }

  private restore(host: ModelHost, _mailbox: MailboxName, { a, c }: Numbers): void {
    const entry = host.trash[a % Math.max(1, host.trash.length)];
    if (entry === undefined) return;
    const { mailbox, guid } = entry;
    const isHeld = this.holds(mailbox, guid);
    if (
      isHeld &&
      (!this.scope.twins ||
        [...host.known(mailbox).state.instances.values()].some((i) => mailOf(i.guid) === mailOf(guid)))
    )
      return;
    if (!isHeld) this.history.userRestores(mailbox, guid);
    host.restore(mailbox, guid, this.disturbance(host, c));
  }

  /** Also where other hosts have the text: a user may be mistaken, and then it is an expunge like any other. */
  private forget(host: ModelHost, _mailbox: MailboxName, { a, b, c }: Numbers): void {
    if (this.scope.accidents && c % 4 !== 0) {
      const others = this.hosts.filter((each) => each !== host);
      const sender = others[b % others.length] as ModelHost;
      const bundle = sender.export({ to: [host.id], base: 'heard', withholds: () => true });
      this.bundles.push(bundle);
      host.import([bundle]);
    }
    host.survey();
    const waiting = [...host.catalog].flatMap(([mailbox, known]) =>
      undelivered(known).map((message) => ({ mailbox, message })),
    );
    const textless = waiting.filter(({ message }) => host.copyOf(message) === null);
    const chosen = textless[a % Math.max(1, textless.length)];
    if (chosen === undefined) return;
    this.history.userExpunges(chosen.mailbox, chosen.message.guid);
    host.forget(chosen.mailbox, chosen.message);
  }

  private disturbance(host: ModelHost, c: number): ImportChoice {
    if (!this.scope.accidents) return { interruption: 'none', meanwhile: null };
    const interruptions: Interruption[] = ['before', 'files', 'after'];
    const interruption = interruptions[c % 16] ?? 'none';
    const mailbox = mailboxNames[c % mailboxNames.length] as MailboxName;
    const numbers = { a: c, b: c, c };
    const acts: (() => void)[] = [
      () => this.deliver(host, mailbox, numbers),
      () => this.fleeting(host, mailbox),
      () => this.expunge(host, mailbox, numbers),
      () => this.rewrite(host, mailbox, numbers),
    ];
    return { interruption, meanwhile: acts[(c >> 4) % 12] ?? null };
  }

  private pick(host: ModelHost, mailbox: MailboxName, n: number): StoredMessage | undefined {
    const all = [...(host.store.mailboxes.get(mailbox)?.messages.values() ?? [])];
    const messages = all.filter(({ text }) => !this.untouched.has(mailOf(text)));
    return messages[n % Math.max(1, messages.length)];
  }

  private take(host: ModelHost, mailbox: MailboxName, { ref, text }: StoredMessage): void {
    host.store.mailboxes.get(mailbox)?.messages.delete(ref);
    this.history.userExpunges(mailbox, text);
  }
}

type Numbers = { readonly a: number; readonly b: number; readonly c: number };
