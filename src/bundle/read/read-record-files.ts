import type { Broken, TarReader } from '../archive/read-tar.js';
import { sha256 } from '../archive/sha256.js';
import { recordEntry, recordIndexOf } from '../format/entry-names.js';
import type { RecordFile } from '../format/manifest-json.js';

/** A record file just as it was written. */
type ArrivedRecords = { readonly index: number; readonly bytes: Buffer };

/** Where the reader of record files tells what is wrong. */
type RecordFindings = {
  /** Once for each file that damage cost. */
  readonly lost: (index: number, what: string) => void;
  /** Damage that cost no file. */
  readonly found: (what: string) => void;
};

/**
 * The record files that are what the manifest says of them, in its order. Behind damage reading goes on at the next
 * frame that begins with an entry, be it a record file, or a text, which is left for whoever reads on.
 */
export async function* readRecordFiles(
  tar: TarReader,
  files: readonly RecordFile[],
  { lost, found }: RecordFindings,
): AsyncGenerator<ArrivedRecords> {
  let index = 0;
  /** Reading goes on at the file of this index; null where none follows. */
  const goOnAt = (next: number | null, what: string): void => {
    if (next === index) found(what);
    for (const end = Math.min(next ?? files.length, files.length); index < end; index++) lost(index, what);
  };
  for (let file = files[index]; file !== undefined; file = files[index]) {
    const ahead = await tar.peek();
    const next = ahead === null || 'damaged' in ahead ? index : recordIndexOf(ahead.name);
    if (next === null || next > index) {
      goOnAt(next, `${recordEntry(index)} is not where it should be`); // a frame may be gone without a trace
      continue;
    }
    const bytes = ahead !== null && 'damaged' in ahead ? ahead : await readRecordFile(tar, file, index);
    if ('damaged' in bytes) {
      goOnAt(await nextRecordFile(tar, index), bytes.damaged);
      continue;
    }
    if (sha256(bytes) === file.sha256) yield { index, bytes };
    else lost(index, `${recordEntry(index)} is not what was written`);
    index++;
  }
}

async function readRecordFile(tar: TarReader, { sizeBytes }: RecordFile, index: number): Promise<Buffer | Broken> {
  const entry = await tar.entry();
  if (entry !== 'end' && 'damaged' in entry) return entry;
  if (entry === 'end' || entry.name !== recordEntry(index) || entry.sizeBytes !== sizeBytes) {
    return { damaged: `${recordEntry(index)} is not where it should be` };
  }
  const content = await tar.content(entry);
  return 'damaged' in content ? content : content.bytes;
}

/**
 * Goes to the next frame that begins with this record file or one behind it, and says which; null where something else
 * comes first.
 */
async function nextRecordFile(tar: TarReader, index: number): Promise<number | null> {
  for (;;) {
    const entry = await tar.resume();
    if (entry === null) return null;
    const found = recordIndexOf(entry.name);
    if (found === null || found >= index) return found;
  }
}
