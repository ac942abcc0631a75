import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { heedInterruption } from '../../apply/context/stop-if-interrupted.js';
import type { BundleContents, Receipt } from '../../bundle/format/bundle-contents.js';
import { type BundleSink, type WriteKeys, type WriteOptions, writeBundle } from '../../bundle/write/write-bundle.js';
import { writeToPipe } from '../../bundle/write/write-to-pipe.js';
import { ownNames } from '../../catalog/facts/own-host/own-host-names.js';
import { rememberSpoken } from '../../catalog/facts/peers/last-heard-at-each-export.js';
import { rememberPlace } from '../../catalog/facts/runs/where-bundles-were-written.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import { Failure, isInterruption, isOfOneThing } from '../../failure.js';
import { errnoOf } from '../../fs/errno.js';
import { type MediumRoom, roomOnMedium } from '../../medium/free-space.js';
import { assertSameMedium, type SeenMedium } from '../../medium/medium-identity.js';
import {
  accountFolder,
  bundleFileName,
  listMedium,
  partsOf,
  removeFiles,
} from '../../medium/name-and-list-bundle-files.js';
import { prepareMedium } from '../../medium/prepare-directory.js';
import { writeBundleFile } from '../../medium/write-file-to-medium.js';
import { newMediumId, noteMedium, seeTarget } from '../medium/check-medium-is-mounted.js';
import { imprintIfReadable, worthlessBundles, worthlessCopies } from '../medium/obsolete-bundles.js';
import type { Session } from '../session/account-session.js';
import { isSpoilt } from './is-own-bundle-damaged.js';

export type ExportTarget =
  | {
      readonly directory: string;
      /** The directory as the run found it, where it looked at it before. */
      readonly seen?: SeenMedium;
      /** How much may be written there; for tests. */
      readonly room?: (directory: string) => MediumRoom;
    }
  | { readonly sink: Writable };

/** So many bytes could be written, and no more. */
export type Overflow = {
  readonly bytes: number;
  /** by: who set the limit. `file`: of one file; `medium`: of all of them. */
  readonly by: 'asked' | 'file' | 'medium';
  readonly failure: Failure;
};

export type Writing = { readonly contents: BundleContents; readonly keys: WriteKeys; readonly bytesMax: number };

/** Where an export goes: a directory with earlier bundles in it, or a pipe. */
export type Outlet = {
  /** For messages: the directory, or `-`. */
  readonly name: string;
  fileNameOf(number: number, isSealed: boolean): string;
  /**
   * Those of our bundles that lie there whole: as far as their beginning and end tell, and to the last byte where there
   * is doubt.
   */
  intact(exports: readonly Exported[]): Promise<readonly Exported[]>;
  /**
   * Files under names of ours that nobody needs any more: damaged ones, and what every peer has taken in long since.
   */
  worthless(exports: readonly Exported[]): Promise<readonly string[]>;
  room(): MediumRoom;
  /**
   * Can what came to more than there was room for be tried again, and be followed by another bundle? A pipe has but
   * one.
   */
  readonly holdsMany: boolean;
  /** Does whoever reads it wait for a bundle, so that nothing at all would mean that this run failed? */
  readonly isAwaited: boolean;
  write(fileName: string, writing: Writing): Promise<{ readonly receipt: Receipt } | { readonly overflow: Overflow }>;
  remove(fileNames: readonly string[]): Promise<void>;
  /** Bytes that these files take. */
  sizeOf(fileNames: readonly string[]): number;
};

/**
 * Looks at the place that an export goes to, and changes nothing there. Throws `medium-lost` where the directory is
 * not the medium any more that the run has seen.
 */
export async function openOutlet(session: Session, target: ExportTarget): Promise<Outlet> {
  return 'sink' in target ? pipeOutlet(session, target.sink) : directoryOutlet(session, target);
}

function pipeOutlet(session: Session, sink: Writable): Outlet {
  return {
    name: '-',
    fileNameOf: () => '-',
    intact: async () => [],
    worthless: async () => [],
    room: () => ({ fileBytesMax: Number.POSITIVE_INFINITY, freeBytes: Number.POSITIVE_INFINITY }),
    holdsMany: false,
    isAwaited: true,
    async write(_, { contents, keys }) {
      const write = (chunk: Uint8Array): Promise<void> => writeToPipe(sink, chunk);
      return { receipt: await writeBundle(contents, { write }, keys, writeOptions(session)) };
    },
    remove: async () => undefined,
    sizeOf: () => 0,
  };
}

async function directoryOutlet(
  session: Session,
  {
    directory,
    seen = seeTarget(session, directory),
    room = roomOnMedium,
  }: Extract<ExportTarget, { directory: string }>,
): Promise<Outlet> {
  const { catalog } = session;
  const { account, hostName } = catalog.identity;
  assertSameMedium(seen);
  const listing = await listMedium(directory, account, session.signal);
  const spoilt = new Set<Exported>();
  return {
    name: directory,
    fileNameOf(number, isSealed) {
      return bundleFileName(hostName, number, { isSealed, taken: listing?.names ?? new Set() });
    },
    async intact(exports) {
      const files = new Map(listing?.bundles.map((file) => [file.fileName, file]));
      const found: Exported[] = [];
      for (const exported of exports) {
        const file = files.get(exported.fileName);
        if (file?.sizeBytes !== exported.sizeBytes || (await imprintIfReadable(file.path)) !== exported.imprint)
          continue;
        if (await isSpoilt(session, exported, file)) spoilt.add(exported);
        else found.push(exported);
      }
      return found;
    },
    async worthless(exports) {
      const sound = exports.filter((exported) => !spoilt.has(exported));
      const bundles = await worthlessBundles(session, listing?.bundles ?? [], sound);
      return listing === null ? bundles : bundles.concat(await worthlessCopies(session, directory, exports));
    },
    room: () => room(directory),
    holdsMany: true,
    isAwaited: false,
    async write(fileName, { contents, keys, bytesMax }) {
      await heedInterruption(session);
      const { folder, id } = prepareMedium(seen, account, newMediumId);
      removeFiles(folder, partsOf(folder, ownNames(catalog)));
      const path = join(folder, fileName);
      let bytes = 0;
      try {
        const produce = (sink: BundleSink): Promise<Receipt> => {
          const write = async (chunk: Uint8Array): Promise<void> => {
            if (bytes + chunk.length > bytesMax) throw tooLarge(path, bytesMax);
            await sink.write(chunk);
            bytes += chunk.length;
          };
          return writeBundle(contents, { write }, keys, writeOptions(session));
        };
        const { result } = await writeBundleFile(path, produce, () => assertSameMedium(seen));
        noteWritten(session, contents.preamble.number, { directory, id });
        return { receipt: result };
      } catch (cause) {
        if (isInterruption(cause)) throw cause;
        assertSameMedium(seen); // on another stick all kinds of things may be in the way
        if (!isOfOneThing(cause, 'medium-full')) throw cause;
        const errno = errnoOf(cause.cause);
        const by = errno === undefined ? 'asked' : errno === 'EFBIG' ? 'file' : 'medium';
        return { overflow: { bytes, by, failure: cause } };
      }
    },
    sizeOf(fileNames) {
      const asked = new Set(fileNames);
      const files = listing?.bundles.filter(({ fileName }) => asked.has(fileName)) ?? [];
      return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    },
    async remove(fileNames) {
      if (fileNames.length === 0) return;
      await heedInterruption(session);
      assertSameMedium(seen);
      removeFiles(accountFolder(directory, account), fileNames);
    },
  };
}

/** Notes where a bundle was written, and what peers have said by then. */
function noteWritten(
  session: Session,
  number: number,
  { directory, id }: { readonly directory: string; readonly id: string },
): void {
  rememberSpoken(session.catalog, number);
  rememberPlace(session.catalog, number, { directory: resolve(directory), medium: id });
  noteMedium(session, directory, id);
}

function tooLarge(path: string, bytesMax: number): Failure {
  return new Failure(
    'medium-full',
    `writing ${path}: it would be larger than ${bytesMax} bytes; nothing was left behind`,
  );
}

function writeOptions({ listener, signal }: Pick<Session, 'listener' | 'signal'>): WriteOptions {
  return { signal, onProgress: (progress) => listener({ kind: 'progress', ...progress }) };
}
