import { openBundle, verifyRecords } from '../../src/bundle/read/open-bundle.js';
import { verifyBundle } from '../../src/check/verify-bundle.js';
import { Failure } from '../../src/failure.js';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import { join } from '../../src/merge/join/join-news-of-all-bundles.js';
import { carryMovedFlags } from '../../src/merge/observe/detect-moves.js';
import { renumber } from '../../src/merge/uids/renumber-uid-conflicts.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { type KnownMailbox, unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import type { AgeIdentity } from '../../src/trust/age/recipient-keys.js';
import { readerId } from './hosts.js';
import { manifestShown, newsShown, stateShown } from './shown.js';

type Json = Readonly<Record<string, unknown>>;

/** All that is in a bundle, as the vectors say it. */
export async function foundIn(path: string, identities: readonly AgeIdentity[] = []): Promise<Json> {
  const bundle = await openBundle(path, { identities });
  try {
    const { manifest, signedBy, isSealed } = bundle;
    const verified = await verifyRecords(bundle);
    const texts: [string, number][] = [];
    for await (const { guid, text } of verified.texts()) texts.push([guid, text.byteLength]);
    const wrong = [...verified.damage(), ...verified.troubles.map(({ failure }) => failure)];
    if (wrong[0] !== undefined) throw wrong[0];
    return {
      sealed: isSealed,
      ...manifestShown(manifest, signedBy),
      mailboxes: verified.news.map(newsShown),
      texts: texts.sort(([a], [b]) => (a < b ? -1 : 1)),
    };
  } finally {
    await bundle.close();
  }
}

/** What becomes of the mailboxes of a host without a store that takes in these bundles at once, and has all their texts. */
export async function mergedFrom(paths: readonly string[]): Promise<readonly Json[]> {
  const waiting = new Map<MailboxName, MailboxNews[]>();
  for (const path of paths) {
    const bundle = await openBundle(path);
    for (const news of (await verifyRecords(bundle)).news) {
      waiting.set(news.name, [...(waiting.get(news.name) ?? []), news]);
    }
    await bundle.close();
  }
  const joined = [...waiting].map(([name, news]) => {
    const outcome = join(unknownMailbox(name), news, readerId);
    if (outcome.refused[0] !== undefined) throw outcome.refused[0].failure;
    return { before: unknownMailbox(name), joined: outcome };
  });
  const known = new Map<MailboxName, KnownMailbox>(
    joined.map(({ joined: { known: each } }) => [each.state.name, each]),
  );
  const load = (name: MailboxName): KnownMailbox => known.get(name) ?? unknownMailbox(name);
  const carried = carryMovedFlags(joined, { self: readerId, load, placesOf: () => [] });
  for (const { known: each } of carried) known.set(each.state.name, each);
  return [...known.values()]
    .map((each) => renumber(each, readerId, { has: () => true }).known.state)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(stateShown);
}

/** What a reader that breaks no rule has to say of a bundle that does: all of it is refused, a mailbox, or a text. */
export async function refusedOf(path: string): Promise<{ readonly refused: string; readonly why: readonly string[] }> {
  const { findings } = await verifyBundle(path);
  const why = findings.map(({ message }) => message.replaceAll(path, 'FILE'));
  try {
    const bundle = await openBundle(path);
    const { news, troubles } = await verifyRecords(bundle).finally(() => bundle.close());
    const isOfMailbox = troubles.length > 0 || why.some((each) => each.includes('nothing can be taken'));
    return { refused: isOfMailbox ? 'mailbox' : why.length > 0 ? 'text' : news.length >= 0 ? 'nothing' : '', why };
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    return { refused: 'bundle', why };
  }
}
