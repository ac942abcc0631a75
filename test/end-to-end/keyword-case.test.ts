import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { jsonLines } from '../host.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

type Scene = {
  readonly home: Site;
  readonly cabin: Site;
  swap(): Promise<void>;
  /** Flags as letters of the one message with this subject. */
  letters(site: Site, subject: string): string;
};

/** Two hosts with a UID list each, the keywords listed as given, and the letters one and two on both sides. */
async function makeScene(
  t: { after(clean: () => void): void },
  { home: ofHome, cabin: ofCabin }: { readonly home: readonly string[]; readonly cabin: readonly string[] },
): Promise<Scene> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const [home, cabin] = ['home', 'cabin'].map((name) => makeSite(directory, name, { uidList: true })) as [Site, Site];
  for (const site of [home, cabin]) for (const word of ['one', 'two']) site.put(letter(word), { base: `1.${word}` });
  list(home, ofHome);
  list(cabin, ofCabin);
  await initAll([home, cabin]);
  await exchange([home, cabin], stick);
  return {
    home,
    cabin,
    swap: () => exchange([home, cabin], stick),
    letters: (site, subject) => basename(site.files(`Subject: ${subject}`)[0] ?? '').split(':2,')[1] ?? '',
  };
}

function list({ maildir }: Site, keywords: readonly string[]): void {
  if (keywords.length === 0) return;
  writeFileSync(join(maildir, 'dovecot-keywords'), keywords.map((name, number) => `${number} ${name}\n`).join(''));
}

function listed({ maildir }: Site): string {
  return readFileSync(join(maildir, 'dovecot-keywords'), 'utf8');
}

describe('keywords that hosts spell in different cases', () => {
  const both = { home: ['$Forwarded'], cabin: ['other', '$forwarded'] };

  test('are set on the other host', async (t) => {
    const { home, cabin, swap, letters } = await makeScene(t, both);
    home.mark('Subject: one', { add: 'a' });
    cabin.mark('Subject: two', { add: 'b' });
    await swap();
    assert.deepEqual([letters(cabin, 'one'), letters(home, 'two')], ['b', 'a']);
    assert.deepEqual([listed(home), listed(cabin)], ['0 $Forwarded\n', '0 other\n1 $forwarded\n']);
  });

  test('are taken away where both had set them', async (t) => {
    const { home, cabin, swap, letters } = await makeScene(t, both);
    home.mark('Subject: one', { add: 'a' });
    cabin.mark('Subject: one', { add: 'b' });
    await swap();
    home.mark('Subject: one', { remove: 'a' });
    await swap();
    assert.deepEqual([letters(home, 'one'), letters(cabin, 'one')], ['', '']);
    await assertAgreed([home, cabin]);
  });

  test('go with both letters that one host has for them', async (t) => {
    const { home, cabin, swap, letters } = await makeScene(t, { home: ['Work'], cabin: ['work', 'WORK'] });
    cabin.mark('Subject: one', { add: 'ab' });
    cabin.mark('Subject: two', { add: 'b' });
    await swap();
    assert.deepEqual([letters(home, 'one'), letters(home, 'two')], ['a', 'a']);
    assert.deepEqual([letters(cabin, 'one'), letters(cabin, 'two')], ['ab', 'b']);
    for (const word of ['one', 'two']) home.mark(`Subject: ${word}`, { remove: 'a' });
    await swap();
    assert.deepEqual([letters(cabin, 'one'), letters(cabin, 'two')], ['', '']);
  });

  test('are no change when a server lists them in another case', async (t) => {
    const { home, cabin, swap, letters } = await makeScene(t, both);
    home.mark('Subject: one', { add: 'a' });
    await swap();
    writeFileSync(join(home.maildir, 'dovecot-keywords'), '0 $FORWARDED\n');
    home.mark('Subject: one', { add: 'F' });
    await swap();
    assert.deepEqual([letters(home, 'one'), letters(cabin, 'one')], ['Fa', 'Fb']);
  });

  test('are spelt as on the host that has them, in a list that had none and in reports', async (t) => {
    const { home, cabin, swap } = await makeScene(t, { home: ['ToDo', 'nonjunk'], cabin: [] });
    home.mark('Subject: one', { add: 'a' });
    await swap();
    assert.equal(listed(cabin), '0 ToDo\n');
    home.mark('Subject: two', { add: 'a' });
    const stick = join(home.maildir, '..', '..', 'stick');
    await home.run('sync', stick);
    const { out } = await cabin.run('import', stick, '--dry-run', '--json');
    assert.ok(JSON.stringify(jsonLines(out)).includes('"ToDo"'), out);
  });
});
