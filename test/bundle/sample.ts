import type {
  BundleContents,
  OutgoingText,
  Preamble,
  Receipt,
  SignedStatement,
  Statement,
} from '../../src/bundle/format/bundle-contents.js';
import { signStatement } from '../../src/bundle/format/signed-statement-json.js';
import type { BundleSource } from '../../src/bundle/read/byte-source.js';
import { type OpenOptions, openBundle, type VerifiedBundle, verifyRecords } from '../../src/bundle/read/open-bundle.js';
import { type WriteKeys, type WriteOptions, writeBundle } from '../../src/bundle/write/write-bundle.js';
import type { Failure } from '../../src/failure.js';
import { type Guid, guidOfCanonical } from '../../src/mail/text/text-guid.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import { signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';

/** The host that writes all bundles of these tests. */
export const home = 'a'.repeat(32);

const uidValidity = 1_700_000_000;

/** A message of about `sizeBytes`, at least 40; other numbers give other messages. */
export function message(number: number, sizeBytes = 200): Buffer {
  const head = `Subject: number ${number}\nFrom: alice\n\n`;
  let state = number + 1;
  const words: string[] = [];
  for (let length = head.length; length < sizeBytes; length += 8) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words.push(state.toString(36).padStart(7, '0'));
  }
  return Buffer.from(`${head}${words.join(' ')}\n`);
}

/** News of a mailbox that holds these messages, all of them new. */
export function newsOf(name: string, texts: readonly Uint8Array[]): MailboxNews {
  const clock = new Map([[home, { serial: texts.length, modseq: 1 }]]);
  const by = { modseq: 1, host: home };
  const saves: Instance[] = texts.map((text, index) => ({
    birth: { host: home, serial: index + 1 },
    modseq: 1,
    guid: guidOfCanonical(text),
    sizeBytes: text.length,
    receivedS: 1_741_000_000 + index,
    hint: `17410000${index}.M1P2.home`,
    uid: { uidValidity, uid: index + 1, round: 0, ...by },
    flags: new Map([['\\Seen', { on: true, ...by }]]),
  }));
  return {
    name,
    from: home,
    base: new Map(),
    clock,
    highestModseq: 1,
    validity: { resets: 0, uidValidity },
    uidNext: texts.length + 1,
    exists: { on: true, ...by },
    subscribed: { on: false, modseq: 0, host: '' },
    living: texts.length === 0 ? new Map() : new Map([[home, [[1, texts.length]]]]),
    ledger: { claims: [{ uidValidity, label: home, lo: 1, hi: Math.max(1, texts.length) }], agreements: [] },
    saves,
    updates: [],
    spelling: [],
  };
}

export function preambleOf(news: readonly MailboxNews[]): Preamble {
  return {
    account: 'alice',
    from: { hostId: home, name: 'home' },
    to: [],
    number: 42,
    madeAtS: 1_741_000_000,
    heard: new Map(),
    witnessed: new Map(),
    wanted: [],
    unheard: [],
    relayed: [],
    statements: new Map(),
    before: [],
    disowned: [],
    equivocations: [],
    fed: [],
    answers: [],
    clocks: new Map(news.map(({ name, clock }) => [name, clock])),
    served: new Map(),
    strangers: new Map(),
  };
}

/** What another host says of itself, signed with the key that is made of these words. */
export function statementBy(host: string, words: string, changes: Partial<Statement> = {}): SignedStatement {
  const said: Statement = {
    ...{ account: 'alice', from: { hostId: host, name: 'other' }, number: 1 },
    ...{ clocks: new Map(), unheard: [], wanted: [], served: new Map(), strangers: new Map() },
    ...{ before: [], records: '0'.repeat(32), ...changes },
  };
  return signStatement(said, signingKeyOf(Buffer.alloc(32, words)));
}

/** A text that is at hand. */
export function outgoing(text: Uint8Array): OutgoingText {
  return { guid: guidOfCanonical(text), sizeBytes: text.length, file: null, read: async () => text };
}

/** A bundle with one mailbox and these messages. */
export function contentsOf(texts: readonly Uint8Array[], changes: Partial<Preamble> = {}): BundleContents {
  const news = [newsOf('INBOX', texts)];
  return { preamble: { ...preambleOf(news), ...changes }, news, texts: texts.map(outgoing) };
}

/** The keys of the host that writes these bundles. */
export const plainKeys: WriteKeys = { signingKey: signingKeyOf(Buffer.alloc(32, 'home')), recipients: [] };

export async function written(
  contents: BundleContents,
  options: WriteOptions = {},
  keys: WriteKeys = plainKeys,
): Promise<{ bytes: Buffer; receipt: Receipt; frames: readonly Buffer[] }> {
  const frames: Buffer[] = [];
  const sink = {
    async write(chunk: Uint8Array): Promise<void> {
      frames.push(Buffer.from(chunk));
    },
  };
  const receipt = await writeBundle(contents, sink, keys, options);
  return { bytes: Buffer.concat(frames), receipt, frames };
}

export type Read = {
  readonly bundle: VerifiedBundle;
  readonly texts: ReadonlyMap<Guid, Buffer>;
  readonly damage: readonly Failure[];
};

/** Reads a bundle to its end. Every text is hashed once more, here: none may ever be wrong. */
export async function readAll(source: BundleSource, options: OpenOptions = {}): Promise<Read> {
  const unverified = await openBundle(source, options);
  try {
    const bundle = await verifyRecords(unverified);
    const texts = new Map<Guid, Buffer>();
    for await (const { guid, text } of bundle.texts()) {
      if (guidOfCanonical(text) !== guid) throw new Error(`a wrong text was delivered as ${guid}`);
      if (texts.has(guid)) throw new Error(`the text ${guid} was delivered twice`);
      texts.set(guid, Buffer.from(text));
    }
    return { bundle, texts, damage: bundle.damage() };
  } finally {
    await unverified.close();
  }
}

/** The bytes as a pipe would bring them, so many at a time. */
export async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
