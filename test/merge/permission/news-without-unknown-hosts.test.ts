import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinByRight } from '../../../src/merge/permission/join-by-permission.js';
import { hostsNamedIn, withoutHosts } from '../../../src/merge/permission/news-without-unknown-hosts.js';
import { whySenseless } from '../../../src/replica/check-news-soundness.js';
import type { HostId } from '../../../src/replica/host-id.js';
import { livingOf } from '../../../src/replica/living-births-by-host.js';
import type { MailboxNews } from '../../../src/replica/mailbox-news.js';
import type { Right } from '../../../src/replica/peer-permission.js';
import { emptyClock } from '../../../src/replica/version-vector.js';
import type { ModelHost } from '../model-host.js';
import { worldOf } from '../model-scenes.js';
import { schedules } from '../model-schedule.js';
import { World } from '../model-world.js';

const seed = 20080101;

/** What is planted into news of a mailbox: hosts that do not exist, with what they are said to have done. */
type Plant = { readonly hosts: number; readonly births: boolean; readonly stamps: boolean; readonly base: boolean };

const plants: fc.Arbitrary<Plant> = fc.record({
  hosts: fc.integer({ min: 1, max: 6 }),
  births: fc.boolean(),
  stamps: fc.boolean(),
  base: fc.boolean(),
});

const isPlanted = (host: HostId): boolean => host.startsWith('plant');

function planted(news: MailboxNews, { hosts, births, stamps, base }: Plant): MailboxNews {
  const ids = Array.from({ length: hosts }, (_, n) => `plant${n}`);
  const ticks = ids.map((id) => [id, { serial: 1, modseq: news.highestModseq }] as const);
  const [first = ''] = ids;
  const stamp = { modseq: news.highestModseq, host: first };
  const [save] = news.saves;
  const more =
    !births || save === undefined
      ? []
      : ids.map((host) => ({ ...save, birth: { host, serial: 1 }, guid: `of ${host}`, flags: new Map() }));
  const saves = news.saves.map((each) =>
    stamps ? { ...each, flags: new Map([...each.flags, ['planted', { on: true, ...stamp }] as const]) } : each,
  );
  return {
    ...news,
    clock: new Map([...news.clock, ...ticks]),
    base: base && more.length === 0 ? new Map([...news.base, ...ticks]) : news.base,
    living: more.length === 0 ? news.living : new Map([...news.living, ...livingOf(more)]),
    saves: [...saves, ...more],
  };
}

/** Everything that one host would be told by another at the end of a random history, and the one that hears it. */
function scene(schedule: Parameters<typeof playOut>[0]): { home: ModelHost; news: readonly MailboxNews[] } {
  const { hosts } = playOut(schedule);
  const [home, bad] = hosts as [ModelHost, ModelHost];
  home.survey();
  return { home, news: bad.export({ to: [], base: 'nothing', withholds: () => false }).news };
}

function playOut(schedule: ConstructorParameters<typeof World>[0]): World {
  const world = new World(schedule);
  for (const deed of schedule.deeds) world.do(deed);
  return world;
}

function heard(home: ModelHost, news: MailboxNews, right: Right) {
  const { known, refused } = joinByRight(home.known(news.name), [news], {
    ...{ self: home.id, nowS: 100, rightOf: () => right, toldBy: () => emptyClock },
    vouched: () => 'word',
  });
  return { known, refused: refused.length };
}

test('news without hosts that nobody vouches for is what it would be if these had never done anything, whatever the right of its sender', () => {
  const rights = fc.constantFrom<Right>('read', 'append', 'full');
  fc.assert(
    fc.property(schedules(), plants, rights, (schedule, plant, right) => {
      const { home, news } = scene(schedule);
      for (const each of news) {
        const lie = planted(each, plant);
        const sifted = withoutHosts(lie, (host) => !isPlanted(host));
        assert.ok(![...hostsNamedIn(sifted)].some(isPlanted));
        assert.deepEqual(sifted, each);
        if (whySenseless(each) === null) assert.equal(whySenseless(sifted), null);
        assert.deepEqual(heard(home, sifted, right), heard(home, each, right));
      }
    }),
    { seed, numRuns: 100 },
  );
});

test('a limited peer that builds upon what nobody knows here brings its mail all the same', () => {
  const world = worldOf(2);
  const [home, bad] = world.hosts as [ModelHost, ModelHost];
  bad.store.deliver('INBOX', 'mail', [], 100);
  const [news] = bad.export({ to: [], base: 'nothing', withholds: () => false }).news;
  assert.ok(news !== undefined);
  const stranger = { serial: 3, modseq: 1 };
  const upon = {
    ...news,
    base: new Map([...news.base, ['c'.repeat(32), stranger] as const]),
    clock: new Map([...news.clock, ['c'.repeat(32), stranger] as const]),
  };
  assert.equal(heard(home, upon, 'append').refused, 0);
  assert.equal(heard(home, upon, 'append').known.state.instances.size, 1);
  assert.ok(![...heard(home, upon, 'append').known.state.clock.keys()].includes('c'.repeat(32)));
  assert.deepEqual(heard(home, upon, 'read'), { known: home.known('INBOX'), refused: 0 });
});
