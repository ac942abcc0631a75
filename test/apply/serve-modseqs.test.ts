import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bench } from '../../src/apply/bench.js';
import { beginServing, servedLeapMax } from '../../src/apply/serve-modseqs.js';
import type { ModseqDuty } from '../../src/catalog/catalog.js';
import { unknownMailbox } from '../../src/replica/known-mailbox.js';
import type { MailServer } from '../../src/store/mail-server.js';

/** A server with one mailbox at this modseq, which notes what it is told, and the duties of one mailbox. */
function makeScene(own: number, duty: Omit<ModseqDuty, 'mailbox' | 'births'>) {
  const told: string[] = [];
  const duties: ModseqDuty[] = [{ mailbox: 'INBOX', births: new Set(), ...duty }];
  const server: MailServer = {
    served: async () => new Map([['INBOX', { highestModseq: own, uidValidity: 1, uidNext: 1 }]]),
    raiseModseqs: async (mailbox, least) => {
      told.push(`${mailbox} ${least}`);
      return least;
    },
    renewModseqs: async () => 0,
    wronglyListed: async () => [],
    noticeMailboxes: async () => [],
  };
  const catalog = { modseqDuties: () => duties, summaries: () => [], dropModseqDuty: () => duties.pop() };
  const bench = {
    catalog,
    store: { server: async () => ({ server }) },
    copy: { get: unknownMailbox },
    signal: new AbortController().signal,
  } as unknown as Bench;
  return { bench, told, duties };
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
