import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { type AgeRecipient, parseAgeIdentity, parseAgeRecipient } from '../../../src/trust/age/recipient-keys.js';
import { open, ours, sample, seal, sizes, theirs } from './sample.js';

const directory = mkdtempSync(join(tmpdir(), 'mrepl-age-'));
after(() => rmSync(directory, { recursive: true }));

const identityFile = join(directory, 'identity');
writeFileSync(identityFile, `# ours\n${ours.reveal()}\n`, { mode: 0o600 });

/** Runs age or age-keygen; answers what it writes to its standard output. */
function run(program: 'age' | 'age-keygen', args: readonly string[], input: Uint8Array = Buffer.alloc(0)): Buffer {
  const { error, status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1 << 28 });
  assert.equal(error, undefined, `${program} does not run (${error?.message}): it is in the Debian package age`);
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

describe('the program age', () => {
  it('opens what is sealed here', () => {
    for (const size of sizes) {
      assert.deepEqual(run('age', ['-d', '-i', identityFile], seal(sample(size))), sample(size), `${size} bytes`);
    }
  });

  it('seals what is opened here', async () => {
    for (const size of sizes) {
      const file = run('age', ['-r', ours.recipient], sample(size));
      assert.deepEqual(await open(file), { text: sample(size), damage: [] }, `${size} bytes`);
    }
  });

  it('seals to several, and opens what is', async () => {
    const text = sample(100_000);
    const file = run('age', ['-r', theirs.recipient, '-r', ours.recipient], text);
    for (const identity of [ours, theirs]) assert.deepEqual(await open(file, identity), { text, damage: [] });
    const more = seal(text, [theirs.recipient, ours.recipient]);
    assert.deepEqual(run('age', ['-d', '-i', identityFile], more), text);
  });

  it('has the same keys', () => {
    assert.equal(run('age-keygen', ['-y', identityFile]).toString().trim(), ours.recipient);
    const made = run('age-keygen', []).toString();
    const identity = parseAgeIdentity(/^AGE-.*$/m.exec(made)?.[0] ?? '');
    assert.equal(identity?.recipient, /^# public key: (.*)$/m.exec(made)?.[1]);
  });

  it('refuses what is damaged here', () => {
    const file = seal(sample(100_000));
    for (const damaged of [file.subarray(0, -1), Buffer.concat([file, Buffer.alloc(1)])]) {
      const { status } = spawnSync('age', ['-d', '-i', identityFile], { input: damaged });
      assert.equal(status, 1);
    }
  });
});

describe('the package age-encryption', () => {
  it('opens what is sealed here', async () => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(ours.reveal());
    for (const size of sizes) {
      const file = seal(sample(size), [theirs.recipient, ours.recipient]);
      assert.deepEqual(Buffer.from(await decrypter.decrypt(file)), sample(size), `${size} bytes`);
    }
  });

  it('seals what is opened here', async () => {
    const encrypter = new Encrypter();
    for (const { recipient } of [theirs, ours]) encrypter.addRecipient(recipient);
    for (const size of sizes) {
      const file = await encrypter.encrypt(sample(size));
      assert.deepEqual(await open(file), { text: sample(size), damage: [] }, `${size} bytes`);
    }
  });

  it('has the same keys', async () => {
    const text = await generateIdentity();
    const recipient: AgeRecipient | null = parseAgeRecipient(await identityToRecipient(text));
    assert.equal(parseAgeIdentity(text)?.recipient, recipient);
    assert.equal(await identityToRecipient(ours.reveal()), ours.recipient);
  });
});
