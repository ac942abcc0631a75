import type { Flag } from '../../src/mail/flags.js';
import type { MailboxChange } from '../../src/mail/mailbox-change.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Digest, Scan } from '../../src/mail/mailbox-scan.js';
import type { Guid } from '../../src/mail/text/text-guid.js';
import { idOf, mailOf } from './model-texts.js';

/** A message as the model's store keeps it. In the model a text is its guid. */
export type StoredMessage = {
  ref: string;
  uid: number;
  flags: Set<Flag>;
  text: Guid;
  /** Its user wrote it anew, and that its UID names another text is his doing. */
  isRewritten?: true;
};

export type StoredMailbox = {
  uidValidity: number;
  uidNext: number;
  /** Messages with uid 0 have no UID yet: the next scan gives them one. */
  messages: Map<string, StoredMessage>;
  id: string;
  /** The UID list is not understood any more: it tells no UID, only how far it went. */
  isGarbled: boolean;
};

export type StoreBackup = {
  readonly mailboxes: ReadonlyMap<MailboxName, StoredMailbox>;
  readonly subscribed: ReadonlySet<MailboxName>;
};

/** Told whenever a UID begins to name a mail, which is what a mail client could have seen. */
export type NamingListener = (mailbox: MailboxName, uidValidity: number, uid: number, text: Guid) => void;

/** Where a change stops: as when the power goes. files: the messages are there, the UID list is the old one. */
export type Interruption = 'none' | 'before' | 'files' | 'after';

/** A keyword no model store with `isNarrow` has room for. */
export const bulkyKeyword = 'bulky';

/** What a store refuses to do, for it would break what mail clients rely on; a test that gets here has failed. */
export class StoreRefusal extends Error {}

/**
 * A store as Dovecot keeps one: UIDs are given out upwards, a message can only be added at or above UIDNEXT, and a new
 * UIDVALIDITY starts afresh. With `givesUids` off it is a plain Maildir.
 */
export class ModelStore {
  readonly mailboxes = new Map<MailboxName, StoredMailbox>();
  readonly subscribed = new Set<MailboxName>();
  /** What was asked of it so far. */
  readonly tally = { delivered: 0, expunged: 0, renumbered: 0, flagged: 0 };
  readonly givesUids: boolean;
  readonly isNarrow: boolean;
  private readonly onNaming: NamingListener;
  private files = 0;
  private lastValidity = 0;

  constructor(traits: { givesUids: boolean; isNarrow: boolean }, onNaming: NamingListener) {
    this.givesUids = traits.givesUids;
    this.isNarrow = traits.isNarrow;
    this.onNaming = (mailbox, uidValidity, uid, text) => onNaming(mailbox, uidValidity, uid, mailOf(text));
  }

  /** What a backup of it holds. */
  backup(): StoreBackup {
    const mailboxes = new Map([...this.mailboxes].map(([name, box]) => [name, copyOf(box)]));
    return { mailboxes, subscribed: new Set(this.subscribed) };
  }

  /** Puts a backup in its place: names of files and times go on, as on a real machine. */
  restore({ mailboxes, subscribed }: StoreBackup): void {
    this.mailboxes.clear();
    for (const [name, box] of mailboxes) {
      this.mailboxes.set(name, copyOf(box));
      this.lastValidity = Math.max(this.lastValidity, box.uidValidity);
      if (!this.givesUids) continue;
      for (const { uid, text, isRewritten } of box.messages.values()) {
        if (uid > 0 && isRewritten !== true) this.onNaming(name, box.uidValidity, uid, text);
      }
    }
    this.subscribed.clear();
    for (const name of subscribed) this.subscribed.add(name);
  }

  create(mailbox: MailboxName, nowS: number): StoredMailbox {
    const present = this.mailboxes.get(mailbox);
    if (present !== undefined) return present;
    this.lastValidity = Math.max(nowS, this.lastValidity + 1);
    const id = `${nowS}-${this.files++}`;
    const made = { uidValidity: this.lastValidity, uidNext: 1, messages: new Map(), id, isGarbled: false };
    this.mailboxes.set(mailbox, made);
    return made;
  }

  /** Mail arrives, or is copied by a user. */
  deliver(mailbox: MailboxName, text: Guid, flags: Iterable<Flag>, nowS: number): StoredMessage {
    const box = this.create(mailbox, nowS);
    let ref = text;
    while (box.messages.has(ref)) ref = `${text}.${this.files++}`;
    const message: StoredMessage = { ref, uid: 0, flags: new Set(flags), text };
    box.messages.set(ref, message);
    if (!box.isGarbled) this.number(mailbox, box, message, box.uidNext);
    return message;
  }

  /** Its user writes a message anew, in its place: nothing but the text shows it. */
  rewrite({ ref }: StoredMessage, mailbox: MailboxName, text: Guid): void {
    const message = this.mailboxes.get(mailbox)?.messages.get(ref);
    if (message !== undefined) Object.assign(message, { text, isRewritten: true });
  }

  /** Makes such a message another one, as if it had been expunged and delivered again. Answers the ref it has from then on. */
  setApart(mailbox: MailboxName, ref: string): string | null {
    const box = this.mailboxes.get(mailbox);
    const message = box?.messages.get(ref);
    if (box === undefined || message === undefined) return null;
    box.messages.delete(ref);
    const fresh = `${message.text}.${this.files++}`;
    const { isRewritten: _, ...apart } = { ...message, ref: fresh, uid: 0 };
    box.messages.set(fresh, apart);
    if (!box.isGarbled) this.number(mailbox, box, apart, box.uidNext);
    return fresh;
  }

  /** Makes all such messages others. */
  setAllApart(): void {
    for (const [mailbox, { messages }] of this.mailboxes) {
      for (const { ref, isRewritten } of [...messages.values()]) if (isRewritten === true) this.setApart(mailbox, ref);
    }
  }

  /** A message that comes and goes before anybody of ours looks. */
  deliverFleeting(mailbox: MailboxName, text: Guid, nowS: number): void {
    const { ref } = this.deliver(mailbox, text, [], nowS);
    this.mailboxes.get(mailbox)?.messages.delete(ref);
  }

  /** The UID list is made anew, by a server that lost it or was told to. */
  reset(mailbox: MailboxName, nowS: number): void {
    const box = this.mailboxes.get(mailbox);
    if (box === undefined) return;
    this.lastValidity = Math.max(nowS, this.lastValidity + 1, box.uidValidity + 1);
    box.uidValidity = this.lastValidity;
    this.renumberAll(mailbox, box);
  }

  /** A UID list of a lower UIDVALIDITY turns up, one never used here before. */
  lower(mailbox: MailboxName, isUsed: (uidValidity: number) => boolean): void {
    const box = this.mailboxes.get(mailbox);
    if (box === undefined) return;
    let lower = box.uidValidity - 1;
    while (lower > 0 && isUsed(lower)) lower -= 1;
    if (lower === 0) return;
    box.uidValidity = lower;
    this.renumberAll(mailbox, box);
  }

  /** Its UIDs are all but used up, as where a program of its user wrote a UIDNEXT of its own. */
  exhaust(mailbox: MailboxName, uidNext: number): void {
    const box = this.mailboxes.get(mailbox);
    if (box === undefined || !this.givesUids || box.isGarbled) return;
    box.uidNext = Math.max(box.uidNext, uidNext);
  }

  /** The UID list is garbled. */
  garble(mailbox: MailboxName): void {
    const box = this.mailboxes.get(mailbox);
    if (box === undefined || !this.givesUids) return;
    box.isGarbled = true;
    for (const message of box.messages.values()) message.uid = 0;
  }

  isAnyGarbled(): boolean {
    return [...this.mailboxes.values()].some(({ isGarbled }) => isGarbled);
  }

  private renumberAll(mailbox: MailboxName, box: StoredMailbox): void {
    box.uidNext = 1;
    box.isGarbled = false;
    for (const message of box.messages.values()) this.number(mailbox, box, message, box.uidNext);
  }

  rename(from: MailboxName, to: MailboxName): void {
    const box = this.mailboxes.get(from);
    if (box === undefined || this.mailboxes.has(to)) return;
    this.mailboxes.delete(from);
    this.mailboxes.set(to, box);
    this.lastValidity = Math.max(this.lastValidity, box.uidValidity);
    if (!this.givesUids) return;
    for (const { uid, text } of box.messages.values()) if (uid > 0) this.onNaming(to, box.uidValidity, uid, text);
  }

  /** Messages without a UID get one first, or are left out. */
  scan(mailbox: MailboxName, { assignUids = true } = {}): Scan | null {
    const box = this.mailboxes.get(mailbox);
    if (box === undefined) return null;
    const showsUids = this.givesUids && !box.isGarbled;
    const listed = [...box.messages.values()].filter(({ uid }) => uid > 0 || assignUids || !showsUids);
    for (const message of box.isGarbled ? [] : listed) {
      if (message.uid === 0) this.number(mailbox, box, message, box.uidNext);
    }
    const { uidValidity, uidNext, id } = box;
    return {
      uids: showsUids ? { uidValidity, uidNext } : null,
      ...(box.isGarbled ? { uidsWanted: { above: uidNext - 1 } } : {}),
      messages: listed.map(({ ref, uid, flags }) => ({
        ref,
        uid: showsUids ? uid : null,
        flags: new Set(flags),
      })),
      fingerprint: null,
      mailboxId: this.givesUids ? id : null,
      troubles: [],
    };
  }

  digests(mailbox: MailboxName, wanted: (ref: string) => boolean): Map<string, Digest> {
    const digests = new Map<string, Digest>();
    const body = { sizeBytes: 1, crc: 0, marks: { sizeBytes: 1, bits: new Uint8Array() } };
    const file = { sizeBytes: 1, mtimeNs: 0n };
    for (const { ref, text } of this.mailboxes.get(mailbox)?.messages.values() ?? []) {
      if (wanted(ref)) digests.set(ref, { ref, ...idOf(text), sizeBytes: 1, body, receivedS: 0, hint: text, file });
    }
    return digests;
  }

  /** Carries out a change, or the part of it that the interruption leaves. Null: nobody is left to hear the outcome. */
  change(
    mailbox: MailboxName,
    change: MailboxChange,
    { spool, interruption }: { spool: ReadonlySet<Guid>; interruption: Interruption },
  ): { outcome: 'done' | 'moved'; troubles: { subject: string }[]; unstorable: Flag[] } | null {
    if (interruption === 'before') return null;
    const present = this.mailboxes.get(mailbox);
    if (!this.isAsExpected(present, change.expected)) return { outcome: 'moved', troubles: [], unstorable: [] };
    const box = present ?? this.create(mailbox, change.uidValidity);
    this.tally.delivered += change.deliver.length;
    this.tally.expunged += change.expunge.length;
    this.tally.renumbered += change.renumber.length;
    this.tally.flagged += change.setFlags.length;
    const laysDown = box.isGarbled && namesAll(change, box);
    const isNewList = box.uidValidity !== change.uidValidity || present === undefined || laysDown;
    const floor = isNewList ? 1 : box.uidNext;
    const troubles: { subject: string }[] = [];
    const unstorable = new Set<Flag>();
    const storable = (flags: ReadonlySet<Flag>): Set<Flag> => {
      const kept = new Set(flags);
      if (this.isNarrow && kept.delete(bulkyKeyword)) unstorable.add(bulkyKeyword);
      return kept;
    };
    const chosen: [StoredMessage, number][] = [];
    for (const { ref, uid, guid, flags, text } of change.deliver) {
      const source = text === 'spool' ? null : this.mailboxes.get(text.mailbox)?.messages.get(text.ref);
      if (text === 'spool' ? !spool.has(guid) : source?.text !== guid) {
        troubles.push({ subject: ref });
        continue;
      }
      const message = box.messages.get(ref) ?? { ref, uid: 0, flags: storable(flags), text: guid };
      if (message.text !== guid) throw new StoreRefusal(`${ref} is another message`);
      box.messages.set(ref, message);
      chosen.push([message, uid]);
    }
    if (interruption === 'files') return null;
    for (const { ref, flags } of change.setFlags) {
      const message = box.messages.get(ref);
      if (message !== undefined) message.flags = storable(flags);
    }
    for (const { ref, uid } of change.renumber) {
      const message = box.messages.get(ref);
      if (message !== undefined) chosen.push([message, uid]);
    }
    if (laysDown) box.isGarbled = false;
    if (this.givesUids && !box.isGarbled) {
      if (isNewList) {
        box.uidValidity = change.uidValidity;
        this.lastValidity = Math.max(this.lastValidity, change.uidValidity);
        box.uidNext = 1;
        for (const message of box.messages.values()) message.uid = 0;
      }
      chosen.sort(([, a], [, b]) => a - b);
      for (const [message, uid] of chosen) {
        if (uid < floor) throw new StoreRefusal(`UID ${uid} of ${message.ref} is below UIDNEXT ${floor}`);
        if (uid >= change.uidNext) throw new StoreRefusal(`UID ${uid} is not below the new UIDNEXT ${change.uidNext}`);
        if (uid < box.uidNext) throw new StoreRefusal(`UID ${uid} twice`);
        this.number(mailbox, box, message, uid);
      }
      box.uidNext = Math.max(box.uidNext, change.uidNext);
    } else {
      for (const [message] of chosen) message.uid = this.givesUids ? 0 : 1;
    }
    for (const { ref } of change.expunge) box.messages.delete(ref);
    return interruption === 'after' ? null : { outcome: 'done', troubles, unstorable: [...unstorable] };
  }

  private isAsExpected(present: StoredMailbox | undefined, expected: MailboxChange['expected']): boolean {
    if (expected === 'absent' || present === undefined) return expected === 'absent' && present === undefined;
    if (!this.givesUids) return true;
    if (present.isGarbled) return expected === null;
    return present.uidValidity === expected?.uidValidity && present.uidNext === expected.uidNext;
  }

  remove(mailbox: MailboxName): void {
    if (this.mailboxes.get(mailbox)?.messages.size === 0) this.mailboxes.delete(mailbox);
  }

  private number(mailbox: MailboxName, box: StoredMailbox, message: StoredMessage, uid: number): void {
    message.uid = uid;
    if (!this.givesUids) return;
    box.uidNext = Math.max(box.uidNext, uid + 1);
    this.onNaming(mailbox, box.uidValidity, uid, message.text);
  }
}

/** Only then a list is laid down where there was none. */
function namesAll({ renumber, deliver, expunge }: MailboxChange, { messages }: StoredMailbox): boolean {
  const named = new Set([...renumber, ...deliver].map(({ ref }) => ref).concat(expunge.map(({ ref }) => ref)));
  return [...messages.keys()].every((ref) => named.has(ref));
}

function copyOf(box: StoredMailbox): StoredMailbox {
  const messages = [...box.messages].map(([ref, each]) => [ref, { ...each, flags: new Set(each.flags) }] as const);
  return { ...box, messages: new Map(messages) };
}
