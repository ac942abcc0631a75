import assert from 'node:assert/strict';
import type { Delivery, Expunge, MailboxChange } from '../../src/mail/mailbox-change.js';
import type { Digest, Scan } from '../../src/mail/mailbox-scan.js';
import type { Untaken } from '../../src/mail/packed/unreadable-file-reasons.js';
import { canonicalText } from '../../src/mail/text/canonical-text.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import type { ChangeOutcome, MailStore } from '../../src/store/interface/mail-store.js';
import type { OpenedStore } from '../../src/store/interface/opened-store.js';
import type { StoreContext } from '../../src/store/interface/store-context.js';
import { openStore } from '../../src/store/open-store.js';

/** A store with what the host keeps for it. */
export type TestedStore = MailStore & Pick<OpenedStore, 'spool' | 'trash'>;

/** Opens a store as an account does. */
export async function openTested(spec: string, context: StoreContext, open = openStore): Promise<TestedStore> {
  const { store, ...kept } = await open(spec, context);
  return { ...store, ...kept };
}

/** A store, and somebody else who uses the same mail. */
export type StoreUnderTest = {
  readonly store: TestedStore;
  readonly givesUids: boolean;
  readonly keepsKeywords: boolean;
  /** Is a mailbox left alone as long as there are others below it, also where it holds no message? */
  readonly keepsParents?: true;
  /** What it does may take a while. */
  readonly user: {
    create(mailbox: string): MaybeLater<void>;
    /** Gives the ref. */
    deliver(
      mailbox: string,
      text: string | Uint8Array,
      flags?: readonly string[],
      receivedS?: number,
    ): MaybeLater<string>;
    setFlags(mailbox: string, ref: string, flags: readonly string[]): MaybeLater<void>;
    expunge(mailbox: string, ref: string): MaybeLater<void>;
  };
  /** Time passes, as far as the store can tell. */
  settle(): void;
  close(): Promise<void>;
};

type MaybeLater<T> = T | Promise<T>;

/** Messages that the user delivers one after the other, with these subjects. Gives their refs. */
export async function deliverAll(
  user: StoreUnderTest['user'],
  subjects: readonly string[],
  flags: readonly string[] = [],
): Promise<string[]> {
  const refs: string[] = [];
  for (const subject of subjects) refs.push(await user.deliver('INBOX', `Subject: ${subject}\n\n`, flags));
  return refs;
}

/** What messages are called now that were delivered: as announced, or as the store says. */
export function refsOf({ given }: ChangeOutcome, ...deliveries: readonly { readonly ref: string }[]): string[] {
  return deliveries.map(({ ref }) => given.get(ref)?.ref ?? ref);
}

/** The only one of `refsOf`. */
export function refOf(outcome: ChangeOutcome, delivery: { readonly ref: string }): string {
  return refsOf(outcome, delivery)[0] ?? '';
}

/** The steps of a change that changes nothing. */
export const nothing = { expunge: [], setFlags: [], renumber: [], deliver: [] };

/** Messages to be expunged, where it does not matter what they hold. */
export function going(...refs: readonly string[]): Expunge[] {
  return refs.map((ref) => ({ ref, guid: '0'.repeat(64) }));
}

export async function scanOf(store: MailStore, mailbox: string): Promise<Scan> {
  const scan = await store.scan(mailbox, { known: null, assignUids: true });
  assert.ok(scan !== null && scan !== 'unchanged', `${mailbox} is there`);
  return scan;
}

/** A change of what is there now; what it says of UIDs follows from the scan. */
export async function changeNow(store: MailStore, mailbox: string, wanted: Partial<MailboxChange>) {
  const scan = await store.scan(mailbox, { known: null, assignUids: true });
  assert.ok(scan !== 'unchanged');
  const uids = scan?.uids ?? null;
  const defaults = {
    expected: scan === null ? ('absent' as const) : uids,
    uidValidity: uids?.uidValidity ?? 5,
    uidNext: uids?.uidNext ?? 1,
  };
  const steps = [...(wanted.deliver ?? []), ...(wanted.renumber ?? [])];
  const uidNext = Math.max(defaults.uidNext, ...steps.map((step) => step.uid + 1));
  return store.change(mailbox, { ...nothing, ...defaults, uidNext, ...wanted });
}

/** What became of a change, but for what the texts delivered are like and what they are called. */
export function outcomeOf({ outcome, troubles, unstorable }: ChangeOutcome): Omit<ChangeOutcome, 'stamps' | 'given'> {
  return { outcome, troubles, unstorable };
}

/** A delivery of `text`, spooled. */
export async function spooled(store: TestedStore, text: string, wanted: Partial<Delivery> = {}): Promise<Delivery> {
  const canonical = Buffer.from(canonicalText(Buffer.from(text)));
  const guid = guidOfCanonical(canonical);
  if (wanted.text === undefined) await store.spool.put(guid, canonical);
  const hint = wanted.hint ?? `1700000000.M1P1.elsewhere-${guid.slice(0, 8)}`;
  const ref = store.chooseRef(hint, new Set(), { guid, sizeBytes: canonical.length });
  return { ref, uid: 1, guid, flags: new Set(), receivedS: 1_600_000_000, hint, text: 'spool', ...wanted };
}

export async function digestsOf(store: MailStore, mailbox: string, refs: readonly string[]) {
  const digests = new Map<string, Digest>();
  const untaken = new Map<string, Untaken>();
  const troubles: string[] = [];
  for await (const answer of store.digest(mailbox, refs)) {
    if ('guid' in answer) digests.set(answer.ref, answer);
    else if ('untaken' in answer) untaken.set(answer.ref, answer.untaken);
    else troubles.push(answer.subject);
  }
  return { digests, untaken, troubles };
}

export async function textOf(store: MailStore, mailbox: string, ref: string): Promise<string> {
  return Buffer.from(await store.readText(mailbox, ref)).toString();
}

/** Declares a test that gets a store of its own. */
export type DeclareTest = (name: string, body: (under: StoreUnderTest) => Promise<void>) => void;
