import { Failure, isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { countRanges } from '../../replica/number-ranges.js';
import { covers, sameClock } from '../../replica/version-vector.js';
import type { AgeIdentity } from '../../trust/age/recipient-keys.js';
import type { PublicKey } from '../../trust/ssh/ed25519-public-key.js';
import { signatureBytesMax, verifyDetached } from '../../trust/ssh/ssh-signature.js';
import { readTar, type TarReader } from '../archive/read-tar.js';
import { sha256 } from '../archive/sha256.js';
import type { TarEntry } from '../archive/tar-header.js';
import type { CodecName } from '../archive/zstd-frame-codec.js';
import { type FrameScanner, scanFrames } from '../archive/zstd-frame-scanner.js';
import type { ArrivedText, Preamble } from '../format/bundle-contents.js';
import { manifestBytesMax } from '../format/bundle-limits.js';
import { manifestEntry, recordEntry, signatureEntry } from '../format/entry-names.js';
import {
  decodeManifest,
  type Manifest,
  type RecordFile,
  senderOfOld,
  signatureNamespace,
} from '../format/manifest-json.js';
import { malformed, notUnderstood, readingOf } from '../format/parse-json-value.js';
import { decodeRecords } from '../format/records-json.js';
import { signerOf } from '../format/signed-statement-json.js';
import { type Crew, startCrew, threadsFor } from '../frames/frame-worker-pool.js';
import { type BundleSource, openSource } from './byte-source.js';
import { unpacking } from './decode-frames.js';
import { type Unsealed, unseal } from './decrypt-bundle.js';
import { readRecordFiles } from './read-record-files.js';
import { expectedTexts, readTexts } from './read-texts.js';

/**
 * A bundle of which only the manifest has been read: as `signedBy` wrote it. Whose key that is, is for the caller to
 * find out.
 */
export type UnverifiedBundle = {
  /** The path, or `-`. */
  readonly name: string;
  /** Null where it comes from a pipe. */
  readonly sizeBytes: number | null;
  readonly signedBy: PublicKey;
  readonly isSealed: boolean;
  /** SHA-256 of `bundle.json`. */
  readonly manifestSha256: string;
  readonly manifest: Manifest;
  readonly preamble: Preamble;
  /** Gives back the file, and threads. May be called at any time, and twice. */
  close(): Promise<void>;
  /** @internal The rest, for `verifyRecords`. */
  readonly rest: Rest;
};

type Rest = {
  readonly tar: TarReader;
  readonly frames: FrameScanner;
  readonly unsealed: Unsealed;
  readonly crews: Crew[];
  readonly options: OpenOptions;
};

const verified: unique symbol = Symbol('verified');

/** A bundle whose records are what its manifest says. Only `verifyRecords` makes one. */
export type VerifiedBundle = Omit<UnverifiedBundle, 'rest'> & {
  readonly [verified]: true;
  readonly news: readonly MailboxNews[];
  /** How many lines its record files have. */
  readonly records: number;
  /**
   * Mailboxes whose records were damaged on the way (`bundle-damaged`), or make no sense as they were written
   * (`bundle-not-understood`).
   */
  readonly troubles: readonly Trouble[];
  /**
   * The texts, once, in the order in which they were written; each is what its guid says, and a part of a larger
   * buffer: copy what is to be kept. Damage costs the texts it hit, not those behind it: when this ends, `damage` says
   * what was wrong.
   */
  texts(): AsyncGenerator<ArrivedText>;
  /**
   * What was found damaged or missing among the texts read, or among the records without costing any; empty where the
   * bundle was whole to its very end.
   */
  damage(): readonly Failure[];
  /** Guids of what came among the texts read and is none, as it is not in canonical form. */
  impossible(): readonly Guid[];
};

export type OpenOptions = {
  /** Open what was sealed to them; without any only plain bundles are read. */
  readonly identities?: readonly AgeIdentity[];
  /** Ends the reading of a file. */
  readonly signal?: AbortSignal;
  /** For tests: the codec, and how many threads decode texts; by default what suits best. */
  readonly codec?: CodecName;
  readonly threads?: number;
};

/**
 * Opens a bundle and reads its manifest, which is one pass over its first frame. Throws `bundle-damaged`,
 * `bundle-not-understood`, `bundle-not-for-us` (sealed to others), `medium-absent`, `medium-lost`, `io`; then nothing
 * is left open.
 */
export async function openBundle(source: BundleSource, options: OpenOptions = {}): Promise<UnverifiedBundle> {
  const front = await openFront(source, options);
  try {
    const { bytes, signedBy, name, sizeBytes, close, rest } = front;
    const manifest = decodeManifest(bytes, `bundle.json of ${name}`);
    if (signerOf(manifest.statement) !== signedBy) {
      throw notUnderstood(`bundle.json of ${name}`, malformed('its statement is not signed as it is itself'));
    }
    const { isSealed } = rest.unsealed;
    const { preamble } = manifest;
    return { name, sizeBytes, signedBy, isSealed, manifestSha256: sha256(bytes), manifest, preamble, close, rest };
  } catch (error) {
    await front.close();
    throw error;
  }
}

/**
 * Who wrote a bundle of a version that is read no more; null where it does not say so in a way that is understood.
 * Throws as `openBundle` does where the file cannot be read.
 */
export async function writerOfOld(
  source: BundleSource,
  options: OpenOptions = {},
): Promise<{ readonly hostId: HostId; readonly signedBy: PublicKey } | null> {
  const { bytes, signedBy, close } = await openFront(source, options);
  await close();
  const hostId = senderOfOld(bytes);
  return hostId === null ? null : { hostId, signedBy };
}

type OpenFront = Pick<UnverifiedBundle, 'name' | 'sizeBytes' | 'signedBy' | 'close' | 'rest'> & {
  /** `bundle.json`, as it was signed. */
  readonly bytes: Buffer;
};

async function openFront(source: BundleSource, options: OpenOptions): Promise<OpenFront> {
  const file = await openSource(source, options.signal);
  const crews: Crew[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(crews.splice(0).map((crew) => crew.close()));
    await file.close();
  };
  try {
    const crew = startCrew({ threads: 0, codec: options.codec ?? null });
    crews.push(crew);
    const unsealed = await unseal(file, options.identities ?? []);
    const frames = scanFrames(unsealed.next);
    const tar = readTar(unpacking(frames, crew));
    const { bytes, signedBy } = await readSigned(tar, file.name).catch((cause: unknown) => {
      throw unsealed.damage[0] === undefined || !isOfOneThing(cause) ? cause : damaged(file.name, unsealed.damage[0]);
    });
    const { name, sizeBytes } = file;
    return { name, sizeBytes, signedBy, bytes, close, rest: { tar, frames, unsealed, crews, options } };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Reads all record files and compares them with the manifest. Those that are not what it says, or make no sense, are
 * trouble of their mailbox; where none is, the bundle is refused (`bundle-damaged`).
 */
export async function verifyRecords(bundle: UnverifiedBundle): Promise<VerifiedBundle> {
  const { manifest, name, rest } = bundle;
  const news: MailboxNews[] = [];
  const troubles: Trouble[] = [];
  let records = 0;
  const lost = (index: number, what: string): void => {
    const { mailbox } = manifest.files[index] as RecordFile;
    troubles.push({ subject: mailbox, failure: damaged(name, `what it says of ${mailbox} is damaged: ${what}`) });
  };
  const found: Failure[] = [];
  const findings = { lost, found: (what: string) => found.push(damaged(name, what)) };
  let arrived = 0;
  for await (const { index, bytes } of readRecordFiles(rest.tar, manifest.files, findings)) {
    arrived++;
    const file = manifest.files[index] as RecordFile;
    try {
      news.push(checkedNews(bytes, manifest, file, index));
      records += countLines(bytes);
    } catch (cause) {
      if (!isOfOneThing(cause, 'bundle-not-understood')) throw cause;
      troubles.push({ subject: file.mailbox, failure: cause });
    }
  }
  if (arrived === 0 && troubles[0] !== undefined) throw troubles[0].failure;
  const impossible: Guid[] = [];
  const texts = async function* (): AsyncGenerator<ArrivedText> {
    const threads = rest.options.threads ?? threadsFor('unpack', manifest.announced?.bytes ?? bundle.sizeBytes);
    const crew = startCrew({ threads, codec: rest.options.codec ?? null });
    rest.crews.push(crew);
    rest.tar.continueFrom(unpacking(rest.frames, crew));
    // Texts of records that were lost, or not understood, are nothing strange.
    const expected = troubles.length > 0 ? null : expectedTexts(manifest, news);
    try {
      yield* readTexts(
        rest.tar,
        { files: manifest.files.length, expected },
        { found: (what) => found.push(damaged(name, what)), impossible: (guid) => impossible.push(guid) },
      );
      if (found.length === 0) for (const what of rest.unsealed.damage) found.push(damaged(name, what));
    } finally {
      await crew.close(); // its threads hold memory that what follows can use
    }
  };
  const { rest: _, ...shown } = bundle;
  return {
    [verified]: true,
    ...shown,
    news,
    records,
    troubles,
    texts,
    damage: () => found,
    impossible: () => impossible,
  };
}

/** The bytes of the manifest, once they are known to be what was signed. */
async function readSigned(
  tar: TarReader,
  bundle: string,
): Promise<{ readonly bytes: Buffer; readonly signedBy: PublicKey }> {
  const entry = await tar.entry();
  if (entry === 'end' || 'damaged' in entry || entry.name !== manifestEntry) {
    const why = entry !== 'end' && 'damaged' in entry ? entry.damaged : 'bundle.json is not the first in it';
    throw new Failure('bundle-damaged', `reading ${bundle}: this is no bundle that can be read: ${why}`, {
      hint: 'Bundles are named like home-000042.tar.zst; if this is one, its beginning is damaged: copy or export it again.',
    });
  }
  if (entry.sizeBytes > manifestBytesMax) throw damaged(bundle, `bundle.json is larger than ${manifestBytesMax} bytes`);
  const bytes = await contentOf(tar, bundle, entry);
  const signature = await tar.entry();
  if (signature === 'end' || 'damaged' in signature || signature.name !== signatureEntry) {
    throw damaged(bundle, `${signatureEntry} is not where it should be`);
  }
  const isTooLong = signature.sizeBytes > signatureBytesMax;
  const signedBy = isTooLong
    ? null
    : verifyDetached(await contentOf(tar, bundle, signature), signatureNamespace, bytes);
  if (signedBy === null) throw damaged(bundle, 'bundle.json is not what was written and signed');
  return { bytes, signedBy };
}

async function contentOf(tar: TarReader, bundle: string, entry: TarEntry): Promise<Buffer> {
  const content = await tar.content(entry);
  if ('damaged' in content) throw damaged(bundle, content.damaged);
  return content.bytes;
}

/** The records of a file, which must come to what the manifest says of them. */
function checkedNews(bytes: Buffer, { hosts, preamble }: Manifest, file: RecordFile, index: number): MailboxNews {
  const fileName = recordEntry(index);
  const news = decodeRecords(bytes, { from: preamble.from.hostId, hosts, fileName });
  return readingOf(fileName, () => {
    if (news.name !== file.mailbox) throw malformed('it is about another mailbox than bundle.json says');
    if (!sameClock(news.base, file.base)) throw malformed('it has another base than bundle.json says');
    const clock = preamble.clocks.get(news.name);
    if (clock === undefined || !covers(clock, news.clock)) throw malformed('it knows more than bundle.json says');
    const living = [...news.living.values()].reduce((sum, ranges) => sum + countRanges(ranges), 0);
    if (living !== file.living || news.saves.length !== file.saves || news.updates.length !== file.updates) {
      throw malformed('it does not have as many messages as bundle.json says');
    }
    return news;
  });
}

function countLines(bytes: Uint8Array): number {
  const lineFeed = 0x0a;
  return bytes.reduce((count, byte) => (byte === lineFeed ? count + 1 : count), 0);
}

function damaged(bundle: string, what: string): Failure {
  return new Failure('bundle-damaged', `reading the bundle ${bundle}: ${what}`, {
    hint: 'Export again on the sending host, or copy the file again; "mrepl verify" shows all that is wrong with it.',
  });
}
