import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { workingCopyOf } from '../../src/apply/context/working-copy-of-mailboxes.js';
import { openCatalog } from '../../src/catalog/open-catalog.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { canonicalText } from '../../src/mail/text/canonical-text.js';
import { exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Mail that was packed before mrepl 0.1 saw it, which took the bytes of the files for the texts.

const subjects = ['one', 'two'];

/** A file that has a CRLF in it, as what is packed may have: for 0.1 that was the end of a line. */
function packed(text: string): Buffer {
  for (let n = 0; ; n++) {
    const bytes = gzipSync(`${text}${n}\n`);
    if (canonicalText(bytes).length < bytes.length) return bytes;
  }
}

/** Puts packed mail where plain mail is, and makes the catalog know it as version 0.1 did. */
async function asOfOld(site: Site): Promise<void> {
  const catalog = await openCatalog(join(site.data, 'mrepl', 'alice', 'catalog.db'), { waitMs: 0 });
  const guids = new Map<string, { guid: string; sizeBytes: number }>();
  for (const subject of subjects) {
    const [file = ''] = site.files(`Subject: ${subject}`);
    const plain = createHash('sha256').update(readFileSync(file)).digest('hex');
    const bytes = packed(letter(subject));
    writeFileSync(file, bytes);
    const text = canonicalText(bytes);
    guids.set(plain, { guid: createHash('sha256').update(text).digest('hex'), sizeBytes: text.length });
  }
  const copy = workingCopyOf(catalog);
  const known = copy.get(inbox);
  const instances = new Map(
    [...known.state.instances].map(([birth, each]) => [birth, { ...each, ...guids.get(each.guid) }]),
  );
  const holdings = new Map(
    [...known.holdings].map(([ref, { file: _, sizeBytes: __, ...each }]) => [
      ref,
      { ...each, guid: guids.get(each.guid)?.guid ?? each.guid },
    ]),
  );
  copy.put({ ...known, holdings, state: { ...known.state, instances } });
  catalog.setNote('second-digests', 'unknown');
  catalog.close();
}

/** The subject and the flags of every message, whether it is packed or not. */
function mailIn({ maildir }: Site): string[] {
  const files = ['cur', 'new'].flatMap((part) =>
    readdirSync(join(maildir, part)).map((name) => join(maildir, part, name)),
  );
  return files
    .filter((file) => /:2,/.test(file))
    .map((file) => {
      const bytes = readFileSync(file);
      const text = String(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
      return `${/^Subject: (.*)$/m.exec(text)?.[1]} ${/:2,(.*)$/.exec(file)?.[1]}`;
    })
    .sort();
}

for (const who of ['one host', 'two hosts'] as const) {
  test(`a catalog of 0.1 over packed mail, of ${who}: each is a message with its text and its flags, once`, async (t) => {
    const directory = scratch(t);
    const home = makeSite(directory, 'home', { uidList: true });
    const cabin = makeSite(directory, 'cabin', { uidList: true });
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    for (const subject of subjects) home.put(letter(subject), { flags: 'FS' });
    await initAll([home, cabin]);
    if (who === 'two hosts') await exchange([home, cabin], stick);
    else await home.mrepl('export', join(directory)); // it has seen its mail, and told nobody
    for (const site of who === 'two hosts' ? [home, cabin] : [home]) await asOfOld(site);
    await exchange([home, cabin], stick);
    await exchange([home, cabin], stick);
    for (const site of [home, cabin]) {
      const { status, out } = await site.run('doctor', '--deep');
      assert.equal(status, 0, out);
      const shown = await site.json('status');
      const mailbox = shown.find((line) => line.mailbox === inbox);
      assert.deepEqual([mailbox?.messages, mailbox?.waiting], [subjects.length, 0], site.name);
      assert.deepEqual(mailIn(site), ['one FS', 'two FS'], site.name);
    }
  });
}
