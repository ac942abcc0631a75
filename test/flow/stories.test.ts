import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { outgoing, readAll, written } from '../bundle/sample.js';
import { scratch } from '../end-to-end/site.js';
import { makeParty, type Party, pair, sessionOf, sync, textsIn } from '../scenes/party.js';

// A peer with every right, and with good keys, that tells one host another story than the other.

type Scene = { readonly home: Party; readonly cabin: Party; readonly liar: Party; readonly directory: string };

async function makeScene(t: TestContext): Promise<Scene> {
  const directory = scratch(t);
  const cards = stickIn(directory, 'cards');
  const [home, cabin, liar] = await Promise.all([
    makeParty(directory, 'home', 1),
    makeParty(directory, 'cabin', 2),
    makeParty(directory, 'liar', 3),
  ]);
  t.after(() => [home, cabin, liar].forEach(({ catalog }) => void catalog.close()));
  for (const [a, b] of [
    [home, cabin],
    [home, liar],
    [cabin, liar],
  ] as const) {
    await pair([a, b], cards);
    for (const name of readdirSync(folderOf(cards))) rmSync(join(folderOf(cards), name));
  }
  const stick = stickIn(directory, 'stick');
  for (const party of [home, cabin, liar, home, cabin, liar]) await sync(party, stick);
  return { home, cabin, liar, directory };
}

function stickIn(directory: string, name: string): string {
  const stick = join(directory, name);
  mkdirSync(stick);
  return stick;
}

function folderOf(stick: string): string {
  return join(stick, 'mrepl', 'alice');
}

/** The liar's newest bundle, and in another directory one with the same number, signed with its key, in which the text of its message is another. */
async function tellTwice({ liar, directory }: Scene, text: string, { number }: { readonly number?: number } = {}) {
  const [one, other] = [stickIn(directory, `one of ${text}`), stickIn(directory, `other of ${text}`)];
  liar.store.user.deliver(inbox, text);
  await sync(liar, one);
  const name = readdirSync(folderOf(one)).find((each) => each.startsWith('liar-')) ?? '';
  mkdirSync(folderOf(other), { recursive: true });
  copyFileSync(join(one, 'mrepl', 'medium.id'), join(other, 'mrepl', 'medium.id'));
  const { bundle, texts } = await readAll(join(folderOf(one), name));
  const [mine = Buffer.alloc(0)] = texts.values();
  const told = Buffer.from(mine.toString().replace(text, `other than ${text}`));
  const news = bundle.news.map((each) => ({
    ...each,
    saves: each.saves.map((save) => ({ ...save, guid: guidOfCanonical(told), sizeBytes: told.length })),
  }));
  const preamble = { ...bundle.preamble, number: number ?? bundle.preamble.number };
  const keys = { signingKey: liar.keys.signingKey, recipients: [] };
  writeFileSync(
    join(folderOf(other), name),
    (await written({ preamble, news, texts: [outgoing(told)] }, {}, keys)).bytes,
  );
  return { one, other };
}

async function take(party: Party, directory: string) {
  const report = await importFrom(
    sessionOf(party),
    { directory },
    { dryRun: false, mailboxes: [], allowExpunge: true },
  );
  return troublesOf(report).map(({ failure }) => failure.message);
}

async function findingsOf(party: Party): Promise<string[]> {
  const { findings } = await examineAccount(sessionOf(party), { deep: false, found: [] });
  return findings.filter(({ code }) => code === 'peers').map(({ what }) => what);
}

/** Home and the cabin alone exchange what they have. Answers what they complain of. */
async function exchange({ home, cabin, directory }: Scene, name: string): Promise<string[]> {
  const between = stickIn(directory, name);
  const complaints: string[] = [];
  for (let round = 0; round < 3; round++) {
    for (const party of [home, cabin]) {
      if (existsSync(folderOf(between))) complaints.push(...(await take(party, between)));
      await sync(party, between);
    }
  }
  return complaints;
}

describe('two stories of one host', () => {
  test('under one number: both texts get to all, and nobody refuses anybody else', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin } = scene;
    const { one, other } = await tellTwice(scene, 'a message');
    assert.deepEqual(await take(home, one), []);
    assert.deepEqual(await take(cabin, other), []);
    const complaints = await exchange(scene, 'between');
    assert.ok(
      complaints.every((what) => what.startsWith('liar has told two stories')),
      complaints.join('\n'),
    );
    for (const party of [home, cabin]) {
      assert.deepEqual(textsIn(party), ['a message', 'other than a message']);
      assert.match((await findingsOf(party)).join('\n'), /liar has told two stories/);
    }
    assert.equal(await sync(home, stickIn(scene.directory, 'silent')), 0);
  });

  test('an expunge of the one is none of the other', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin, directory } = scene;
    const { one, other } = await tellTwice(scene, 'a message');
    await take(home, one);
    await take(cabin, other);
    cabin.store.user.expunge(inbox, cabin.store.user.messages(inbox)[0]?.ref ?? '');
    const between = stickIn(directory, 'between');
    await sync(cabin, between);
    await take(home, between);
    assert.deepEqual(textsIn(home), ['a message']);
    await exchange(scene, 'later');
    for (const party of [home, cabin]) assert.deepEqual(textsIn(party), ['a message']);
  });

  test('under other numbers nothing shows it: neither text is lost', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin } = scene;
    const { one, other } = await tellTwice(scene, 'a message', { number: 40 });
    await take(home, one);
    await take(cabin, other);
    await exchange(scene, 'between');
    assert.ok(textsIn(home).includes('a message'));
    assert.ok(textsIn(cabin).includes('other than a message'));
  });
});
