import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  type CachingClient,
  flagsIn,
  type ImapSession,
  makeCachingClient,
  openSession,
} from '../dovecot/caching-client.js';
import { viewReplica } from '../end-to-end/replica-view.js';
import { type Boxes, busyPrefix } from './boxes.js';
import { asClient, type Held, idOf, type Look } from './place.js';
import { mailboxNames, type Scene, type ServedHost } from './scene.js';

/** What has to be true in peace. */
export const judge = { differences, everything, isStill, neighbours, caches };

/** What is not yet as it should be: where letters are, how often, and their flags; which mailboxes there are; UIDs and all where servers are. */
async function differences(
  scene: Scene,
  expected: ReadonlyMap<string, readonly string[]>,
  boxes: Boxes,
): Promise<string[]> {
  const complaints: string[] = [];
  /** What others have, too, as the provider has it or as all hosts have it; the provider is not told of mailboxes that mbsync leaves alone. */
  let shown: readonly string[] | null = null;
  let uids: readonly string[] | null = null;
  const served: [name: string, lines: readonly string[]][] = [];
  for (const place of [...scene.hosts, scene.provider]) {
    const isFar = place === scene.provider;
    const isKnown = (mailbox: string): boolean => !isFar || !mailbox.startsWith(busyPrefix);
    const { held, mailboxes: there, served: views } = await place.look();
    if (!isFar && Object.keys(views).length > 0) {
      served.push([place.name, comparable(views)]);
      uids ??= uidsOf(views);
    }
    const where = new Map<string, string[]>();
    for (const { id, mailbox } of held) where.set(id, [...(where.get(id) ?? []), mailbox].sort());
    for (const id of where.keys()) if (!expected.has(id)) complaints.push(`${place.name}: ${id} was never delivered`);
    for (const [id, mailboxes] of expected) {
      const found = (where.get(id) ?? []).join();
      const wanted = mailboxes.filter(isKnown);
      if (found !== wanted.join()) complaints.push(`${place.name}: ${id} is in (${found}), not in (${wanted})`);
    }
    for (const flaw of boxes.flawsOf(there, isFar ? ['idle'] : ['idle', 'busy']))
      complaints.push(`${place.name}: ${flaw}`);
    const lines = [...linesOf(held), ...there.map((name) => `${name} as a mailbox`)];
    shown ??= lines;
    const others = shown.filter((line) => isKnown(line));
    const [first] = scene.hosts;
    for (const line of lines)
      if (!others.includes(line)) complaints.push(`${place.name} has ${line}, ${first?.name} not`);
    for (const line of others)
      if (!lines.includes(line)) complaints.push(`${first?.name} has ${line}, ${place.name} not`);
  }
  // A host without a server has its UIDs in its catalog only, and others may have yet to hear of them.
  for (const host of scene.hosts.filter((each) => !scene.served.some((other) => other === each))) {
    for (const uid of uidsOf(await viewReplica(host)))
      if (!uids?.includes(uid)) complaints.push(`${host.name} knows of ${uid}, which is not served`);
  }
  const [[first, wanted] = ['', []], ...rest] = served;
  for (const [name, lines] of rest) {
    for (const line of lines) if (!wanted.includes(line)) complaints.push(`only ${name} serves ${line}`);
    for (const line of wanted) if (!lines.includes(line)) complaints.push(`only ${first} serves ${line}`);
  }
  return complaints;
}

type Numbered = { readonly uidValidity: number | null; readonly messages: readonly { readonly uid: number }[] };

function uidsOf(views: Readonly<Record<string, Numbered>>): string[] {
  return Object.entries(views).flatMap(([name, { uidValidity, messages }]) =>
    messages.map(({ uid }) => `${name}, UIDVALIDITY ${uidValidity}, UID ${uid}`),
  );
}

function linesOf(held: readonly Held[]): string[] {
  return held.map(({ id, mailbox, flags }) => `${mailbox} ${id} ${flags}`).sort();
}

/**
 * UIDs, UIDVALIDITY and flags. Of a text that several have fetched, each host keeps its own copy, and those that have it from them that of one of
 * them, with its size and its date.
 */
function comparable(views: Look['served']): string[] {
  return Object.entries(views).flatMap(([name, { uidValidity, uidNext, messages }]) => [
    `${name}, UIDVALIDITY ${uidValidity}, UIDNEXT ${uidNext}`,
    ...messages.map(({ uid, flags, text }) => `${name} ${uid} ${idOf(text)} ${flags.join(' ')}`),
  ]);
}

/** Of texts that are compared; so many digits tell those of a history apart. */
const digestDigits = 12;

/** What there is for a comparison with later. */
type Picture = {
  /** All that programs and clients see, texts included. */
  readonly shown: readonly string[];
  /** HIGHESTMODSEQ of each mailbox with a server. They may rise for a while after everything else is equal, as hosts tell each other of them. */
  readonly modseqs: readonly string[];
};

async function everything(scene: Scene): Promise<Picture> {
  const shown: string[] = [];
  const modseqs: string[] = [];
  for (const place of [scene.provider, ...scene.hosts]) {
    const { held, mailboxes, served } = await place.look();
    const views = JSON.stringify(served, (key, value) => {
      if (key === 'text') return createHash('sha256').update(String(value)).digest('hex').slice(0, digestDigits);
      return typeof value === 'bigint' ? null : value;
    });
    shown.push(`${place.name} ${linesOf(held).join()} ${mailboxes.join()} ${place === scene.provider ? '' : views}`);
    for (const [name, { highestModseq }] of Object.entries(served))
      modseqs.push(`${place.name} ${name} ${highestModseq}`);
  }
  return { shown, modseqs };
}

/** Fails where something has changed that people see; answers whether the modseqs are as they were, too. */
async function isStill(scene: Scene, before: Picture): Promise<boolean> {
  const now = await everything(scene);
  assert.deepEqual(now.shown, before.shown, 'another round changed something');
  return now.modseqs.join() === before.modseqs.join();
}

/** Of a mailbox that had no mail, the number is nobody's yet; the time is the machine's, which has much else to do. */
const isExpected = /UIDVALIDITY changed|Warning: Time moved forwards/;

/** The deep look finds nothing, notmuch knows each file, and no server complains. */
async function neighbours(scene: Scene, expected: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const host of scene.hosts) {
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
    const troubles = server.troubles().filter((line) => !isExpected.test(line));
    assert.deepEqual(troubles, [], `the log of ${name}`);
  }
}

/** Programs that have looked at every server, and go to every other one after the exchange, asking for changes only. */
async function caches(served: readonly ServedHost[]): Promise<{ compare(): Promise<void> }> {
  const visits = served.flatMap((from) => served.map((to) => ({ from, to, caches: new Map(mailboxCaches()) })));
  await eachHost(served, async (host, session, there) => {
    for (const { from, caches } of visits)
      if (from === host) for (const mailbox of there) await caches.get(mailbox)?.catchUpIn(session, mailbox);
  });
  return {
    compare: () =>
      eachHost(served, async (host, session, there) => {
        for (const mailbox of there) {
          for (const { from, to, caches } of visits) {
            if (to !== host) continue;
            await caches.get(mailbox)?.catchUpIn(session, mailbox);
            const flags = caches.get(mailbox)?.flags();
            const what = `${mailbox} by a client that was at ${from.name} and is at ${to.name}`;
            assert.deepEqual(flags, await flagsIn(session, mailbox), what);
          }
        }
      }),
  };
}

/** `there`: those of the lasting mailboxes that the host has. */
async function eachHost(
  served: readonly ServedHost[],
  work: (host: ServedHost, session: ImapSession, there: readonly string[]) => Promise<void>,
): Promise<void> {
  for (const host of served) {
    const shown = await asClient(host.account, (client) => client.mailboxes());
    const session = await openSession({ port: host.server.port, user: host.account.name });
    await work(
      host,
      session,
      mailboxNames.filter((name) => shown.includes(name)),
    );
    session.close();
  }
}

function mailboxCaches(): [string, CachingClient][] {
  return mailboxNames.map((mailbox) => [mailbox, makeCachingClient()]);
}
