import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inbox } from '../../src/mail/mailbox-name.js';
import { startSealing } from '../../src/trust/age/encrypt.js';
import { fingerprintOf } from '../../src/trust/identity/card-fingerprint.js';
import { type Card, encodeCard } from '../../src/trust/identity/identity-card.js';
import { signSuccession } from '../../src/trust/identity/sign-succession.js';
import { signDetached } from '../../src/trust/ssh/ssh-signature.js';
import { archive, inFrames, rawEntry, signedText } from '../bundle/forge.js';
import { type BundleParts, entriesOf, framed, putTogether, type TextChange, takeApart, tarOf } from '../fuzz/parts.js';
import type { Party } from '../scenes/party.js';
import { account, bundleOf, type HostName, keyObjects, keysOf, take, vectorHost } from './hosts.js';
import { invalidCards, invalidOf } from './invalid.js';
import { foundIn, mergedFrom } from './read.js';

/** Every file of `fixtures/vectors`, by its path there, but for the README. */
export async function makeVectors(): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const scratch = mkdtempSync(join(tmpdir(), 'mrepl-vectors-'));
  try {
    files.set('keys.json', json(keyObjects()));
    makeCards(files);
    for (const [name, tell] of Object.entries(series)) await makeSeries(files, { scratch, name, tell });
    const plain = files.get('series/first-contact/1-home.tar.zst');
    const changed = files.get('series/flags-and-expunge/4-home.tar.zst');
    if (plain === undefined || changed === undefined) throw new Error('there are no good bundles to begin with');
    await makeBundles(files, { scratch, plain });
    for (const [name, { bytes, ...rest }] of Object.entries(await invalidOf(plain, changed))) {
      files.set(`invalid/${name}.tar.zst`, bytes);
      files.set(`invalid/${name}.json`, json(rest));
    }
    return files;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}

/** Bytes that look random and are always the same. */
function seeded(seed: string): (sizeBytes: number) => Buffer {
  let turn = 0;
  return (sizeBytes) => {
    const pieces: Buffer[] = [];
    for (let length = 0; length < sizeBytes; length += 32) {
      pieces.push(createHash('sha256').update(`${seed} ${turn++}`).digest());
    }
    return Buffer.concat(pieces).subarray(0, sizeBytes);
  };
}

function makeCards(files: Map<string, Buffer>): void {
  const cardOf = (name: HostName, hostName: string = name): Card => {
    const { hostId, signingKey, ageIdentity } = keysOf(name);
    return { account, hostId, hostName, signingKey: signingKey.publicKey, ageRecipient: ageIdentity.recipient };
  };
  const put = (fileName: string, name: HostName, card: Card): void => {
    files.set(`cards/${fileName}.card`, encodeCard(card, keysOf(name).signingKey));
    const { hostName, succession, ...rest } = card;
    files.set(
      `cards/${fileName}.json`,
      json({ ...rest, name: hostName, fingerprint: fingerprintOf(card), formerHost: succession?.formerId ?? null }),
    );
  };
  put('home', 'home', cardOf('home'));
  put('longest-name', 'cabin', cardOf('cabin', 'the-cabin-below-the-hill-at-lake'));
  const good = String(encodeCard(cardOf('home'), keysOf('home').signingKey)).split('-----BEGIN')[0] ?? '';
  for (const [name, { breaks, change }] of Object.entries(invalidCards)) {
    const lines = Buffer.from(change(good));
    const signature = signDetached(keysOf('home').signingKey, 'mrepl-card', lines);
    files.set(`invalid/${name}.card`, Buffer.concat([lines, signature]));
    files.set(`invalid/${name}.json`, json({ breaks, refused: 'card' }));
  }
  // boat goes on from what home was.
  put('successor', 'boat', { ...cardOf('boat', 'home'), succession: signSuccession(cardOf('boat'), keysOf('home')) });
}

async function makeBundles(
  files: Map<string, Buffer>,
  { scratch, plain }: { readonly scratch: string; readonly plain: Buffer },
): Promise<void> {
  const put = async (name: string, bytes: Buffer): Promise<void> => {
    const path = join(scratch, name.replace('/', '-'));
    writeFileSync(path, bytes);
    const identities = [keysOf('cabin').ageIdentity];
    files.set(`bundles/${name}`, bytes);
    files.set(`bundles/${name.replace(/\.tar\..*/, '')}.json`, json(await foundIn(path, identities)));
  };
  const random = seeded('sealing');
  const sealing = startSealing([keysOf('cabin').ageIdentity.recipient, keysOf('home').ageIdentity.recipient], random);
  await put('sealed.tar.zst.age', Buffer.concat([sealing.beginning, ...sealing.seal(plain), sealing.end()]));
  const entries = entriesOf(await tarOf(plain));
  await put('one-frame.tar.zst', await inFrames(archive(entries)));
  const tar = archive(entries);
  const everywhere = [7, 500, 512, 1000, tar.length - 1500, tar.length - 1000, tar.length - 3];
  await put('frames-anywhere.tar.zst', await inFrames(tar, everywhere));
  const parts = takeApart(tar);
  nameEverything(parts);
  await put('every-key.tar.zst', await framed(putTogether(parts, keysOf('home').signingKey, withServed)));
  const end = entries.pop();
  await put(
    'padding.tar.zst',
    await framed([...entries, rawEntry('padding', random(700)), ...(end === undefined ? [] : [end])]),
  );
}

/** Keys that are rarely there, and some that nobody knows. */
function nameEverything(parts: BundleParts): void {
  const { manifest, files, end } = parts;
  const [mbox, ...records] = files[0] ?? [];
  const [save, other] = records.filter((each) => 'SAVE' in each);
  Object.assign(manifest, { version: '2.7', fed: ['mbsync', 'get-mail2'], novelty: { a: [1, null, true, 'x'] } });
  Object.assign(mbox ?? {}, { spelling: ['Work', 'LATER'], novelty: 1 });
  Object.assign(save ?? {}, { s: '5'.repeat(64), b: [12, 34], a: 1, from: ['INBOX', [0, 77], [[0, 1, 1]]] });
  Object.assign(other ?? {}, { s: other?.g });
  files[0]?.splice(1, 0, { NOVELTY: 'a record of another name', f: 0 }, { EXPUNGE: [[0, '9']] });
  parts.texts = parts.texts.filter(({ name }) => !name.includes(String(save?.g))); // it would have to have that digest
  Object.assign(end, { novelty: [], texts: parts.texts.length });
  end.bytes = parts.texts.reduce((sum, { content }) => sum + content.length, 0);
}

/** The manifest, with a statement that says what a mail server serves, and something that nobody knows. */
const withServed: TextChange = (text, which) => {
  if (which !== 'manifest') return text;
  const manifest = JSON.parse(text) as { readonly statement: { readonly text: string } };
  const said = JSON.parse(manifest.statement.text) as object;
  const more = JSON.stringify({ ...said, served: [['INBOX', 4_000_000_000, 1_600_000_000, 4]], novelty: [] });
  return `${JSON.stringify({ ...manifest, statement: signedText(more, keysOf('home').signingKey) })}\n`;
};

type Scene = {
  readonly home: Party;
  readonly cabin: Party;
  readonly boat: Party;
  /** Keeps what this host says now as the next file of the series, and gives its path. */
  says(party: Party): Promise<string>;
};

async function makeSeries(
  files: Map<string, Buffer>,
  {
    scratch,
    name,
    tell,
  }: { readonly scratch: string; readonly name: string; readonly tell: (scene: Scene) => Promise<void> },
): Promise<void> {
  const directory = join(scratch, name);
  mkdirSync(directory);
  const isOfThree = name === 'through-a-third';
  const [home, cabin, boat] = [
    await vectorHost(directory, 'home', ['cabin']),
    await vectorHost(directory, 'cabin', isOfThree ? ['home', 'boat'] : ['home']),
    await vectorHost(directory, 'boat', ['cabin']),
  ];
  const paths: string[] = [];
  const says = async (party: Party): Promise<string> => {
    const fileName = `${paths.length + 1}-${party.catalog.identity.hostName}.tar.zst`;
    const bytes = await bundleOf(party);
    files.set(`series/${name}/${fileName}`, bytes);
    const path = join(directory, fileName);
    writeFileSync(path, bytes);
    paths.push(path);
    return path;
  };
  try {
    await tell({ home, cabin, boat, says });
  } finally {
    for (const party of [home, cabin, boat]) party.catalog.close();
  }
  const found: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  for (const [index, path] of paths.entries()) {
    const fileName = path.slice(directory.length + 1);
    found[fileName] = await foundIn(path);
    after[fileName] = await mergedFrom(paths.slice(0, index + 1));
  }
  files.set(`series/${name}/found.json`, json(found));
  files.set(`series/${name}/merged.json`, json(after));
}

const letter = (name: string): string => `Message-ID: <${name}@example.org>\nSubject: ${name}\n\nThis is ${name}.\n`;

const deliver = ({ store }: Party, mailbox: string, ...letters: readonly string[]): void => {
  for (const each of letters) store.user.deliver(mailbox, letter(each), [], 1_740_000_000);
};

/** The ref of the message of this name. */
function refOf({ store }: Party, mailbox: string, name: string): string {
  const found = store.user.messages(mailbox).find(({ text }) => Buffer.from(text).includes(`Subject: ${name}\n`));
  if (found === undefined) throw new Error(`${name} is not in ${mailbox}`);
  return found.ref;
}

/** One speaks, then the other; then each hears what the other said. */
async function swap(one: Party, other: Party, says: Scene['says']): Promise<void> {
  const first = await says(one);
  const second = await says(other);
  await take(one, [second]);
  await take(other, [first]);
}

const series: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  // The same mail on both, under other UIDs, and twice on one; then each hears of the other.
  async 'first-contact'({ home, cabin, says }) {
    deliver(home, inbox, 'one', 'two', 'three');
    home.store.user.setFlags(inbox, refOf(home, inbox, 'one'), ['\\Seen', '$work']);
    deliver(cabin, inbox, 'only-here', 'two', 'one', 'two');
    cabin.store.user.setFlags(inbox, refOf(cabin, inbox, 'one'), ['\\Flagged']);
    await swap(home, cabin, says);
    await says(home);
    await says(cabin);
  },
  // Both give UID 4 to other mail.
  async 'one-uid-twice'({ home, cabin, says }) {
    for (const host of [home, cabin]) deliver(host, inbox, 'one', 'two', 'three');
    cabin.store.user.resetUids(inbox, 1_600_000_000); // that of home: as where both began as copies
    deliver(home, inbox, 'alice');
    deliver(cabin, inbox, 'bob');
    await swap(home, cabin, says);
    await says(home);
    await says(cabin);
  },
  async 'flags-and-expunge'({ home, cabin, says }) {
    deliver(home, inbox, 'one', 'two', 'three');
    await take(cabin, [await says(home)]);
    cabin.store.user.expunge(inbox, refOf(cabin, inbox, 'two'));
    cabin.store.user.setFlags(inbox, refOf(cabin, inbox, 'one'), ['\\Answered']);
    home.store.user.setFlags(inbox, refOf(home, inbox, 'two'), ['\\Flagged']);
    home.store.user.setFlags(inbox, refOf(home, inbox, 'one'), ['\\Seen']);
    await swap(cabin, home, says);
    await says(home);
  },
  // Home and boat hear of each other by way of cabin alone, whose bundles pass on what home said.
  async 'through-a-third'({ home, cabin, boat, says }) {
    deliver(home, inbox, 'from home');
    deliver(boat, inbox, 'from boat');
    await take(cabin, [await says(home)]);
    deliver(cabin, 'Lists/sailing', 'from cabin');
    await take(boat, [await says(cabin)]);
    await take(cabin, [await says(boat)]);
    await take(home, [await says(cabin)]);
    home.store.user.setFlags(inbox, refOf(home, inbox, 'from boat'), ['\\Seen']);
    await says(home);
  },
  // A message is moved on one side and flagged on the other; a mailbox is deleted here and gets mail there.
  async 'moved-and-deleted'({ home, cabin, says }) {
    deliver(home, inbox, 'one', 'two');
    deliver(home, 'Lists', 'old');
    await take(cabin, [await says(home)]);
    cabin.store.user.setFlags(inbox, refOf(cabin, inbox, 'two'), ['\\Flagged']);
    deliver(cabin, 'Lists', 'new');
    home.store.user.expunge(inbox, refOf(home, inbox, 'two'));
    deliver(home, 'Kept', 'two');
    home.store.user.delete('Lists');
    await swap(cabin, home, says);
    await says(home);
    await says(cabin);
  },
  // Two programs fetched the same mail, and each wrote a line of its own into it.
  async stamped({ home, cabin, says }) {
    const stamped = (id: string, name: string): string => `X-TUID: ${id}\n${letter(name)}`;
    for (const [host, id] of [
      [home, 'AAAAbbbbCCCC'],
      [cabin, 'ddddEEEEffff'],
    ] as const) {
      host.store.user.deliver(inbox, stamped(id, 'fetched twice'), [], 1_740_000_000);
      deliver(host, inbox, 'plain');
    }
    cabin.store.user.setFlags(inbox, refOf(cabin, inbox, 'fetched twice'), ['\\Flagged']);
    await swap(home, cabin, says);
    await says(home);
  },
  // A server began to count anew.
  async uidvalidity({ home, cabin, says }) {
    deliver(home, inbox, 'one', 'two');
    await take(cabin, [await says(home)]);
    deliver(cabin, inbox, 'three');
    home.store.user.resetUids(inbox, 1_700_000_000);
    await swap(cabin, home, says);
    await says(home);
  },
};
