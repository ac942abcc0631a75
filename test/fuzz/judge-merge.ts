import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import {
  openBundle,
  type UnverifiedBundle,
  type VerifiedBundle,
  verifyRecords,
} from '../../src/bundle/read/open-bundle.js';
import { Failure } from '../../src/failure.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { plan } from '../../src/merge/deliver/plan-store-changes.js';
import { joinByRight } from '../../src/merge/permission/join-by-permission.js';
import { renumber } from '../../src/merge/uids/renumber-uid-conflicts.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import type { Right } from '../../src/replica/peer-permission.js';
import { emptyClock, tickOf } from '../../src/replica/version-vector.js';
import { inPieces } from '../bundle/sample.js';
import type { Scene } from './scene.js';
import { complaintAbout, complaintOfNewcomer, lostMessages, missedBirths } from './soundness.js';

/** What became of a case. */
export type Verdict = 'refused' | 'in part' | 'taken';

const readingCodes: ReadonlySet<string> = new Set(['bundle-damaged', 'bundle-not-understood', 'bundle-not-for-us']);
const pieceBytes = 1 << 16;

/** `isForged`: the sender signed it as it is; else it says what it said before, or nothing. */
export type Judging = { readonly right: Right; readonly isForged: boolean };

/** Reads the bundle and merges it in memory. Throws whatever must not be. */
export async function judgeMerge(bytes: Buffer, scene: Scene, { right, isForged }: Judging): Promise<Verdict> {
  let unverified: UnverifiedBundle | null = null;
  let bundle: VerifiedBundle;
  try {
    unverified = await openBundle(inPieces(bytes, pieceBytes), {
      identities: [scene.victim.keys.ageIdentity],
      threads: 0,
    });
    bundle = await verifyRecords(unverified);
    for await (const { guid, text } of bundle.texts()) {
      if (guidOfCanonical(text) !== guid) throw new Error(`a wrong text was given out as ${guid}`);
    }
  } catch (error) {
    if (!(error instanceof Failure) || !readingCodes.has(error.code)) throw error;
    return 'refused';
  } finally {
    await unverified?.close();
  }
  const isSenders = bundle.signedBy === scene.sender.keys.signingKey.publicKey;
  if (!isSenders || bundle.preamble.from.hostId !== scene.sender.hostId) return 'refused';
  // Of what the sender said some may be lost; nothing is other than it was said.
  const lost = new Set(bundle.troubles.map(({ subject }) => subject));
  if (!isForged)
    assert.deepEqual(
      bundle.news,
      scene.news.filter(({ name }) => !lost.has(name)),
    );
  let isWhole = bundle.damage().length + bundle.troubles.length === 0;
  for (const news of bundle.news) if (!judgeNews(news, scene, right)) isWhole = false;
  return isWhole ? 'taken' : 'in part';
}

/** False where it was refused. */
function judgeNews(news: MailboxNews, { known, victim }: Scene, right: Right): boolean {
  const self = victim.hostId;
  const before = known.get(news.name) ?? unknownMailbox(news.name);
  const context = {
    self,
    nowS: 1_750_000_000,
    rightOf: () => right,
    toldBy: () => emptyClock,
    vouched: () => 'word' as const,
  };
  let joined: ReturnType<typeof joinByRight>;
  try {
    joined = joinByRight(before, [news], context);
  } catch (error) {
    const [mine, theirs] = [tickOf(before.state.clock, self), tickOf(news.clock, self)];
    const isAhead = theirs.serial > mine.serial || theirs.modseq > mine.modseq;
    if (error instanceof Failure && error.code === 'identity' && isAhead) return false;
    throw error;
  }
  demand(right !== 'read' || joined.known === before, 'something was taken of a peer that may only read');
  if (joined.refused.length > 0) demand(joined.known === before, 'news was refused, and something of it taken');
  const texts = { has: () => true };
  const { known: after } = renumber(joined.known, self, texts);
  if (joined.known !== before || after !== before) {
    const lost = lostMessages(before, after, right === 'full' ? [news] : []);
    demand(lost.length === 0, `lost: ${lost.join(', ')}`);
    const missed = right === 'full' && joined.refused.length === 0 ? missedBirths(before, joined, news) : [];
    demand(missed.length === 0, `never told again: ${missed.join(', ')}`);
    demandNot(complaintAbout(after));
    demandNot(complaintOfNewcomer(after, self));
    const again = joinByRight(joined.known, [news], context);
    const isSame = again.known === joined.known || isDeepStrictEqual(again.known.state, joined.known.state);
    demand(isSame || right !== 'full', 'the same news once more changes something');
  }
  const names = new Set<string>();
  const { change } = plan(after, {
    copyOf: () => null,
    spooled: { find: ({ guid }) => ({ guid, sizeBytes: 1 }) },
    chooseRef: (_hint, taken) => {
      let name = `m${names.size}`;
      while (taken.has(name) || names.has(name)) name += 'x';
      names.add(name);
      return name;
    },
    nowS: context.nowS,
  });
  const expected = change?.expected === 'absent' ? null : change?.expected;
  const floor = expected?.uidValidity === change?.uidValidity ? (expected?.uidNext ?? 1) : 1;
  for (const steps of [change?.renumber ?? [], change?.deliver ?? []]) {
    let last = floor - 1;
    for (const { uid } of steps) {
      demand(uid > last && uid < (change?.uidNext ?? 0), `UID ${uid} is planned where it cannot be`);
      last = uid;
    }
  }
  return joined.refused.length === 0;
}

function demand(condition: boolean, complaint: string): void {
  if (!condition) throw new Error(complaint);
}

function demandNot(complaint: string | null): void {
  demand(complaint === null, complaint ?? '');
}
