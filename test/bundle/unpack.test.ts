import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import tar from 'tar-stream';
import { packEntries } from '../../src/bundle/archive/pack-tar.js';
import { entryHeader, parseEntryHeader } from '../../src/bundle/archive/tar-header.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { contentsOf, message, newsOf, outgoing, preambleOf, written } from './sample.js';

const texts = [message(1), message(2, 70_000), message(3, 2 << 20), Buffer.alloc(0), Buffer.from('\0\u00ff\r\r\n')];

test('GNU tar and zstd unpack a bundle to what was sent, without a word', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-unpack-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const news = [newsOf('INBOX', texts), newsOf('Sent', [])];
  const { bytes } = await written({ preamble: preambleOf(news), news, texts: texts.map(outgoing) });
  const bundle = join(directory, 'home-000042.tar.zst');
  writeFileSync(bundle, bytes);
  execFileSync('zstd', ['-tq', bundle]);
  const run = (command: string): string =>
    execFileSync('bash', ['-o', 'pipefail', '-c', command], { cwd: directory, encoding: 'utf8' });
  assert.equal(run('mkdir out && zstd -dc home-000042.tar.zst | tar -x -f - -C out 2>&1'), '');

  const listed = run('zstd -dc home-000042.tar.zst | tar -t -f - 2>&1').trimEnd().split('\n');
  const names = texts.map((text) => guidOfCanonical(text)).map((guid) => `texts/${guid.slice(0, 2)}/${guid}.eml`);
  assert.deepEqual(listed, [
    'bundle.json',
    'bundle.sig',
    'mailboxes/0001.jsonl',
    'mailboxes/0002.jsonl',
    ...names,
    'end.json',
  ]);
  for (const [index, text] of texts.entries()) {
    const path = join(directory, 'out', names[index] ?? '');
    assert.deepEqual(readFileSync(path), text);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  }
  assert.deepEqual(readdirSync(join(directory, 'out')).sort(), [
    'bundle.json',
    'bundle.sig',
    'end.json',
    'mailboxes',
    'texts',
  ]);
  const manifest = JSON.parse(readFileSync(join(directory, 'out/bundle.json'), 'utf8')) as { number: unknown };
  assert.equal(manifest.number, 42);
  const [first = ''] = readFileSync(join(directory, 'out/mailboxes/0001.jsonl'), 'utf8').split('\n');
  assert.equal((JSON.parse(first) as { MBOX: unknown }).MBOX, 'INBOX');
});

test('what is packed is what tar-stream packs, byte for byte, whatever was in the memory before', async () => {
  const names = ['bundle.json', 'bundle.sig', 'end.json', `texts/ab/${'ab'.repeat(32)}.eml`];
  const sizes = [0, 1, 511, 512, 513, 100_000];
  const entries = names.flatMap((name) => sizes.map((size) => ({ name, content: Buffer.alloc(size, 'x') })));
  const pack = tar.pack();
  for (const { name, content } of entries) {
    pack.entry({ name, size: content.length, mode: 0o600, uid: 0, gid: 0, mtime: new Date(0), type: 'file' }, content);
  }
  pack.finalize();
  const expected = await buffer(pack);
  const take = (bytes: number): Buffer => Buffer.alloc(bytes, 0xff);
  assert.ok(packEntries(entries, { ends: true, take }).equals(expected));
  assert.ok(packEntries(entries, { ends: false, take }).equals(expected.subarray(0, -1024)));
});

test('a header is read as the name and the size that it was made of', () => {
  for (const size of [0, 1, 511, 512, 513, 100_000, 8 ** 11 - 1]) {
    for (const name of ['bundle.json', 'end.json', `texts/ab/${'ab'.repeat(32)}.eml`]) {
      assert.deepEqual(parseEntryHeader(entryHeader(name, size)), { name, sizeBytes: size });
    }
  }
});

test('what the format page says is what tar-stream reads', async () => {
  const extract = tar.extract();
  extract.end(Buffer.concat([entryHeader('end.json', 3), Buffer.from('{}\n'.padEnd(512, '\0')), Buffer.alloc(1024)]));
  const seen: object[] = [];
  for await (const entry of extract) {
    const { name, size, type, mode, uid, gid, mtime, uname, gname, linkname, pax } = entry.header;
    seen.push({ name, size, type, mode, uid, gid, mtime: mtime?.getTime(), uname, gname, linkname, pax });
    entry.resume();
  }
  const zero = { mode: 0o600, uid: 0, gid: 0, mtime: 0, uname: '', gname: '', linkname: null, pax: null };
  assert.deepEqual(seen, [{ name: 'end.json', size: 3, type: 'file', ...zero }]);
});

test('records are lines that people can read', async () => {
  const { frames } = await written(contentsOf([message(1)]));
  const text = execFileSync('zstd', ['-dcq'], { input: Buffer.concat(frames), encoding: 'latin1' });
  assert.match(text, /\0\{"MBOX":"INBOX","v":\[0,1700000000\],"n":2,"m":1,"x":\[1,1,0\],"s":null,/);
  assert.match(text, /^\{"SAVE":\[0,1\],"m":1,"g":"[0-9a-f]{64}","z":\d+,"d":1741000000,"u":\[1700000000,1,0,1,0\],/m);
});
