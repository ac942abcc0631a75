import fc from 'fast-check';
import { join } from '../../src/merge/join/join-news-of-all-bundles.js';
import { everyRule, type Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { diff } from '../../src/merge/send/news-since.js';
import { whySenseless } from '../../src/replica/check-news-soundness.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { KnownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import type { Claim } from '../../src/replica/uid-ledger.js';
import { emptyClock } from '../../src/replica/version-vector.js';
import { cabin, first, home, nowS, stateLines } from './one-mailbox.js';

// A peer gone bad claims UIDs in the name of hosts that it makes up, and tells each of two honest hosts others.

/** How many labels each of them was told for each of a few UIDs, and in which order they meet. */
export type PlantedClaims = {
  readonly atHome: readonly number[];
  readonly atCabin: readonly number[];
  readonly homeFirst: boolean;
};

const perUid = fc.array(fc.nat(80), { minLength: 1, maxLength: 3 });

export const plantedClaims: fc.Arbitrary<PlantedClaims> = fc.record({
  atHome: perUid,
  atCabin: perUid,
  homeFirst: fc.boolean(),
});

const bad = 'd'.repeat(32);

/** What the bad peer said, taken as everything is that comes from a peer; then two rounds in which both hear each other. */
export function meetAmongPlantedClaims(
  { atHome, atCabin, homeFirst }: PlantedClaims,
  rules: Rules = everyRule,
): string | null {
  const complaints: string[] = [];
  const take = (host: string, known: KnownMailbox, news: MailboxNews): KnownMailbox => {
    const why = whySenseless(news);
    if (why !== null) complaints.push(`${host} is told what nobody takes: ${why}`);
    const { known: after, refused } = join(known, [news], host, rules);
    for (const { failure } of refused) complaints.push(`${host} refuses: ${failure.message}`);
    return after;
  };
  const planted = (host: string, known: KnownMailbox, counts: readonly number[]): KnownMailbox =>
    counts.reduce((before, count, n) => {
      const claims = Array.from({ length: Math.min(count, 64) }, (_, index): Claim => {
        const label = `${host.slice(0, 4)}${n}${index}`.padEnd(32, 'e');
        return { uidValidity: 100, label, lo: 1, hi: n + 1 };
      });
      const { state } = before;
      const told = diff({ ...state, ledger: { claims, agreements: [] } }, emptyClock, bad);
      const clock = new Map(told.clock).set(bad, { serial: 0, modseq: told.highestModseq + 1 });
      const news = { ...told, clock, highestModseq: told.highestModseq + 1, uidNext: Math.max(told.uidNext, n + 2) };
      return join(before, [news], host, rules).known;
    }, known);
  let one = planted(home, first(['1 a', '2 b']), atHome);
  let other = planted(cabin, first(['1 a', '2 c', '3 d'], { self: cabin, nowS }), atCabin);
  for (let round = 0; round < 2; round++) {
    for (const toHome of [homeFirst, !homeFirst]) {
      if (toHome) one = take(home, one, diff(other.state, one.state.clock, cabin));
      else other = take(cabin, other, diff(one.state, other.state.clock, home));
    }
  }
  const texts = (known: KnownMailbox): string =>
    stateLines(known)
      .map((line) => line.split(' ')[1])
      .sort()
      .join(' ');
  if (texts(one) !== texts(other)) complaints.push(`${texts(one)} is not ${texts(other)}`);
  if (one.state.uidNext !== other.state.uidNext) complaints.push('UIDNEXT differs');
  return complaints[0] ?? null;
}
