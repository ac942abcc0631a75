import type { Flag } from '../../src/mail/flags.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import type { Decision } from '../../src/merge/merge-decision.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { FlagRegister, Stamp, Validity } from '../../src/replica/last-writer-registers.js';
import type { KnownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../src/replica/message-birth.js';
import { tickOf } from '../../src/replica/version-vector.js';
import type { ModelHost, Witness } from './model-host.js';
import { mailOf } from './model-texts.js';

/**
 * The oracle: it keeps everything that ever happened on every host, which no host can, and says from that what must come of it.
 * Slow and plain on purpose; it shares no rule with the merge.
 */
export class ModelHistory implements Witness {
  /** What each UID named on each host: the first text, and every other one it ever named there. */
  private readonly namedOnHost = new Map<string, Guid>();
  private readonly namedAnywhere = new Map<string, Set<Guid>>();
  private readonly validitiesOnHost = new Set<string>();
  readonly contradictions: string[] = [];
  /** Texts that a host saw in a mailbox; texts that a user expunged from one. */
  private readonly seen = new Map<string, { mailbox: MailboxName; guid: Guid }>();
  private readonly expungedByUser = new Set<string>();
  private readonly births = new Map<MailboxName, Map<BirthKey, Guid>>();
  private readonly deaths = new Map<MailboxName, Set<BirthKey>>();
  private readonly flags = new Map<string, FlagRegister>();
  private readonly exists = new Map<MailboxName, FlagRegister>();
  private readonly subscribed = new Map<MailboxName, FlagRegister>();
  private readonly validities = new Map<MailboxName, Validity & { readonly isUsed: boolean }>();
  /** Mailboxes in which mail born on several hosts became one: there the oracle knows the texts, not the instances. */
  readonly blended = new Set<MailboxName>();
  /** Mailboxes in which a moved message was given flags of its source. */
  readonly carriedInto = new Set<MailboxName>();

  named(host: HostId, mailbox: MailboxName, uidValidity: number, uid: number, text: Guid): void {
    const key = `${mailbox} ${uidValidity} ${uid}`;
    const first = this.namedOnHost.get(`${host} ${key}`);
    if (first === undefined) this.namedOnHost.set(`${host} ${key}`, text);
    else if (first !== text) this.contradictions.push(`UID ${key} named ${first} and then ${text} on ${host}`);
    this.validitiesOnHost.add(`${host} ${mailbox} ${uidValidity}`);
    const anywhere = this.namedAnywhere.get(key);
    if (anywhere === undefined) this.namedAnywhere.set(key, new Set([text]));
    else anywhere.add(text);
  }

  everNamed(mailbox: MailboxName, uidValidity: number, uid: number): ReadonlySet<Guid> {
    return this.namedAnywhere.get(`${mailbox} ${uidValidity} ${uid}`) ?? new Set();
  }

  usedValidity(host: HostId, mailbox: MailboxName, uidValidity: number): boolean {
    return this.validitiesOnHost.has(`${host} ${mailbox} ${uidValidity}`);
  }

  userExpunges(mailbox: MailboxName, guid: Guid): void {
    this.expungedByUser.add(`${mailbox} ${mailOf(guid)}`);
  }

  /** To be said where nobody has it any more. */
  userRestores(mailbox: MailboxName, guid: Guid): void {
    this.expungedByUser.delete(`${mailbox} ${mailOf(guid)}`);
  }

  /** Texts that must be in every store in the end. */
  mustLive(): { mailbox: MailboxName; guid: Guid }[] {
    return [...this.seen].filter(([key]) => !this.expungedByUser.has(key)).map(([, entry]) => entry);
  }

  observed(
    host: ModelHost,
    before: KnownMailbox,
    after: KnownMailbox,
    { born }: { readonly born: readonly { guid: Guid }[] },
  ): void {
    const mailbox = after.state.name;
    for (const { guid } of born) this.seen.set(`${mailbox} ${mailOf(guid)}`, { mailbox, guid: mailOf(guid) });
    for (const [birth, instance] of after.state.instances) {
      if (!before.state.instances.has(birth)) entry(this.births, mailbox, () => new Map()).set(birth, instance.guid);
    }
    for (const birth of before.state.instances.keys()) {
      if (!after.state.instances.has(birth)) entry(this.deaths, mailbox, () => new Set()).add(birth);
    }
    this.record(host.id, before, after);
  }

  merged(host: ModelHost, before: KnownMailbox, after: KnownMailbox, decisions: readonly Decision[]): void {
    if (decisions.some(({ kind }) => kind === 'unified')) this.blended.add(after.state.name);
    if (decisions.some(({ kind }) => kind === 'moved-flags')) this.carriedInto.add(after.state.name);
    this.record(host.id, before, after);
  }

  /** Notes every register this host stamped itself in this step. */
  private record(host: HostId, before: KnownMailbox, after: KnownMailbox): void {
    const known = tickOf(before.state.clock, host).modseq;
    const mailbox = after.state.name;
    const isOwn = (stamp: Stamp): boolean => stamp.host === host && stamp.modseq > known;
    for (const [birth, instance] of after.state.instances) {
      if (before.state.instances.get(birth) === instance) continue;
      for (const [flag, register] of instance.flags) {
        if (isOwn(register)) this.note(this.flags, `${mailbox} ${birth} ${flag}`, register);
      }
    }
    if (isOwn(after.state.exists)) this.note(this.exists, mailbox, after.state.exists);
    if (isOwn(after.state.subscribed)) this.note(this.subscribed, mailbox, after.state.subscribed);
    const { validity, uidNext } = after.state;
    if (validity === null) return;
    const best = this.validities.get(mailbox);
    const isUsed = uidNext > 1;
    const wins =
      best === undefined ||
      validity.resets > best.resets ||
      (validity.resets === best.resets &&
        ((isUsed && !best.isUsed) || (isUsed === best.isUsed && validity.uidValidity < best.uidValidity)));
    if (wins) this.validities.set(mailbox, { ...validity, isUsed });
  }

  private note<K>(registers: Map<K, FlagRegister>, key: K, register: FlagRegister): void {
    const last = registers.get(key);
    const isLater =
      last === undefined ||
      register.modseq > last.modseq ||
      (register.modseq === last.modseq && register.host > last.host);
    if (isLater) registers.set(key, register);
  }

  /** What must be agreed on in the end, where no two messages were made one: a line per message, and one for the mailbox. */
  expectation(mailbox: MailboxName): string[] {
    const lines: string[] = [];
    for (const [birth, guid] of this.births.get(mailbox) ?? []) {
      if (this.deaths.get(mailbox)?.has(birth) === true) continue;
      const on: Flag[] = [];
      const prefix = `${mailbox} ${birth} `;
      for (const [key, register] of this.flags) {
        if (register.on && key.startsWith(prefix)) on.push(key.slice(prefix.length));
      }
      lines.push(`${birth} ${guid} ${on.sort().join(' ')}`);
    }
    return lines.sort();
  }

  expectedMailbox(mailbox: MailboxName): { exists: boolean; subscribed: boolean; uidValidity: number | null } {
    return {
      exists: this.exists.get(mailbox)?.on === true,
      subscribed: this.subscribed.get(mailbox)?.on === true,
      uidValidity: this.validities.get(mailbox)?.uidValidity ?? null,
    };
  }

  mailboxes(): MailboxName[] {
    return [...new Set([...this.births.keys(), ...this.exists.keys()])].sort();
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
