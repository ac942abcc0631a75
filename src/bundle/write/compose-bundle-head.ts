import { Failure, invariant } from '../../failure.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { countRanges } from '../../replica/number-ranges.js';
import { covers } from '../../replica/version-vector.js';
import type { SigningKey } from '../../trust/ssh/ed25519-signing-key.js';
import { signDetached } from '../../trust/ssh/ssh-signature.js';
import { sha256 } from '../archive/sha256.js';
import type { BundleContents } from '../format/bundle-contents.js';
import { mailboxesMax, manifestBytesMax, recordBytesMax, statementBytesMax } from '../format/bundle-limits.js';
import { manifestEntry, recordEntry, signatureEntry } from '../format/entry-names.js';
import { hostsIn } from '../format/host-table-json.js';
import { encodeManifest, type Manifest, type RecordFile, signatureNamespace } from '../format/manifest-json.js';
import { encodeRecords } from '../format/records-json.js';
import { recordsDigest, signStatement, statementDigest } from '../format/signed-statement-json.js';
import type { PackItem } from '../frames/pack-and-unpack-frame.js';
import { itemOf } from './group-items-into-frames.js';

/** Everything that stands before the texts; `count` is that of messages the records speak of. */
type Front = {
  readonly manifest: PackItem;
  readonly manifestSha256: string;
  readonly statementDigest: string;
  readonly signature: PackItem;
  readonly records: readonly PackItem[];
  readonly count: number;
};

/**
 * The record files, and the manifest with their hashes, signed. Throws `cannot-create` where it would be more than
 * readers take.
 */
export function composeFront(
  { preamble, news }: BundleContents,
  announced: Manifest['announced'],
  signingKey: SigningKey,
): Front {
  const all = [...news];
  if (preamble.clocks.size > mailboxesMax) throw tooMuch(`more than ${mailboxesMax} mailboxes`);
  for (const { name, clock } of all) {
    const stated = preamble.clocks.get(name);
    invariant(stated !== undefined && covers(stated, clock), `news of ${name} with more than is acknowledged`);
  }
  const hosts = hostsIn(preamble, all);
  const files: RecordFile[] = [];
  const records: PackItem[] = [];
  let recordBytes = 0;
  for (const each of all) {
    const bytes = encodeRecords(each, hosts);
    recordBytes += bytes.length;
    if (recordBytes > recordBytesMax) throw tooMuch(`more than ${recordBytesMax} bytes of records`);
    files.push(fileOf(each, bytes));
    records.push(itemOf(recordEntry(records.length), bytes));
  }
  const statement = signStatement({ ...preamble, records: recordsDigest(files) }, signingKey);
  if (Buffer.byteLength(statement.text) > statementBytesMax)
    throw tooMuch(`a statement of more than ${statementBytesMax} bytes`);
  const manifest = encodeManifest({ preamble, statement, hosts, files, announced });
  if (manifest.length > manifestBytesMax) throw tooMuch(`a bundle.json of more than ${manifestBytesMax} bytes`);
  const count = files.reduce((sum, { saves, updates }) => sum + saves + updates, 0);
  const signature = itemOf(signatureEntry, signDetached(signingKey, signatureNamespace, manifest));
  return {
    manifest: itemOf(manifestEntry, manifest),
    manifestSha256: sha256(manifest),
    statementDigest: statementDigest(statement.text),
    signature,
    records,
    count,
  };
}

function fileOf(news: MailboxNews, bytes: Uint8Array): RecordFile {
  return {
    mailbox: news.name,
    sizeBytes: bytes.length,
    sha256: sha256(bytes),
    base: news.base,
    living: [...news.living.values()].reduce((sum, ranges) => sum + countRanges(ranges), 0),
    saves: news.saves.length,
    updates: news.updates.length,
  };
}

function tooMuch(what: string): Failure {
  return new Failure('cannot-create', `writing a bundle: it would have ${what}`, {
    hint: 'Export in parts with --mailbox.',
  });
}
