import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { type Access, connect } from '../../../src/store/imap/session/connect.js';
import { loginFailure } from '../../../src/store/imap/session/login-failure.js';

const password = 'pa"ss-8f2c';

function accessTo(port: number): Access {
  const credentials = { user: 'alice', password };
  return {
    name: 'imap://alice@localhost',
    way: { kind: 'network', host: '127.0.0.1', port, tls: 'none', credentials },
  };
}

/** A server that says what `answer` gives for each line. */
async function serve(t: { after(clean: () => void): void }, answer: (line: string) => string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('* OK ready\r\n');
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n').filter(Boolean)) socket.write(answer(line));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  return assert.fail('it went well');
}

test('a server that repeats the login gives no password away', async (t) => {
  const port = await serve(t, (line) => {
    const [tag = '*', command = ''] = line.split(' ');
    if (/CAPABILITY/i.test(command)) return `* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n${tag} OK\r\n`;
    return `${tag} NO [AUTHENTICATIONFAILED] no: ${line}\r\n`;
  });
  const { code, message } = await failureOf(connect(accessTo(port)));
  assert.equal(code, 'config');
  assert.match(message, /refuses the login/);
  for (const form of [password, 'ss-8f2c', Buffer.from(`\0alice\0${password}`).toString('base64')]) {
    assert.ok(!message.includes(form), message);
  }
});

for (const mechanism of ['XOAUTH2', 'OAUTHBEARER']) {
  test(`a server that repeats the login gives no token away, by ${mechanism}`, async (t) => {
    const accessToken = 'ya29.token-8f2c';
    const sent: string[] = [];
    const port = await serve(t, (line) => {
      const [tag = '*', command = ''] = line.split(' ');
      if (/CAPABILITY/i.test(command)) return `* CAPABILITY IMAP4rev1 SASL-IR AUTH=${mechanism}\r\n${tag} OK\r\n`;
      sent.push(line);
      return `${tag} NO [AUTHENTICATIONFAILED] no: ${line}\r\n`;
    });
    const { name, way } = accessTo(port);
    assert.ok(way.kind === 'network');
    const { code, message } = await failureOf(
      connect({ name, way: { ...way, credentials: { user: 'alice', accessToken } } }),
    );
    assert.equal(code, 'config');
    const initial = sent.join(' ').match(/[A-Za-z0-9+/=]{40,}/)?.[0] ?? '';
    assert.ok(Buffer.from(initial, 'base64').toString().includes(accessToken), sent.join('\n'));
    assert.ok(!message.includes(accessToken) && !message.includes(initial), message);
  });
}

test('a port at which nobody answers is told from a login that is refused', async (t) => {
  const port = await serve(t, () => '');
  const { code, message, hint } = await failureOf(connect(accessTo(port === 1 ? 2 : 1)));
  assert.deepEqual([code, message], ['io', 'cannot connect to imap://alice@localhost: nobody answers at that port']);
  assert.match(hint ?? '', /^Check the port/);
});

test('a certificate that is not to be believed is no trouble of the network', () => {
  for (const [code, words] of [
    ['CERT_HAS_EXPIRED', /has expired/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /signed its certificate itself/],
  ] as const) {
    const failure = loginFailure('imaps://alice@x', [], Object.assign(new Error('x'), { code }));
    assert.equal(failure.code, 'config');
    assert.match(failure.message, words);
  }
});

test('a server that lets nobody in for now is no wrong password', () => {
  const error = { authenticationFailed: true, serverResponseCode: 'UNAVAILABLE', responseText: 'try later' };
  assert.equal(loginFailure('imaps://alice@x', [], error).code, 'io');
});

for (const code of ['ETIMEDOUT', 'CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']) {
  test(`a server that is silent (${code}) does not answer, with what to look at`, () => {
    const failure = loginFailure('imap://alice@localhost', [password], Object.assign(new Error('late'), { code }));
    assert.equal(failure.code, 'io');
    assert.match(failure.message, /the server does not answer/);
    assert.match(failure.hint ?? '', /Check the port and the network/);
  });
}

test('a server that takes no password over a connection says that, and not that the password is wrong', async (t) => {
  const port = await serve(t, (line) => {
    const [tag = '', word = ''] = line.split(' ');
    if (word.toUpperCase() === 'CAPABILITY') return `* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n${tag} OK\r\n`;
    return `${tag} NO\r\n`;
  });
  const failure = await failureOf(connect(accessTo(port)));
  assert.equal(failure.code, 'config');
  assert.match(failure.message, /takes no password over this connection/);
  assert.match(failure.hint ?? '', /imaps:/);
});
