import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Failure, type FailureCode } from '../../../src/failure.js';
import {
  createHostKeys,
  type KeyOwner,
  readAgeIdentity,
  readHostKeys,
  setAsideHostKeys,
} from '../../../src/trust/identity/host-key-file.js';
import { decodeCard, encodeCard } from '../../../src/trust/identity/identity-card.js';
import { signDetached } from '../../../src/trust/ssh/ssh-signature.js';
import { runAge } from '../age/stock-age.js';

const directory = mkdtempSync(join(tmpdir(), 'mrepl-keys-'));
after(() => rmSync(directory, { recursive: true }));
const owner: KeyOwner = { account: 'alice', hostId: '0123456789abcdef0123456789abcdef' };
const path = join(directory, 'host.keys');
const made = createHostKeys(path, owner);
const text = readFileSync(path, 'utf8');
const seed = made.signingKey.revealSeed();

/** Neither in `shown` nor, however a buffer may have been printed, in part. */
function showsNothingSecret(shown: string): void {
  const secret = made.ageIdentity.reveal();
  for (const form of [seed.toString('base64'), seed.toString('base64url'), seed.toString('hex'), seed.join(', ')]) {
    assert.ok(!shown.includes(form.slice(0, 12)), shown);
  }
  for (let at = 'AGE-SECRET-KEY-1'.length; at + 8 <= secret.length; at++) {
    assert.ok(!shown.includes(secret.slice(at, at + 8)), shown);
  }
}

function refused(attempt: () => unknown, message: RegExp, hint = /./, code: FailureCode = 'config'): void {
  assert.throws(attempt, (error) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
    showsNothingSecret(inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error));
    return true;
  });
}

/** Refused, whatever it says, as a file of keys of its own. */
function refusedAsContent(content: string | Uint8Array, message: RegExp, hint = /./): void {
  const file = join(directory, 'altered');
  writeFileSync(file, content, { mode: 0o600 });
  refused(() => readHostKeys(file, owner), message, hint);
  rmSync(file);
}

describe('the private keys of a host', () => {
  it('are read as they were made, and are others each time', () => {
    const read = readHostKeys(path, owner);
    assert.deepEqual(
      [read.account, read.hostId, read.signingKey.publicKey, read.ageIdentity.recipient, read.ageIdentity.reveal()],
      [owner.account, owner.hostId, made.signingKey.publicKey, made.ageIdentity.recipient, made.ageIdentity.reveal()],
    );
    assert.deepEqual(read.signingKey.revealSeed(), seed);
    const message = Buffer.from('m');
    assert.deepEqual(signDetached(read.signingKey, 'n', message), signDetached(made.signingKey, 'n', message));
    const other = createHostKeys(join(directory, 'other'), owner);
    assert.notEqual(other.signingKey.publicKey, made.signingKey.publicKey);
    assert.notEqual(other.ageIdentity.recipient, made.ageIdentity.recipient);
    rmSync(join(directory, 'other'));
  });

  it('make a card', () => {
    const card = {
      ...owner,
      hostName: 'home',
      signingKey: made.signingKey.publicKey,
      ageRecipient: made.ageIdentity.recipient,
    };
    assert.deepEqual(decodeCard(encodeCard(card, made.signingKey), 'card'), card);
  });

  it('are a file that age takes as it is, or by its one line', () => {
    const sealed = runAge('age', ['-r', made.ageIdentity.recipient], 'a mail');
    assert.ok(sealed !== null);
    assert.equal(String(runAge('age', ['-d', '-i', path], sealed)), 'a mail');
    assert.equal(String(runAge('age-keygen', ['-y', path])).trim(), made.ageIdentity.recipient);
    const lines = text.split('\n').filter((line) => line.includes('AGE-SECRET-KEY'));
    assert.deepEqual(lines, [made.ageIdentity.reveal()]);
  });

  it('never show what is secret', () => {
    const shown = inspect(made, { depth: null, showHidden: true, getters: true });
    showsNothingSecret(shown + JSON.stringify(made) + String(made) + inspect({ ...made }, { depth: null }));
    assert.ok(shown.includes(made.ageIdentity.recipient));
  });

  it('are the owner`s alone, whatever the umask', () => {
    for (const umask of [0, 0o022, 0o077]) {
      const before = process.umask(umask);
      try {
        const file = join(directory, `umask-${umask}`);
        createHostKeys(file, owner);
        assert.equal(statSync(file).mode & 0o7777, 0o600);
        rmSync(file);
      } finally {
        process.umask(before);
      }
    }
  });

  it('are never written over, nor through a link', () => {
    refused(() => createHostKeys(path, owner), /there are keys already; nothing/, /^$/, 'cannot-create');
    assert.equal(readFileSync(path, 'utf8'), text);
    const link = join(directory, 'link');
    symlinkSync(join(directory, 'nowhere'), link);
    refused(() => createHostKeys(link, owner), /there are keys already/, /^$/, 'cannot-create');
    rmSync(link);
    const below = join(directory, 'none', 'host.keys');
    refused(() => createHostKeys(below, owner), /ENOENT.*nothing was changed/, /^$/, 'cannot-create');
    assert.deepEqual(readdirSync(directory), ['host.keys']);
  });
});

describe('private keys of an earlier catalog', () => {
  it('are kept beside, under names that are free', () => {
    const file = join(directory, 'keys');
    setAsideHostKeys(file);
    for (const aside of ['keys.old', 'keys.old-2']) {
      createHostKeys(file, owner);
      const before = readFileSync(file, 'utf8');
      setAsideHostKeys(file);
      assert.equal(readFileSync(join(directory, aside), 'utf8'), before);
      assert.ok(!existsSync(file));
      const { ageIdentity } = readHostKeys(join(directory, aside), owner);
      assert.equal(readAgeIdentity(join(directory, aside)).recipient, ageIdentity.recipient);
    }
    for (const aside of ['keys.old', 'keys.old-2']) rmSync(join(directory, aside));
  });
});

describe('private keys are refused', () => {
  it('where there are none', () => {
    refused(() => readHostKeys(join(directory, 'none'), owner), /are missing$/, /mrepl pair/);
    refused(() => readHostKeys(join(path, 'below'), owner), /are missing$/, /mrepl pair/);
  });

  it('where others may read or write them', () => {
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777]) {
      chmodSync(path, mode);
      refused(() => readHostKeys(path, owner), /read or written by others/, /chmod 600 .*host\.keys$/);
    }
    for (const mode of [0o600, 0o400]) {
      chmodSync(path, mode);
      readHostKeys(path, owner);
    }
    chmodSync(path, 0o600);
  });

  it('where they are those of another host or account', () => {
    for (const other of [
      { ...owner, account: 'bob' },
      { ...owner, account: 'alice ' },
      { ...owner, hostId: 'f'.repeat(32) },
    ]) {
      refused(() => readHostKeys(path, other), new RegExp(`not those of host ${other.hostId} in account`));
    }
  });

  it('where it is no file, and without waiting for one', () => {
    const odd = join(directory, 'odd');
    execFileSync('mkfifo', [odd]);
    refused(() => readHostKeys(odd, owner), /are damaged/);
    rmSync(odd);
    mkdirSync(odd);
    refused(() => readHostKeys(odd, owner), /are damaged/);
    rmSync(odd, { recursive: true });
  });

  it('where they are of a newer format', () => {
    refusedAsContent(text.replace('mrepl-keys 1', 'mrepl-keys 2'), /newer format/, /newer mrepl/);
  });

  it('where something is missing, twice, or too much', () => {
    const lines = text.trimEnd().split('\n');
    for (const [index, line] of lines.entries()) {
      const without = [...lines.slice(0, index), ...lines.slice(index + 1), ''].join('\n');
      if (index >= 2) {
        refusedAsContent(without, /are damaged|not those of/);
        refusedAsContent(`${text}${line}\n`, /are damaged/);
      }
    }
    const wrong = ['', '\0', 'x'.repeat(1 << 20), text.slice(0, -9), text.replaceAll('\n', '\r\n'), `${text}hello\n`];
    wrong.push(`\ufeff${text}`, text.replace('AGE-', 'age-'), text.toLowerCase(), text.replaceAll('=', ''));
    for (const content of wrong) refusedAsContent(content, /are damaged/, /backup/);
    refusedAsContent(Buffer.from(text, 'utf16le'), /are damaged/);
    refusedAsContent(`${text}# a note of ${'x'.repeat(16 << 10)}\n`, /are damaged/);
  });

  it('where any byte of what counts was altered', () => {
    const bytes = Buffer.from(text);
    for (let at = text.indexOf('# format'); at < bytes.length - 1; at++) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      refusedAsContent(altered, /are damaged|not those of/);
    }
  });

  it('but not where their owner wrote a note', () => {
    const file = join(directory, 'noted');
    writeFileSync(file, `# the laptop in the kitchen\n#\n\n${text}\n`, { mode: 0o600 });
    assert.equal(readHostKeys(file, owner).ageIdentity.recipient, made.ageIdentity.recipient);
    rmSync(file);
  });
});
