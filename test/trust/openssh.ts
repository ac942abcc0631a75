import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { seedBytes } from '../../src/trust/ssh/ed25519-signing-key.js';

/** A key of ssh-keygen: its file, the line of its public half without the comment, and the seed within. */
export type OpensshKey = { readonly file: string; readonly publicLine: string; readonly seed: Buffer };

/** The stock ssh-keygen, working on files in a directory of its own. */
export type Openssh = {
  makeKey(type: string): OpensshKey;
  /** The armored signature of `bytes`. */
  sign(file: string, namespace: string, bytes: Uint8Array, options?: readonly string[]): Buffer;
  /** Null where ssh-keygen finds nothing wrong, else what it says. `owner` null: whose key it is is not looked at. */
  complaint(armored: Uint8Array, namespace: string, bytes: Uint8Array, owner?: string | null): string | null;
};

/** Who is allowed to sign, in the eyes of `ssh-keygen -Y verify`. */
const signer = 'home';

/** Its directory is removed after the tests of the file. */
export function openssh(): Openssh {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-openssh-'));
  after(() => rmSync(directory, { recursive: true }));
  let count = 0;
  const newFile = (content: Uint8Array | string | null): string => {
    count += 1;
    const path = join(directory, String(count));
    if (content !== null) writeFileSync(path, content);
    return path;
  };
  const keygen = (args: readonly string[], input: Uint8Array | string = '') => {
    const { status, stderr, error } = spawnSync('ssh-keygen', args, { input, encoding: 'utf8' });
    if (error !== undefined) assert.fail('ssh-keygen cannot be run; install the Debian package openssh-client');
    return status === 0 ? null : stderr || `status ${status}`;
  };
  return {
    makeKey(type) {
      const file = newFile(null);
      assert.equal(keygen(['-q', '-t', type, '-N', '', '-C', '', '-f', file]), null);
      const publicLine = readFileSync(`${file}.pub`, 'utf8').trim();
      return { file, publicLine, seed: seedIn(readFileSync(file, 'latin1'), publicLine) };
    },
    sign(file, namespace, bytes, options = []) {
      const message = newFile(bytes);
      assert.equal(keygen(['-Y', 'sign', '-q', '-f', file, '-n', namespace, ...options, message]), null);
      return readFileSync(`${message}.sig`);
    },
    complaint(armored, namespace, bytes, owner = null) {
      const signature = newFile(armored);
      const rest = ['-n', namespace, '-s', signature];
      if (owner === null) return keygen(['-Y', 'check-novalidate', ...rest], bytes);
      const allowed = newFile(`${signer} ${owner}\n`);
      return keygen(['-Y', 'verify', '-f', allowed, '-I', signer, ...rest], bytes);
    },
  };
}

/** An unencrypted private key ends with seed and public key, one behind the other (PROTOCOL.key of OpenSSH). */
function seedIn(pem: string, publicLine: string): Buffer {
  const bytes = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64');
  const point = Buffer.from(publicLine.split(' ')[1] ?? '', 'base64').subarray(-32);
  const at = bytes.lastIndexOf(point);
  return bytes.subarray(at - seedBytes, at);
}
