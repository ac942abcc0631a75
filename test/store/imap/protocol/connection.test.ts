import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../../../../src/failure.js';
import type { Untagged } from '../../../../src/store/imap/protocol/connection.js';
import { connectToScript, type Script } from './scripted-server.js';

/** What becomes of a command that this is said to. */
async function failureOf(says: string | null, silenceMs?: number): Promise<Failure> {
  const options = silenceMs === undefined ? {} : { silenceMs };
  const { connection, close } = await connectToScript([{ hears: 'm1 NOOP\r\n', says }], options);
  try {
    return await connection.run(['NOOP']).then(
      () => assert.fail('it was answered'),
      (error: Failure) => error,
    );
  } finally {
    close();
  }
}

test('commands are sent without waiting, and each is answered by what is said of it', async () => {
  const says = '* 1 EXISTS\r\nm1 OK done\r\nm2 NO [OVERQUOTA] full\r\n* 2 EXISTS\r\nm3 BAD what?\r\n';
  const { connection, close } = await connectToScript([{ hears: 'm3 THREE\r\n', says }]);
  const heard: [string, Untagged][] = [];
  const runs = ['ONE', 'TWO', 'THREE'].map((verb) =>
    connection.run([verb], { hear: (response) => void heard.push([verb, response]) }),
  );
  assert.deepEqual(await Promise.all(runs), [
    { status: 'OK', code: null, text: 'done' },
    { status: 'NO', code: { name: 'OVERQUOTA', rest: '' }, text: 'full' },
    { status: 'BAD', code: null, text: 'what?' },
  ]);
  assert.deepEqual(
    heard.map(([verb, response]) => [verb, response.kind === 'data' ? response.number : null]),
    [
      ['ONE', 1],
      ['THREE', 2],
    ],
  );
  close();
});

const text = { literal: Buffer.from('12345') };

test('a literal waits until the server asks for it, and what follows waits as well', async () => {
  const script: Script = [
    { hears: 'm1 APPEND x {5}\r\n', says: '+ go on\r\n' },
    { hears: '12345 y {5}\r\n', says: '+ go on\r\n' },
    { hears: '12345\r\n', says: 'm1 OK done\r\n' },
    { hears: 'm2 NOOP\r\n', says: 'm2 OK done\r\n' },
  ];
  const { connection, heard, close } = await connectToScript(script, { bytesMax: -1 });
  const runs = [connection.run(['APPEND x ', text, ' y ', text]), connection.run(['NOOP'])];
  for (const { status } of await Promise.all(runs)) assert.equal(status, 'OK');
  assert.equal(heard(), 'm1 APPEND x {5}\r\n12345 y {5}\r\n12345\r\nm2 NOOP\r\n');
  close();
});

test('a literal that the server refuses to hear is not sent, and the next command is', async () => {
  const script: Script = [
    { hears: '{5}\r\n', says: 'm1 NO [TOOBIG] no\r\n' },
    { hears: 'm2 NOOP\r\n', says: 'm2 OK done\r\n' },
  ];
  const { connection, heard, close } = await connectToScript(script, { bytesMax: 4 });
  const runs = await Promise.all([connection.run(['APPEND x ', text]), connection.run(['NOOP'])]);
  assert.deepEqual(
    runs.map(({ status }) => status),
    ['NO', 'OK'],
  );
  assert.equal(heard(), 'm1 APPEND x {5}\r\nm2 NOOP\r\n');
  close();
});

test('where literals are taken unasked, all goes at once', async () => {
  const { connection, heard, close } = await connectToScript([{ hears: '12345\r\n', says: 'm1 OK done\r\n' }], {
    bytesMax: 5,
  });
  assert.equal((await connection.run(['APPEND x ', text])).status, 'OK');
  assert.equal(heard(), 'm1 APPEND x {5+}\r\n12345\r\n');
  close();
});

test('a lost connection is no answer, and why it was lost is told', async () => {
  const lost: readonly (readonly [string | null, RegExp])[] = [
    [null, /closed/],
    ['* BYE Too many connections\r\n', /ended the session.*Too many connections/],
    ['* BAD command line limit exceeded\r\n* BYE\r\n', /it ended the session/],
    ['m9 OK done\r\n', /answered a command that nobody gave/],
    ['+ go on\r\n', /asked for what nobody wants to send/],
    ['m1 PREAUTH\r\n', /answered PREAUTH/],
    ['* LIST (\r\n', /a list without an end/],
    ['* 1 FETCH (X {999999999999}\r\n', /a literal of 999999999999 bytes/],
    ['garbage\r\n', /no response/],
  ];
  for (const [says, message] of lost) {
    const failure = await failureOf(says);
    assert.equal(failure.code, 'io');
    assert.match(failure.message, message);
  }
});

test('silence is told from a lost connection', async () => {
  assert.match((await failureOf('* BAD limit exceeded\r\n', 50)).message, /has not answered; it said: limit exceeded/);
});

test('after the connection was lost, every command fails, and those that wait fail with it', async () => {
  const { connection, close } = await connectToScript([{ hears: 'm1 ONE\r\n', says: null }]);
  const runs = ['ONE', 'TWO'].map((verb) => connection.run([verb]));
  for (const { status } of await Promise.allSettled(runs)) assert.equal(status, 'rejected');
  await assert.rejects(connection.run(['THREE']), { code: 'io' });
  assert.equal(connection.lost()?.code, 'io');
  close();
});

test('what whoever listens cannot do is told to whoever asked', async () => {
  const { connection, close } = await connectToScript([{ hears: 'm1 ONE\r\n', says: '* 1 EXISTS\r\nm1 OK\r\n' }]);
  const full = new Error('the disk is full');
  const hear = (): never => {
    throw full;
  };
  await assert.rejects(connection.run(['ONE'], { hear }), full);
  close();
});
