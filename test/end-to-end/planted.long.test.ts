import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { vouchedHostsMax } from '../../src/replica/replica-limits.js';
import { readHostKeys } from '../../src/trust/identity/host-key-file.js';
import { newsOf, preambleOf, written } from '../bundle/sample.js';
import { initAll, runAhead } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// A peer with good keys writes one bundle that names thousands of hosts which do not exist; then honest hosts go on.

const folderOf = (stick: string): string => join(stick, 'mrepl', 'alice');

async function makeScene(t: TestContext, right: 'read' | 'full') {
  const directory = scratch(t);
  const [home, cabin, bad] = ['home', 'cabin', 'bad'].map((name) => makeSite(directory, name, { uidList: true }));
  if (home === undefined || cabin === undefined || bad === undefined) return assert.fail();
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  await initAll([home, cabin, bad]);
  for (const site of [home, cabin]) await site.mrepl('peers', 'limit', 'bad', right);
  home.put(letter('from home'));
  cabin.put(letter('from the cabin'));
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  return { home, cabin, bad, stick };
}

/** Bytes of the bundle that it leaves there. */
async function plant(bad: Site, stick: string, { mailboxes }: { readonly mailboxes: number }): Promise<number> {
  const path = join(bad.data, 'mrepl', 'alice', 'keys');
  const [, hostId = ''] = /^# host: (\S+)$/m.exec(readFileSync(path, 'utf8')) ?? [];
  const keys = readHostKeys(path, { account: 'alice', hostId });
  const hosts = Array.from({ length: 4000 }, (_, n) => `f${n.toString(16).padStart(31, '0')}`);
  const clock = new Map([...hosts, keys.hostId].map((host) => [host, { serial: 1, modseq: 1 }] as const));
  const news = Array.from({ length: mailboxes }, (_, n): MailboxNews => {
    const empty = newsOf(n === 0 ? 'INBOX' : `Planted ${n}`, []);
    const by = { modseq: 1, host: keys.hostId };
    return { ...empty, from: keys.hostId, clock, exists: { on: true, ...by }, ledger: { claims: [], agreements: [] } };
  });
  const preamble = { ...preambleOf(news), from: { hostId: keys.hostId, name: 'bad' }, number: 1 };
  const { bytes } = await written({ preamble, news, texts: [] }, {}, { signingKey: keys.signingKey, recipients: [] });
  writeFileSync(join(folderOf(stick), 'bad-000001.tar.zst'), bytes);
  return bytes.length;
}

/** Bytes of the newest bundle that a host left there. */
function newestOf(name: string, stick: string): number {
  const files = readdirSync(folderOf(stick)).filter((each) => each.startsWith(`${name}-`));
  return statSync(join(folderOf(stick), files.sort().at(-1) ?? assert.fail())).size;
}

async function assertTheyGoOn(home: Site, cabin: Site, stick: string, when = 'later'): Promise<void> {
  home.deliver(letter(`${when} from home`));
  cabin.deliver(letter(`${when} from the cabin`));
  // What was forgotten here may be what a bundle that lies there still builds upon: that is said, and made good.
  for (const site of [home, cabin, home, cabin]) await runAhead(site, 'sync', stick);
  for (const site of [home, cabin]) {
    await site.mrepl('sync', stick);
    for (const subject of [`${when} from home`, `${when} from the cabin`])
      assert.equal(site.count(subject), 1, site.name);
  }
}

test('4,000 invented hosts of a peer that may only read: nobody knows them afterwards, and bundles go on', async (t) => {
  const { home, cabin, bad, stick } = await makeScene(t, 'read');
  const before = newestOf('home', stick);
  assert.ok((await plant(bad, stick, { mailboxes: 1 })) < 80_000);
  for (const site of [home, cabin]) await site.mrepl('import', stick);
  await assertTheyGoOn(home, cabin, stick);
  assert.ok(newestOf('home', stick) < before + 4096, `${newestOf('home', stick)} bytes, ${before} before`);
  for (const site of [home, cabin]) assert.doesNotMatch((await site.run('doctor')).out, /vouches for/);
});

test('and of one with every right: their number has a bound, doctor says who vouches, revoke frees', async (t) => {
  const { home, cabin, bad, stick } = await makeScene(t, 'full');
  await plant(bad, stick, { mailboxes: 20 });
  for (const site of [home, cabin]) {
    const { status, err } = await site.run('import', stick);
    assert.equal(status, 3, err);
    assert.match(err, /bad named 3936 hosts beyond those that are taken up/);
  }
  rmSync(join(folderOf(stick), 'bad-000001.tar.zst'));
  await assertTheyGoOn(home, cabin, stick);
  assert.ok(newestOf('home', stick) < 60_000, `${newestOf('home', stick)} bytes`);
  assert.match((await home.run('doctor')).out, new RegExp(`bad vouches for ${vouchedHostsMax} hosts`));
  assert.match(await home.mrepl('peers', 'revoke', 'bad', '--yes'), /64 hosts known on its word alone were forgotten/);
  assert.match((await home.run('doctor')).out, /bad was revoked here, and cabin went on writing for it/);
  await cabin.mrepl('peers', 'revoke', 'bad', '--yes');
  for (const site of [home, cabin, home, cabin]) await runAhead(site, 'sync', stick);
  await assertTheyGoOn(home, cabin, stick, 'at last');
  for (const site of [home, cabin]) assert.doesNotMatch((await site.run('doctor')).out, /vouches for|went on writing/);
});
