import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { readSecret, type SecretSource } from '../../../src/store/imap/session/read-secret.js';
import { scratch } from '../../end-to-end/site.js';

const secret = 'marked "secret" \\ ä';

function reading(
  source: SecretSource | null,
  { env = {}, typed = null }: { env?: Record<string, string>; typed?: string | null } = {},
): Promise<string> {
  const surroundings = {
    env: { PATH: process.env.PATH, ...env },
    ask: async () => typed,
    leaveTerminal: () => undefined,
  };
  return readSecret(source, { name: 'imaps://alice@example.org', surroundings, signal: undefined });
}

/** Refused with a sentence, which has nothing of a secret. */
function refused(says: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.code, 'config');
    assert.match(error.message, says);
    assert.doesNotMatch(`${error.stack} ${error.hint}`, /marked/);
    return true;
  };
}

function file(home: string, text: string, mode: number): string {
  const path = join(home, 'password');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('a password', () => {
  test('is the first line that a command prints', async () => {
    const env = { SECRET: secret };
    const command = 'printf "%s\\r\\nlogin: alice\\n" "$SECRET"';
    assert.equal(await reading({ kind: 'password-command', command }, { env }), secret);
  });

  test('is in a variable', async () => {
    const source = { kind: 'password-variable', name: 'MAIL_PASSWORD' } as const;
    assert.equal(await reading(source, { env: { MAIL_PASSWORD: secret } }), secret);
  });

  test('is the first line of a file that nobody else may read, also by a link', async (t) => {
    const home = scratch(t);
    symlinkSync(file(home, `${secret}\nmore\n`, 0o600), join(home, 'link'));
    assert.equal(await reading({ kind: 'password-file', path: join(home, 'link') }), secret);
  });

  test('is a credential that systemd gave the service', async (t) => {
    const home = scratch(t);
    mkdirSync(join(home, 'credentials'));
    const path = join(home, 'credentials', 'mail');
    writeFileSync(path, secret, { mode: 0o400 });
    const env = { CREDENTIALS_DIRECTORY: join(home, 'credentials') };
    assert.equal(await reading({ kind: 'password-credential', name: 'mail' }, { env }), secret);
  });

  test('is asked of whoever sits at the terminal where nothing else was said', async () => {
    assert.equal(await reading(null, { typed: secret }), secret);
  });

  for (const [what, source, says] of [
    ['a command that fails', { kind: 'password-command', command: 'echo marked; exit 3' }, /ended with status 3/],
    ['a command that prints nothing', { kind: 'token-command', command: 'true' }, /first line is empty/],
    ['a command that is not there', { kind: 'password-command', command: 'no-such-program 2>&-' }, /status 127/],
    ['a variable that is not set', { kind: 'password-variable', name: 'NO_SUCH' }, /nothing is there/],
    ['a file that is not there', { kind: 'password-file', path: '/nowhere/at/all' }, /is not there/],
    ['a device', { kind: 'password-file', path: '/dev/zero' }, /is a device, not a file/],
    ['a credential without a service', { kind: 'password-credential', name: 'mail' }, /CREDENTIALS_DIRECTORY/],
  ] as const satisfies readonly (readonly [string, SecretSource, RegExp])[]) {
    test(`is not taken from ${what}`, async () => {
      await assert.rejects(reading(source), refused(says));
    });
  }

  test('is not taken from a file that others may read', async (t) => {
    const home = scratch(t);
    const path = file(home, secret, 0o640);
    await assert.rejects(reading({ kind: 'password-file', path }), refused(/others may read/));
  });

  test('is not awaited where nobody sits at a terminal', async () => {
    await assert.rejects(reading(null), refused(/no password was given/));
  });

  test('that a command never stops printing is not waited for', async () => {
    await assert.rejects(reading({ kind: 'password-command', command: 'exec yes marked' }), refused(/was ended by/));
  });
});
