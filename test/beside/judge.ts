import assert from 'node:assert/strict';
import { flagsOn, makeCachingClient } from '../dovecot/caching-client.js';
import type { MailboxView } from '../dovecot/mail-client.js';
import { asClient, type Held, heldIn, idOf } from './place.js';
import { mailboxNames, type Scene, type ServedHost } from './scene.js';

/** What has to be true in peace. */
export const judge = { differences, everything, unchanged, neighbours, caches };

/** What is not yet as it should be: where letters are, how often, and their flags; UIDs and all where servers are. */
async function differences(scene: Scene, expected: ReadonlyMap<string, readonly string[]>): Promise<string[]> {
  const complaints: string[] = [];
  let shown: readonly string[] | null = null;
  for (const place of [scene.provider, ...scene.served, ...scene.fed]) {
    const held = await place.held();
    const where = new Map<string, string[]>();
    for (const { id, mailbox } of held) where.set(id, [...(where.get(id) ?? []), mailbox].sort());
    for (const id of where.keys()) if (!expected.has(id)) complaints.push(`${place.name}: ${id} was never delivered`);
    for (const [id, mailboxes] of expected) {
      const found = (where.get(id) ?? []).join();
      if (found !== mailboxes.join()) complaints.push(`${place.name}: ${id} is in (${found}), not in (${mailboxes})`);
    }
    const lines = linesOf(held);
    shown ??= lines;
    for (const line of lines) if (!shown.includes(line)) complaints.push(`${place.name} has ${line}, the provider not`);
    for (const line of shown) if (!lines.includes(line)) complaints.push(`the provider has ${line}, ${place.name} not`);
  }
  let served: readonly string[] | null = null;
  for (const host of scene.served) {
    const lines = comparable(await viewOf(host));
    const [first = ''] = scene.served.map(({ name }) => name);
    served ??= lines;
    for (const line of lines) if (!served.includes(line)) complaints.push(`only ${host.name} serves ${line}`);
    for (const line of served) if (!lines.includes(line)) complaints.push(`only ${first} serves ${line}`);
  }
  return complaints;
}

function linesOf(held: readonly Held[]): string[] {
  return held.map(({ id, mailbox, flags }) => `${mailbox} ${id} ${flags}`).sort();
}

function viewOf({ account }: ServedHost): Promise<Record<string, MailboxView>> {
  return asClient(account, (client) => client.lookAtAll());
}

/**
 * UIDs, UIDVALIDITY and flags. Of a text that several have fetched, each host keeps its own copy, and those that have it from them that of one of
 * them, with its size and its date.
 */
function comparable(views: Record<string, MailboxView>): string[] {
  return Object.entries(views).flatMap(([name, { uidValidity, uidNext, messages }]) => [
    `${name}, UIDVALIDITY ${uidValidity}, UIDNEXT ${uidNext}`,
    ...messages.map(({ uid, flags, text }) => `${name} ${uid} ${idOf(text)} ${flags.join(' ')}`),
  ]);
}

/** All that programs and clients see, texts included, for a comparison with later. */
async function everything(scene: Scene): Promise<readonly string[]> {
  const found: string[] = [];
  for (const host of scene.served) {
    const views = await viewOf(host);
    const held = linesOf(heldIn(views)).join();
    found.push(
      `${host.name} ${held} ${JSON.stringify(views, (_, value) => (typeof value === 'bigint' ? null : value))}`,
    );
  }
  for (const place of [scene.provider, ...scene.fed]) found.push(`${place.name} ${linesOf(await place.held()).join()}`);
  return found;
}

async function unchanged(scene: Scene, before: readonly string[]): Promise<void> {
  assert.deepEqual(await everything(scene), before, 'another round changed something');
}

/** The deep look finds nothing, notmuch knows each file, and no server complains. */
async function neighbours(scene: Scene, expected: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const host of [...scene.served, ...scene.fed]) {
    const { status, out, err } = await host.run('doctor', '--deep');
    assert.equal(status, 0, `${host.name}$ mrepl doctor --deep\n${out}${err}`);
  }
  await scene.notmuch.look();
  const files = [...expected].filter(([, mailboxes]) => mailboxes.length > 0);
  assert.deepEqual(
    [...(await scene.notmuch.known())].sort(),
    files.map(([id, mailboxes]) => [id, mailboxes.length] as const).sort(),
    'what notmuch knows',
  );
  for (const { name, server } of scene.served) {
    // Of a mailbox that had no mail, the number is nobody's yet.
    const troubles = server.troubles().filter((line) => !line.includes('UIDVALIDITY changed'));
    assert.deepEqual(troubles, [], `the log of ${name}`);
  }
}

/** Programs that have looked at every server, and go to every other one after the exchange, asking for changes only. */
async function caches(served: readonly ServedHost[]): Promise<{ compare(): Promise<void> }> {
  const addressOf = ({ server, account }: ServedHost): { port: number; user: string } => ({
    port: server.port,
    user: account.name,
  });
  const visits = served.flatMap((from) => served.map((to) => ({ from, to, caches: new Map(mailboxCaches()) })));
  for (const { from, caches } of visits) {
    const there = await asClient(from.account, (client) => client.mailboxes());
    for (const [mailbox, cache] of caches) if (there.includes(mailbox)) await cache.catchUp(addressOf(from), mailbox);
  }
  return {
    async compare() {
      for (const { from, to, caches } of visits) {
        const there = await asClient(to.account, (client) => client.mailboxes());
        for (const [mailbox, cache] of caches) {
          if (!there.includes(mailbox)) continue;
          await cache.catchUp(addressOf(to), mailbox);
          const fresh = await flagsOn(addressOf(to), mailbox);
          assert.deepEqual(
            cache.flags(),
            fresh,
            `${mailbox} by a client that was at ${from.name} and is at ${to.name}`,
          );
        }
      }
    },
  };
}

function mailboxCaches(): [string, ReturnType<typeof makeCachingClient>][] {
  return mailboxNames.map((mailbox) => [mailbox, makeCachingClient()]);
}
