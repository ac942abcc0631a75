import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { seededRandom } from '../bench/random.js';
import { mailUser } from '../dovecot/mail-user.js';
import { makeHost, mreplProgram, pairAll } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, type SiteOptions, scratch } from './site.js';
import { makeUidWitness } from './uid-witness.js';

// A host that is not what it was: what it knew is lost, its clock is wrong, it may not read its mail, or it was away for long.

type Pair = { readonly home: Site; readonly cabin: Site; readonly both: readonly [Site, Site]; readonly stick: string };

function makePair(t: { after(clean: () => void): void }, options: SiteOptions = {}): Pair {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true, ...options });
  const cabin = makeSite(directory, 'cabin', { uidList: true, uidValidity: 1800000000 });
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  return { home, cabin, both: [home, cabin], stick };
}

describe('subscriptions', () => {
  const subscribed = 'V\t2\n\nINBOX\nLists\nLists\tone\n';
  const losses: readonly (readonly [string, (file: string) => void])[] = [
    ['are deleted', (file) => rmSync(file)],
    ['are empty after a power cut', (file) => writeFileSync(file, '')],
    ['are binary junk', (file) => writeFileSync(file, Buffer.alloc(4096, '\0\x01\xfe'))],
  ];

  test('that are lost are made again, however they were lost, and nobody else loses any', async (t) => {
    const { home, both, stick } = makePair(t);
    for (const mailbox of ['INBOX', 'Lists', 'Lists/one']) home.put(letter(`in ${mailbox}`), { mailbox });
    const file = join(home.maildir, 'subscriptions');
    writeFileSync(file, subscribed);
    await initAll(both);
    await exchange(both, stick);
    for (const [title, lose] of losses) {
      lose(file);
      const lines = await home.json('sync', stick);
      const told = lines.filter(({ kind, lost }) => kind === 'scanned' && String(lost) === 'subscription');
      assert.deepEqual(told.map(({ mailbox }) => mailbox).sort(), ['INBOX', 'Lists', 'Lists/one'], title);
      await exchange(both, stick);
      for (const site of both) assert.equal(subscriptionsOf(site), subscribed, `${title}: ${site.name}`);
    }
  });

  test('that somebody took back, all of them, are not', async (t) => {
    const { home, both, stick } = makePair(t);
    home.put(letter('in INBOX'));
    writeFileSync(join(home.maildir, 'subscriptions'), 'V\t2\n\nINBOX\n');
    await initAll(both);
    await exchange(both, stick);
    writeFileSync(join(home.maildir, 'subscriptions'), 'V\t2\n\n');
    await exchange(both, stick);
    for (const site of both) assert.equal(subscriptionsOf(site), 'V\t2\n\n', site.name);
  });

  function subscriptionsOf({ maildir }: Site): string {
    const [version, empty, ...names] = readFileSync(join(maildir, 'subscriptions'), 'utf8').split('\n');
    return [version, empty, ...names.filter(Boolean).sort(), ''].join('\n');
  }
});

test('a catalog that is lost doubles nothing; what was expunged or unflagged since the last exchange comes back', async (t) => {
  const { home, cabin, both, stick } = makePair(t);
  for (const number of [1, 2, 3, 4, 5]) home.put(letter(`number ${number}.`), { flags: 'S' });
  await initAll(both);
  await exchange(both, stick);
  home.expunge('number 1.');
  cabin.expunge('number 2.');
  home.mark('number 3.', { remove: 'S', add: 'F' });
  home.move('number 4.', 'INBOX', 'Kept');
  home.put(letter('new at home'));
  cabin.put(letter('new at the cabin'));
  await cabin.mrepl('sync', stick);

  rmSync(home.data, { recursive: true });
  rmSync(join(dirname(home.home), 'cards', 'mrepl', 'alice', 'home.card'));
  await initAll([home]);
  await cabin.mrepl('peers', 'revoke', 'home');
  await pairAll(both);
  await home.run('sync', stick); // what lies there is sealed to a host that is no more
  await exchange(both, stick, 2);
  await assertAgreed(both);
  for (const site of both) {
    const counts = [1, 2, 3, 4, 5].map((number) => site.count(`number ${number}.`));
    assert.deepEqual(counts, [1, 1, 1, 1, 1], 'what was expunged, or moved away, on one side came back');
    assert.equal(site.count('number 4.', 'Kept'), 1);
    assert.equal(site.count('new at'), 2);
    assert.match(site.files('number 3.')[0] ?? '', /:2,FS$/, 'the flags of both');
  }
});

test('what may not be read is not gone: a mailbox, its mail, its list or its keywords', async (t) => {
  const { home, cabin, both, stick } = makePair(t, { program: mailUser().command(mreplProgram) });
  const directory = dirname(home.home);
  const withheld = { box: '', cur: 'cur', list: 'dovecot-uidlist', names: 'dovecot-keywords' };
  home.put(letter('elsewhere'));
  for (const mailbox of Object.keys(withheld)) {
    home.put(letter(`one in ${mailbox}`), { mailbox, flags: 'Sa' });
    writeFileSync(join(home.folder(mailbox), 'dovecot-keywords'), '0 Work\n');
    writeFileSync(
      join(home.folder(mailbox), 'dovecot-uidlist'),
      '3 V1650000000 N1 G000102030405060708090a0b0c0d0e0f\n',
    );
  }
  mailUser().own(directory);
  await initAll(both);
  await exchange(both, stick);
  for (const mailbox of Object.keys(withheld)) home.deliver(letter(`two in ${mailbox}`), mailbox);
  mailUser().own(home.maildir);
  const modes = { box: 0o700, cur: 0o700, list: 0o600, names: 0o600 };
  for (const [mailbox, what] of Object.entries(withheld)) chmodSync(join(home.folder(mailbox), what), 0o000);
  const { status, err } = await home.run('sync', stick);
  assert.equal(status, 3, err);
  for (const mailbox of Object.keys(withheld)) assert.match(err, new RegExp(`\\b${mailbox}\\b.*EACCES`));
  await cabin.mrepl('sync', stick);
  for (const [mailbox, mode] of Object.entries(modes)) {
    chmodSync(join(home.folder(mailbox), withheld[mailbox as keyof typeof withheld]), mode);
  }
  await exchange(both, stick);
  await assertAgreed(both);
  for (const mailbox of Object.keys(withheld)) {
    const { uidValidity, messages = [] } = (await viewReplica(cabin))[mailbox] ?? {};
    assert.equal(uidValidity, 1650000000, mailbox);
    assert.deepEqual(
      messages.map(({ uid, flags }) => [uid, flags]),
      [
        [1, ['\\Seen', 'work']],
        [2, []],
      ],
      mailbox,
    );
  }
});

test('a clock that is ten years behind, or ahead, misleads nobody', async (t) => {
  let shiftMs = 0;
  const { home, cabin, both, stick } = makePair(t, { nowMs: () => Date.now() + shiftMs });
  const witness = makeUidWitness();
  for (const number of [1, 2, 3]) home.put(letter(`number ${number}.`));
  await initAll(both);
  await exchange(both, stick);
  const tenYearsMs = 10 * 365 * 86_400_000;
  for (const [number, ahead] of [
    [1, -tenYearsMs],
    [2, tenYearsMs],
    [3, 0],
  ] as const) {
    shiftMs = ahead;
    home.mark(`number ${number}.`, { add: 'F' });
    cabin.mark(`number ${number}.`, { add: 'R' });
    home.deliver(letter(`at home, ${shiftMs}.`));
    cabin.deliver(letter(`at the cabin, ${shiftMs}.`));
    home.put(letter('in it'), { mailbox: `Made/${number}`, receivedS: Math.floor((Date.now() + shiftMs) / 1000) });
    await exchange(both, stick);
    await assertAgreed(both);
    for (const site of both) await witness.look(site);
  }
  for (const site of both) {
    for (const number of [1, 2, 3]) assert.match(site.files(`number ${number}.`)[0] ?? '', /:2,FR$/);
    assert.equal(site.count('Subject: at '), 6);
  }
});

test('a host that was silent for a year, with 10,000 changes on both sides, comes to the same in small memory', async (t) => {
  const { home, cabin, both, stick } = makePair(t);
  const inSmallMemory = makeHost({
    ...home,
    program: [process.execPath, '--max-old-space-size=64', ...mreplProgram.slice(1)],
  });
  const total = 2000;
  for (let number = 1; number <= total; number++) {
    const mailbox = number % 3 === 0 ? 'Lists/busy' : 'INBOX';
    home.put(letter(`number ${number}.`), { mailbox, base: `1500000000.M${number}P1.home` });
  }
  await initAll(both);
  await exchange(both, stick);
  const witness = makeUidWitness();
  witness.lookAtLists(home);
  const expunged = new Set<string>();
  const added: string[] = [];
  for (const [seed, site] of both.entries()) changeMuch(site, { seed: seed + 1, changes: 5000, expunged, added });
  await cabin.mrepl('sync', stick);
  await inSmallMemory.mrepl('sync', stick);
  await exchange([cabin, home], stick);
  witness.lookAtLists(home);
  await assertAgreed(both);
  const { INBOX, 'Lists.busy': busy } = viewMaildir(cabin.maildir);
  const texts = [...(INBOX?.messages ?? []), ...(busy?.messages ?? [])].map(({ base }) => base);
  assert.equal(new Set(texts).size, total - expunged.size + added.length, 'what nobody expunged is there, once');
});

/** As mail programs do: flags over and over, some mail expunged, some filed elsewhere, some new. No directory is listed more than once. */
function changeMuch(site: Site, how: { seed: number; changes: number; expunged: Set<string>; added: string[] }): void {
  const random = seededRandom(how.seed);
  const files = ['INBOX', 'Lists/busy'].flatMap((mailbox) =>
    ['cur', 'new'].flatMap((part) => {
      const directory = join(site.folder(mailbox), part);
      return readdirSync(directory).map((name) => ({ mailbox, directory, name }));
    }),
  );
  for (let count = 0; count < how.changes; count++) {
    const at = random.integer(0, files.length - 1);
    const file = files[at];
    if (file === undefined) continue;
    const path = join(file.directory, file.name);
    const [base = '', letters = ''] = file.name.split(':2,');
    const kind = random.unit();
    if (kind < 0.05) {
      unlinkSync(path);
      how.expunged.add(base);
      files.splice(at, 1);
    } else if (kind < 0.15) {
      const subject = `${site.name}'s ${count}.`;
      site.put(letter(subject), { base: `1600000000.M${count}P2.${site.name}` });
      how.added.push(subject);
    } else {
      const flag = random.pick(['F', 'R', 'S', 'T']);
      const after = letters.includes(flag) ? letters.replace(flag, '') : [...letters, flag].sort().join('');
      const to = { ...file, directory: join(site.folder(file.mailbox), 'cur'), name: `${base}:2,${after}` };
      renameSync(path, join(to.directory, to.name));
      files[at] = to;
    }
  }
}
