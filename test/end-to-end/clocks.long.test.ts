import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { viewFolder } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, type SiteOptions, scratch } from './site.js';

// Numbers that are made of the time of day, where that is wrong; and numbers that are used up.

const rightMs = Date.UTC(2027, 4, 5);
const clocks = { 'in 1970': 300_000, 'in 2001': 1_000_000_000_000, 'after 2106': 2 ** 33 * 1000 } as const;

type Test = { after(clean: () => void): void };

async function makeSites(
  t: Test,
  options: Record<string, SiteOptions>,
): Promise<{ sites: readonly Site[]; stick: string }> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const sites = Object.entries(options).map(([name, more]) => makeSite(directory, name, more));
  for (const site of sites) site.put(letter(`from ${site.name}`));
  await initAll(sites);
  return { sites, stick };
}

async function validities(sites: readonly Site[], mailbox = 'INBOX'): Promise<(number | null | undefined)[]> {
  return Promise.all(sites.map(async (site) => (await viewReplica(site))[mailbox]?.uidValidity));
}

for (const [what, nowMs] of Object.entries(clocks)) {
  test(`a Maildir without UIDs whose clock is ${what} takes those of whom it meets, whoever speaks first`, async (t) => {
    for (const first of [0, 1]) {
      const { sites, stick } = await makeSites(t, {
        attic: { nowMs: () => nowMs },
        home: { uidList: true, uidValidity: 1_700_000_000 },
      });
      assert.deepEqual(await validities(sites), [null, 1_700_000_000], 'none before one is needed');
      await exchange(first === 0 ? sites : sites.toReversed(), stick, 2);
      assert.deepEqual(await validities(sites), [1_700_000_000, 1_700_000_000]);
      assert.equal(viewFolder((sites[1] as Site).maildir).uidValidity, 1_700_000_000);
      await assertAgreed(sites);
    }
  });

  test(`what is made or restored while the clock is ${what} gives way to what right clocks made`, async (t) => {
    const { sites, stick } = await makeSites(t, { attic: { nowMs: () => nowMs }, barn: { nowMs: () => rightMs } });
    const [attic, barn] = sites as [Site, Site];
    for (const site of sites) site.put(letter(`kept by ${site.name}`), { mailbox: 'Kept' });
    attic.create('Empty');
    for (const site of sites) await site.mrepl('export', stick);
    await exchange(sites, stick, 2);
    const number = rightMs / 1000;
    assert.deepEqual(
      [await validities(sites), await validities(sites, 'Kept')],
      [
        [number, number],
        [number, number],
      ],
    );
    const [empty, other] = await validities(sites, 'Empty');
    assert.ok(Number(empty) > number && empty === other && Number(empty) < 2 ** 31, String(empty));
    barn.expunge('kept by barn', 'Kept');
    await exchange([barn, attic], stick);
    await attic.mrepl('restore', '--all');
    await exchange(sites, stick, 2);
    assert.deepEqual(await validities(sites, 'Kept'), [number, number]);
    await assertAgreed(sites);
  });

  test(`a host that rejoins while its clock is ${what} gets a UIDVALIDITY above those it had`, async (t) => {
    let clockMs: number = rightMs;
    const { sites, stick } = await makeSites(t, {
      attic: { uidList: true, uidValidity: 1_700_000_000, nowMs: () => clockMs },
      barn: { uidList: true, uidValidity: 1_710_000_000, nowMs: () => rightMs },
    });
    const [attic, barn] = sites as [Site, Site];
    await exchange(sites, stick, 2);
    clockMs = nowMs;
    await attic.mrepl('rejoin', '--yes');
    for (const site of [attic, barn, attic]) await site.mrepl('pair', stick, '--yes');
    await exchange([attic, barn], stick, 3);
    const [era, same] = await validities(sites);
    assert.ok(Number(era) > 1_700_000_000 && Number(era) < 2 ** 32, String(era));
    assert.equal(same, era);
    await assertAgreed(sites);
  });
}

for (const uidNext of [4_278_190_081, 4_294_967_295, 4_294_967_296]) {
  test(`a mailbox whose list says UIDNEXT ${uidNext} goes on under another UIDVALIDITY, on all hosts`, async (t) => {
    const { sites, stick } = await makeSites(t, {
      home: { uidList: true, uidValidity: 1_700_000_000 },
      cabin: { uidList: true, uidValidity: 1_700_000_500 },
    });
    const [home] = sites as [Site, Site];
    await exchange(sites, stick, 2);
    const list = join(home.maildir, 'dovecot-uidlist');
    writeFileSync(list, readFileSync(list, 'utf8').replace(/ N\d+/, ` N${uidNext}`));
    home.put(letter('under the last UID'));
    const examined = await home.run('doctor');
    assert.equal(examined.status, 3);
    assert.match(
      examined.out,
      /the UIDs of INBOX are nearly used up \(UIDNEXT 42\d{8}\); peers believe no higher ones/,
    );
    const told = await home.mrepl('sync', stick, '--verbose');
    assert.match(
      told,
      /INBOX {2}.*its UIDs are nearly used up \(UIDNEXT 42\d{8}\), UIDVALIDITY 1700000000 -> 1700000501/,
    );
    await exchange(sites, stick, 2);
    assert.deepEqual(await validities(sites), [1_700_000_501, 1_700_000_501]);
    assert.deepEqual(
      viewFolder(home.maildir).messages.map(({ uid }) => uid),
      [1, 2, 3],
    );
    await assertAgreed(sites);
    assert.equal((await home.run('doctor')).status, 0);
  });
}
