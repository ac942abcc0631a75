import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { KnownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { seededRandom } from '../bench/random.js';
import { inPieces, readAll } from '../bundle/sample.js';
import { letter, type PutOptions, type Site } from '../end-to-end/site.js';
import { exported, type FuzzHost, look, makeFuzzHost, pairHosts, taken, withSession } from './host.js';
import { tarOf } from './parts.js';

/** A moment at which a bundle of a paired host is about to be imported; the bundle is good as yet. */
export type Scene = {
  readonly name: 'first' | 'large' | 'later';
  readonly victim: FuzzHost;
  /** A host that is honest, and that both have heard of. */
  readonly third: FuzzHost;
  readonly sender: FuzzHost;
  /** What the victim knows, to be merged in memory. */
  readonly known: ReadonlyMap<MailboxName, KnownMailbox>;
  readonly bytes: Buffer;
  /** What is in its frames. */
  readonly tar: Buffer;
  /** What it says. */
  readonly news: readonly MailboxNews[];
};

/** Bytes of a text that does not get smaller: four chunks of a sealed file. */
const largeTextBytes = 200_000;

/** The first meeting; another one, with a large message; and a later one with changes on all sides. All below `directory`. */
export async function makeScenes(directory: string): Promise<readonly Scene[]> {
  const first = await firstMeeting(join(directory, 'first'), 'first');
  const large = await firstMeeting(join(directory, 'large'), 'large', seededRandom(1).bytes(largeTextBytes));
  const later = await beginning(join(directory, 'later'));
  const { sender, victim, third } = later;
  for (const [from, ...others] of [
    [sender, victim, third],
    [third, victim, sender],
    [victim, sender, third],
  ] as const) {
    const file = join(directory, 'bundle');
    writeFileSync(file, (await withSession(from, (session) => exported(session))).bytes);
    for (const other of others) await withSession(other, (session) => taken(session, file));
  }
  victim.site.mark('same', { add: 'R' });
  sender.site.mark('same', { add: 'F' });
  sender.site.expunge('from the sender 2');
  sender.site.move('from the sender 1', 'INBOX', 'Archive');
  put(sender.site, 'from the sender 4', { flags: 'T' });
  put(sender.site, 'from the sender 5', { mailbox: 'New/Folder' });
  await withSession(victim, look);
  const { bytes } = await withSession(sender, (session) => exported(session));
  return [first, large, { name: 'later', ...later, known: await knowledgeOf(victim), ...(await contentsOf(bytes)) }];
}

async function firstMeeting(directory: string, name: Scene['name'], text: Buffer = Buffer.alloc(0)): Promise<Scene> {
  const hosts = await beginning(directory);
  if (text.length > 0) hosts.sender.site.put(text.toString('base64'), { base: '1700000000.large.attic' });
  const { bytes } = await withSession(hosts.sender, (session) => exported(session));
  return { name, ...hosts, known: await knowledgeOf(hosts.victim), ...(await contentsOf(bytes)) };
}

async function beginning(directory: string): Promise<Pick<Scene, 'victim' | 'third' | 'sender'>> {
  mkdirSync(directory, { recursive: true });
  const sender = await makeFuzzHost(directory, 'attic', (site) => {
    for (const number of [1, 2, 3]) put(site, `from the sender ${number}`, { flags: number === 1 ? 'S' : '' });
    put(site, 'same', { flags: 'S' });
    put(site, 'same', { mailbox: 'Archive' });
    put(site, 'kept there', { mailbox: 'Archive' });
  });
  const victim = await makeFuzzHost(directory, 'barn', (site) => {
    for (const number of [1, 2]) put(site, `from the victim ${number}`, { flags: 'S' });
    put(site, 'same');
    put(site, 'sent', { mailbox: 'Sent', flags: 'S' });
  });
  const third = await makeFuzzHost(directory, 'cabin', (site) => {
    put(site, 'from the third');
    put(site, 'same');
  });
  await pairHosts([sender, victim, third]);
  return { sender, victim, third };
}

async function contentsOf(bytes: Buffer): Promise<Pick<Scene, 'bytes' | 'tar' | 'news'>> {
  const { bundle } = await readAll(inPieces(bytes, bytes.length));
  return { bytes, tar: await tarOf(bytes), news: bundle.news };
}

async function knowledgeOf(host: FuzzHost): Promise<ReadonlyMap<MailboxName, KnownMailbox>> {
  return withSession(host, async ({ catalog }) => {
    const known = new Map<MailboxName, KnownMailbox>();
    for (const { state } of catalog.summaries()) {
      const mailbox = catalog.load(state.name);
      if (mailbox !== null) known.set(state.name, readWhole(mailbox));
    }
    return known;
  });
}

/** Under a name that is the same in every run, so that bundles are. */
function put(site: Site, subject: string, how: PutOptions = {}): void {
  site.put(letter(subject), { ...how, base: `1700000000.${subject.replaceAll(' ', '-')}.${site.name}` });
}

/** A mailbox that outlives the catalog it is from, which reads messages only when they are asked for. */
function readWhole({ state, holdings, ...rest }: KnownMailbox): KnownMailbox {
  return { ...rest, state: { ...state, instances: new Map(state.instances) }, holdings: new Map(holdings) };
}
