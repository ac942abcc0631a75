import { createHash } from 'node:crypto';
import { constants, statSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../failure.js';
import { lookAt, removeName } from '../fs/open-untrusted-file.js';
import { type HeldFolder, holdFolder } from './held-folder.js';
import { mediumFailure } from './medium-failure.js';
import { partSuffix } from './name-and-list-bundle-files.js';
import { type ReadBack, startReadBack } from './read-back-check.js';

/** Takes the bytes of a file, in order. */
type FileSink = { write(chunk: Uint8Array): Promise<void> };

type WrittenFile = {
  /** False where it could only be read back from memory, which says nothing about the stick. */
  readonly isReadFromDevice: boolean;
};

/**
 * Writes a file so that it is there, whole, after a power cut, also on FAT: beside its name, synced, read back and
 * compared, renamed to a name that must be free, synced again by the same descriptor, and the directory synced.
 * Whatever fails, nothing is left under either name; also where `confirm`, asked when all of it is there, throws. Who
 * may look into the directory may read the file, as far as the umask lets them: a stick goes to hosts where its owner
 * has another number. Throws `medium-full`, `medium-lost`, `cannot-create`, `io`.
 */
export async function writeBundleFile<R>(
  path: string,
  produce: (sink: FileSink) => Promise<R>,
  confirm: () => void = () => undefined,
): Promise<{ readonly result: R; readonly file: WrittenFile }> {
  const folder = await attempt(`writing ${path}`, () => holdFolder(dirname(path)));
  try {
    return await writeWithin(folder, basename(path), { produce, confirm });
  } finally {
    folder.close();
  }
}

async function writeWithin<R>(
  folder: HeldFolder,
  name: string,
  how: { readonly produce: (sink: FileSink) => Promise<R>; readonly confirm: () => void },
): Promise<{ readonly result: R; readonly file: WrittenFile }> {
  const part = name + partSuffix;
  const doing = `writing ${join(folder.path, name)}`;
  const refuseExisting = (): Promise<void> => attempt(doing, () => assertFree(folder.at(name), doing));
  await refuseExisting();
  const handle = await attempt(doing, () => {
    const mode = 0o600 | (statSync(folder.at('.')).mode & 0o044);
    return open(folder.at(part), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  });
  const back = startReadBack(() => folder.at(part), { handle, doing });
  let isRenamed = false;
  try {
    const { sink, sha256 } = hashingSink(handle, { doing, back });
    const result = await how.produce(sink);
    await attempt(doing, () => handle.sync());
    const found = await attempt(doing, () => back.end());
    if (found.sha256 !== sha256()) {
      throw new Failure('io', `${doing}: what was read back is not what was written; it was removed again`, {
        hint: 'The stick is failing: use another one.',
      });
    }
    await refuseExisting();
    await attempt(doing, async () => {
      await rename(folder.at(part), folder.at(name));
      isRenamed = true;
      await handle.sync(); // FAT forgets the size of a renamed file otherwise
      folder.sync();
      how.confirm();
    });
    return { result, file: { isReadFromDevice: found.isDirect } };
  } catch (error) {
    await removeQuietly(folder, isRenamed ? name : part, handle);
    throw error;
  } finally {
    await back.close();
    await handle.close().catch(() => undefined); // synced above; a stick that is gone fails here once more
  }
}

function hashingSink(
  handle: FileHandle,
  { doing, back }: { readonly doing: string; readonly back: ReadBack },
): { sink: FileSink; sha256(): string } {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const write = async (chunk: Uint8Array): Promise<void> => {
    hash.update(chunk);
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await attempt(doing, () => handle.write(chunk, done));
      done += bytesWritten;
    }
    sizeBytes += chunk.length;
    back.written(sizeBytes);
  };
  return { sink: { write }, sha256: () => hash.digest('hex') };
}

/** No rename here replaces a file: on FAT the old content would come back after a power cut. */
function assertFree(path: string, doing: string): void {
  if (lookAt(path) !== null) throw new Failure('cannot-create', `${doing}: it exists already; nothing was changed`);
}

async function attempt<T>(doing: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw mediumFailure(doing, error);
  }
}

/** Unless another file has the name: the stick may have been taken for another one. */
async function removeQuietly(folder: HeldFolder, name: string, handle: FileHandle): Promise<void> {
  try {
    const path = folder.at(name);
    const [written, found] = [await handle.stat({ bigint: true }), lookAt(path)];
    if (written.dev === found?.dev && written.ino === found.ino) removeName(path);
  } catch {
    // The stick is gone or read-only: what brought us here is the error to tell.
  }
}
