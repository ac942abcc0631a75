import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { scratch } from '../end-to-end/site.js';
import { makeTally } from '../soak-hosts/tally.js';
import { runHistory } from './history.js';
import { type Servers, startServers } from './scene.js';

let servers: Servers;
before(async () => {
  servers = await startServers();
});
after(() => servers.stop());

test('hosts beside Dovecots, mbsyncs and notmuch at work: equal in the end, nothing lost or doubled, and no program misled', async (t) => {
  const tally = makeTally();
  await runHistory({ servers, directory: scratch(t), seed: 5, tally, phases: 2, deedsMax: 8 });
  assert.equal(tally.of('peace'), 2);
});
