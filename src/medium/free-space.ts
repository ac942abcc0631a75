import { fileSystemRoom } from '../fs/file-system-room.js';

/** How much may be written into a directory. */
export type MediumRoom = {
  /** Bytes of a file, as far as the file system is known for its limit. Inclusive. */
  readonly fileBytesMax: number;
  /** Bytes that are free, without those that are left for others. */
  readonly freeBytes: number;
};

/** FAT (statfs(2): MSDOS_SUPER_MAGIC) keeps the size of a file in 32 bits. */
const fatType = 0x4d44;
const fatFileBytesMax = 2 ** 32 - 1;

/**
 * The share of a medium that is left free, and the bytes that it never is more than: the other hosts have to leave
 * their own bundles there, of which each is an acknowledgement at least.
 */
const reservedShare = 1 / 64;
const reservedBytesMax = 64 << 20;

const unknown: MediumRoom = { fileBytesMax: Number.POSITIVE_INFINITY, freeBytes: Number.POSITIVE_INFINITY };

/** Everything is possible where nothing can be found out: writing shows it. */
export function roomOnMedium(directory: string): MediumRoom {
  const room = fileSystemRoom(directory);
  if (room === null) return unknown;
  const reservedBytes = Math.min(reservedBytesMax, Math.floor(room.totalBytes * reservedShare));
  return {
    fileBytesMax: room.type === fatType ? fatFileBytesMax : Number.POSITIVE_INFINITY,
    freeBytes: Math.max(0, room.freeBytes - reservedBytes),
  };
}
