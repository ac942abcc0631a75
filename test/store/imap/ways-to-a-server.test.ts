import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { openImapStore } from '../../../src/store/imap/imap-store.js';
import type { Access } from '../../../src/store/imap/session/connect.js';
import { createMemorySpoolAndTrash } from '../../../src/store/memory/memory-spool-and-trash.js';
import { type Dovecot, startDovecot } from '../../dovecot/dovecot.js';

let dovecot: Dovecot;

before(async () => {
  dovecot = await startDovecot();
});

after(() => dovecot.stop());

async function namesBy(way: Access['way']): Promise<readonly string[]> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'mrepl-imap-'));
  const kept = createMemorySpoolAndTrash();
  const store = openImapStore({ access: { name: 'imap://alice', way }, stateDirectory, now: Date.now, ...kept });
  try {
    return (await store.list()).mailboxes.map(({ name }) => name);
  } finally {
    await store.close();
    rmSync(stateDirectory, { recursive: true });
  }
}

test('a command that speaks IMAP is a way to a server, and nobody logs in', async () => {
  const { home } = dovecot.account('alice');
  const configFile = join(dirname(dirname(home)), 'dovecot.conf');
  const words = dovecot.user.command(['/usr/lib/dovecot/imap', '-c', configFile]);
  const command = `HOME=${home} USER=alice exec ${words.join(' ')} 2>/dev/null`;
  assert.deepEqual(await namesBy({ kind: 'tunnel', command }), ['INBOX']);
});

test('a server that does not make the connection private is told no password', async () => {
  const { name: user } = dovecot.account('bob');
  const credentials = { user, password: 'marked-secret' };
  const way = { kind: 'network', host: '127.0.0.1', port: dovecot.port, tls: 'starttls', credentials } as const;
  await assert.rejects(namesBy(way), (error: Error) => {
    assert.match(error.message, /STARTTLS/);
    assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, /marked-secret/);
    return true;
  });
});
