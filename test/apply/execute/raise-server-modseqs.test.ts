import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueModseqs } from '../../../src/apply/context/modseqs-to-tell-server.js';
import type { Bench } from '../../../src/apply/context/run-context.js';
import { beginServing, servedLeapMax } from '../../../src/apply/execute/raise-server-modseqs.js';
import type { ModseqDuty } from '../../../src/catalog/interface/modseq-catalog.js';
import { unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import type { MailServer } from '../../../src/store/interface/mail-server.js';

/**
 * A server with one mailbox at this modseq, which notes what it is told and forgets nothing while the mailbox is empty, and the duties of that
 * mailbox. `messages` are those of the mailbox, which may be changed.
 */
function makeScene(own: number, duty: Omit<ModseqDuty, 'mailbox' | 'births'>, messages = 1) {
  const told: string[] = [];
  const duties: ModseqDuty[] = [{ mailbox: 'INBOX', births: new Set(), ...duty }];
  const mailbox = { messages };
  const notes: (string | null)[] = [];
  let highestModseq = own;
  const server: MailServer = {
    served: async () => new Map([['INBOX', { highestModseq, uidValidity: 1, uidNext: 1, ...mailbox }]]),
    raiseModseqs: async (name, least) => {
      told.push(`${name} ${least}`);
      highestModseq = least;
      return mailbox.messages > 0;
    },
    renewModseqs: async () => 0,
    name: 'a server',
    wronglyListed: async () => [],
    noticeMailboxes: async () => [],
  };
  const catalog = {
    modseqDuties: () => [...duties],
    summaries: () => [{ state: { name: 'INBOX' }, stored: true, messages: mailbox.messages, waiting: 0 }],
    dropModseqDuty: () => duties.pop(),
    note: () => notes.at(-1) ?? null,
    setNote: (_key: string, value: string | null) => notes.push(value),
    transaction: (work: () => void) => work(),
  };
  const bench = {
    catalog,
    store: { server: async () => ({ server }) },
    copy: { get: unknownMailbox },
    signal: new AbortController().signal,
  } as unknown as Bench;
  return { bench, told, duties, mailbox };
}

test('HIGHESTMODSEQ is raised to what a peer has told its clients', async () => {
  const { bench, told, duties } = makeScene(5, { above: 26, isBehind: false });
  const serving = await beginServing(bench, []);
  assert.deepEqual(await serving.end(), []);
  assert.deepEqual([told, duties], [['INBOX 26'], []]);
});

test('and beyond all where the peer lacks something', async () => {
  const { bench, told } = makeScene(50, { above: 26, isBehind: true });
  await (await beginServing(bench, [])).end();
  assert.deepEqual(told, ['INBOX 51']);
});

test('it is left alone where it is higher, and the peer lacks nothing', async () => {
  const { bench, told } = makeScene(50, { above: 26, isBehind: false });
  await (await beginServing(bench, [])).end();
  assert.deepEqual(told, []);
});

test('a modseq that is too far above is not believed, and said once', async () => {
  const { bench, told, duties } = makeScene(5, { above: 5 + servedLeapMax + 1, isBehind: true });
  const troubles = await (await beginServing(bench, [])).end();
  assert.deepEqual(told, []);
  assert.deepEqual(
    troubles.map(({ subject, failure }) => [subject, failure.code]),
    [['INBOX', 'bundle-damaged']],
  );
  assert.deepEqual(duties, []);
});

test('the highest that is believed is', async () => {
  const { bench, told } = makeScene(5, { above: 5 + servedLeapMax, isBehind: false });
  await (await beginServing(bench, [])).end();
  assert.deepEqual(told, [`INBOX ${5 + servedLeapMax}`]);
});

test('of an empty mailbox, what the server could not forget is left until there is a message', async () => {
  const { bench, told, duties, mailbox } = makeScene(5, { above: 26, isBehind: true }, 0);
  await (await beginServing(bench, [])).end();
  assert.deepEqual([told, duties], [['INBOX 27'], []]);
  assert.deepEqual(dueModseqs(bench.catalog), []);
  mailbox.messages = 1;
  await (await beginServing(bench, [])).end();
  assert.deepEqual(told, ['INBOX 27', 'INBOX 28']);
  assert.deepEqual(dueModseqs(bench.catalog), []);
});

test('what is left of an empty mailbox has it raised no further than to what a peer states that lacks nothing', async () => {
  const { bench, told, duties } = makeScene(5, { above: 26, isBehind: true }, 0);
  await (await beginServing(bench, [])).end();
  duties.push({ mailbox: 'INBOX', above: 40, isBehind: false, births: new Set() });
  await (await beginServing(bench, [])).end();
  assert.deepEqual([told, duties], [['INBOX 27', 'INBOX 40'], []]);
});

test('a server forgets in the end where a peer that lacks nothing brought the first message', async () => {
  const { bench, told, duties, mailbox } = makeScene(5, { above: 26, isBehind: true }, 0);
  await (await beginServing(bench, [])).end();
  duties.push({ mailbox: 'INBOX', above: 40, isBehind: false, births: new Set() });
  const serving = await beginServing(bench, []);
  mailbox.messages = 1;
  await serving.end();
  assert.deepEqual([told, duties], [['INBOX 27', 'INBOX 40', 'INBOX 41'], []]);
});

test('a server is to forget in the end where a mailbox got its first message meanwhile', async () => {
  const { bench, told, duties, mailbox } = makeScene(50, { above: 26, isBehind: true }, 0);
  const serving = await beginServing(bench, []);
  assert.deepEqual(told, []);
  mailbox.messages = 1;
  await serving.end();
  assert.deepEqual([told, duties], [['INBOX 51'], []]);
});

test('what is left of an empty mailbox goes with it', async () => {
  const { bench } = makeScene(5, { above: 26, isBehind: true }, 0);
  await (await beginServing(bench, [])).end();
  const without = { ...bench, catalog: { ...bench.catalog, summaries: () => [] } };
  assert.equal(dueModseqs(without.catalog).length, 1);
  await (await beginServing(without, [])).end();
  assert.deepEqual(dueModseqs(without.catalog), []);
});
