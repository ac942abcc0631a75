import type { FlawedText, NewFlaw } from '../catalog/catalog.js';
import { isOfOneThing } from '../failure.js';
import { sameBody } from '../mail/body-sum.js';
import { hasSoundHeader } from '../mail/header.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Digest } from '../mail/mailbox-scan.js';
import { sameOf } from '../mail/text-id.js';
import type { Trouble } from '../mail/trouble.js';
import type { Untaken } from '../mail/untaken.js';
import { type Holding, heldText } from '../replica/known-mailbox.js';
import type { Bench } from './bench.js';

/** What the file of a message turned out to hold. restamped: the same mail, with other stamped lines than when it was last seen. */
export type Examined =
  | { readonly kind: 'sound'; readonly ref: string; readonly sizeBytes: number }
  /** It is packed in a way that is not read: that is no damage. */
  | { readonly kind: 'untaken'; readonly ref: string; readonly untaken: Untaken }
  | { readonly kind: 'restamped'; readonly ref: string; readonly sizeBytes: number; readonly found: Digest }
  | { readonly kind: 'flawed'; readonly flaw: NewFlaw; readonly sizeBytes: number }
  /** Nobody could say: it may not be read. */
  | { readonly kind: 'unread'; readonly trouble: Trouble };

/**
 * Reads messages of a mailbox and says whether their files hold what they were last seen to hold. Of one that is not there any more nothing
 * is said: the next look at the store sees what became of it. Changes nothing.
 */
export async function* examineTexts(
  bench: Bench,
  mailbox: MailboxName,
  refs: readonly string[],
): AsyncIterable<Examined> {
  const { holdings } = bench.copy.get(mailbox);
  const known = refs.filter((ref) => (holdings.get(ref)?.uid ?? null) !== null);
  if (known.length === 0) return;
  for await (const answer of bench.store.digest(mailbox, known)) {
    bench.signal.throwIfAborted();
    const holding = holdings.get('ref' in answer ? answer.ref : answer.subject);
    if (holding === undefined) continue;
    if ('untaken' in answer) yield judgeUntaken(mailbox, holding, answer.untaken);
    else if ('guid' in answer) {
      const examined = await judge(bench, mailbox, { holding, found: answer });
      if (examined !== null) yield examined;
    } else if (answer.failure.code === 'io')
      yield flawed(mailbox, holding, { kind: 'damaged', found: null, sizeBytes: 0 });
    else yield { kind: 'unread', trouble: answer };
  }
}

/** Packed files say themselves whether they are whole: one that is not is damaged, like any other. */
function judgeUntaken(mailbox: MailboxName, holding: Holding, untaken: Untaken): Examined {
  if (untaken.problem !== 'broken') return { kind: 'untaken', ref: holding.ref, untaken };
  return flawed(mailbox, holding, { kind: 'damaged', found: null, sizeBytes: 0 });
}

type Evidence = { readonly holding: Holding; readonly found: Digest };

/** Null where the message has gone since. */
async function judge(bench: Bench, mailbox: MailboxName, { holding, found }: Evidence): Promise<Examined | null> {
  const { ref, guid } = holding;
  if (found.guid === guid) return { kind: 'sound', ref, sizeBytes: found.sizeBytes };
  if (sameOf(found) === sameOf(holding)) return { kind: 'restamped', ref, sizeBytes: found.sizeBytes, found };
  let isAltered: boolean;
  try {
    isAltered = await wasAltered(bench, mailbox, { holding, found });
  } catch (cause) {
    if (!isOfOneThing(cause)) throw cause;
    return (await isThere(bench, mailbox, ref)) ? { kind: 'unread', trouble: { subject: ref, failure: cause } } : null;
  }
  return flawed(mailbox, holding, {
    kind: isAltered ? 'altered' : 'damaged',
    found: found.guid,
    sizeBytes: found.sizeBytes,
  });
}

/**
 * Did somebody rewrite the header? Then the body is what it was, what stands before it is a header, and the file was written anew: what bits that
 * fell over did leaves size and date alone. Where the body is not known, or was empty, nobody can tell, and it counts as damage, by which
 * nothing is lost.
 */
async function wasAltered(bench: Bench, mailbox: MailboxName, { holding, found }: Evidence): Promise<boolean> {
  const body = bench.catalog.bodyOf(holding.guid);
  if (body === null || body.sizeBytes === 0 || !sameBody(body, found.body)) return false;
  const instance = bench.copy.get(mailbox).state.instances.get(holding.birth);
  const isAsLarge = heldText(holding, instance).sizeBytes === found.sizeBytes;
  if (isAsLarge && instance?.receivedS === found.receivedS) return false;
  const text = await bench.store.readText(mailbox, holding.ref);
  return hasSoundHeader(text);
}

/** Of a message that is gone a store answers nothing. */
async function isThere({ store }: Bench, mailbox: MailboxName, ref: string): Promise<boolean> {
  for await (const _answer of store.digest(mailbox, [ref])) return true;
  return false;
}

function flawed(
  mailbox: MailboxName,
  { ref }: Holding,
  { kind, found, sizeBytes }: Pick<FlawedText, 'kind' | 'found'> & { readonly sizeBytes: number },
): Examined {
  return { kind: 'flawed', flaw: { mailbox, ref, kind, found }, sizeBytes };
}
