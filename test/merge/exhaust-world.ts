import type { Flag } from '../../src/mail/flags.js';
import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import type { ModelBundle } from './model-bundle.js';
import type { ModelHost } from './model-host.js';
import { exchangeTogether } from './model-run.js';
import type { StoredMessage } from './model-store.js';
import { World } from './model-world.js';

// The hosts whose every history is gone through, and what can be done next on them.

/**
 * agreed: all hosts have one letter, and know of one another that they have. strangers: each has got the same letter, under a UIDVALIDITY of its
 * own, and none has heard of any other.
 */
export type Beginning = 'agreed' | 'strangers';

export type Setting = {
  readonly hosts: number;
  readonly begin: Beginning;
  /** Seconds by which each host's clock is before that of the one before it: at 0, two that reset a mailbox choose the same UIDVALIDITY. */
  readonly clocksApartS: number;
  readonly rules?: Rules;
};

/** Something that can be done now; `says` is for people who look at a failure. */
export type Deed = {
  readonly says: string;
  /** The only host that it changes. */
  readonly host: number;
  /** A bundle is written by it, or lost. */
  readonly isOfBundle: boolean;
  readonly act: () => void;
};

type Act = Pick<Deed, 'says' | 'act'>;

const seen: Flag = '\\Seen';
const keyword: Flag = 'work';
const otherMailbox: MailboxName = 'Work';

/** Hosts, and what lies on their stick; what is not in the hosts themselves stands here. */
export class ExhaustWorld {
  readonly setting: Setting;
  readonly world: World;
  /** So many letters were delivered on each host: each has its own names for them, so that the order between hosts does not matter. */
  letters: number[];
  /** Was a flag ever touched? */
  isFlagged = false;
  /** Did somebody move a message to where the same one already was? */
  isDoubled = false;

  constructor(setting: Setting) {
    this.setting = setting;
    const traits = { givesUids: true, isNarrow: false };
    const hosts = Array.from({ length: setting.hosts }, () => traits);
    const options = setting.rules === undefined ? {} : { rules: setting.rules };
    this.world = new World({ hosts, begin: 'nothing', deeds: [], finish: 'together' }, options);
    this.letters = this.world.hosts.map(() => 0);
    this.world.hosts.forEach((host, n) => {
      host.nowS = this.world.nowS + n * setting.clocksApartS;
    });
    this.begin();
  }

  private begin(): void {
    const { world, setting } = this;
    const isAgreed = setting.begin === 'agreed';
    for (const [n, { store }] of world.hosts.entries()) {
      if (n > 0 && isAgreed) continue;
      store.create(inbox, world.nowS - 50 + n);
      store.deliver(inbox, 'letter', [], world.nowS);
    }
    // The first time they hear of one another, the second that they were heard.
    for (let round = 0; isAgreed && round < 3; round++) exchangeTogether(world);
    world.bundles.length = 0;
  }

  /** Everything that can be done now, in an order that depends on nothing but the state. */
  deeds(): Deed[] {
    return this.world.hosts.flatMap((host, n) => [
      ...this.deedsInStore(host, n).map((deed) => ({ says: deed.says, act: deed.act, host: n, isOfBundle: false })),
      ...this.imports(host, n).map((deed) => ({ says: deed.says, act: deed.act, host: n, isOfBundle: false })),
      { says: `${name(n)} exports`, act: () => this.export(host), host: n, isOfBundle: true },
      ...this.losses(host, n).map((deed) => ({ says: deed.says, act: deed.act, host: n, isOfBundle: true })),
    ]);
  }

  private deedsInStore(host: ModelHost, n: number): Act[] {
    const { store } = host;
    const inInbox = store.mailboxes.has(inbox);
    const deeds: Act[] = [
      { says: `a letter comes to ${name(n)}`, act: () => this.deliver(host, n, false) },
      { says: `a letter comes to ${name(n)} and is gone before anybody looks`, act: () => this.deliver(host, n, true) },
    ];
    if (inInbox) deeds.push({ says: `${name(n)} resets the UIDVALIDITY`, act: () => reset(host) });
    for (const [mailbox, { messages }] of store.mailboxes) {
      for (const message of messages.values()) deeds.push(...this.deedsWith(host, n, { mailbox, message }));
    }
    return deeds;
  }

  private deedsWith(host: ModelHost, n: number, { mailbox, message }: Placed): Act[] {
    const what = `${message.text} in ${mailbox} of ${name(n)}`;
    const target = mailbox === inbox ? otherMailbox : inbox;
    const deeds: Act[] = [
      { says: `flag of ${what}`, act: () => this.toggle(message, seen) },
      { says: `${what} is expunged`, act: () => this.take(host, mailbox, message) },
      { says: `${what} is moved to ${target}`, act: () => this.move(host, mailbox, { message, target }) },
    ];
    if (this.isFlagged) deeds.push({ says: `keyword of ${what}`, act: () => this.toggle(message, keyword) });
    return deeds;
  }

  /** Every bundle that lies there, whether it was read before or not; and all at once. */
  private imports(host: ModelHost, n: number): Act[] {
    const others = this.world.bundles.filter(({ from }) => from !== host.id);
    const deeds = others.map((bundle) => ({
      says: `${name(n)} imports ${this.labelOf(bundle)}`,
      act: () => host.import([bundle]),
    }));
    if (others.length > 1) deeds.push({ says: `${name(n)} imports all`, act: () => host.import(others) });
    return deeds;
  }

  private losses(host: ModelHost, n: number): Act[] {
    const { bundles } = this.world;
    return bundles
      .filter(({ from }) => from === host.id)
      .map((bundle) => ({
        says: `bundle ${bundle.number} of ${name(n)} is lost`,
        act: () => bundles.splice(bundles.indexOf(bundle), 1),
      }));
  }

  private labelOf({ from, number }: ModelBundle): string {
    return `bundle ${number} of ${name(this.world.hosts.findIndex(({ id }) => id === from))}`;
  }

  private export(host: ModelHost): void {
    const { hosts, bundles } = this.world;
    const to = hosts.filter((each) => each !== host).map(({ id }) => id);
    const onStick = bundles.filter(({ from }) => from === host.id);
    bundles.push(host.export({ to, base: 'heard', onStick, withholds: () => false }));
    // Where it lies among the others' says nothing.
    bundles.sort((a, b) => (a.from === b.from ? a.number - b.number : a.from < b.from ? -1 : 1));
  }

  private deliver(host: ModelHost, n: number, isFleeting: boolean): void {
    const count = (this.letters[n] ?? 0) + 1;
    this.letters[n] = count;
    const text = `${name(n)}${count}`;
    if (!isFleeting) {
      host.store.deliver(inbox, text, [], host.nowS);
      return;
    }
    host.store.deliverFleeting(inbox, text, host.nowS);
    this.world.history.userExpunges(inbox, text);
  }

  private toggle(message: StoredMessage, flag: Flag): void {
    this.isFlagged = true;
    if (!message.flags.delete(flag)) message.flags.add(flag);
  }

  private take(host: ModelHost, mailbox: MailboxName, { ref, text }: StoredMessage): void {
    host.store.mailboxes.get(mailbox)?.messages.delete(ref);
    this.world.history.userExpunges(mailbox, text);
  }

  private move(host: ModelHost, mailbox: MailboxName, { message, target }: Move): void {
    this.take(host, mailbox, message);
    const there = [...(host.store.mailboxes.get(target)?.messages.values() ?? [])];
    if (there.some(({ text }) => text === message.text)) this.isDoubled = true;
    host.store.deliver(target, message.text, message.flags, host.nowS);
  }
}

type Placed = { readonly mailbox: MailboxName; readonly message: StoredMessage };
type Move = { readonly message: StoredMessage; readonly target: MailboxName };

/** A UIDVALIDITY that comes and goes before anybody of ours looks at the mailbox is beyond knowing. */
function reset(host: ModelHost): void {
  if (host.known(inbox).storeUids?.uidValidity !== host.store.mailboxes.get(inbox)?.uidValidity) host.survey();
  host.store.reset(inbox, host.nowS);
}

function name(n: number): string {
  return 'ABCDEF'[n] ?? String(n);
}
