import {
  type OpenedFile,
  type OpenRule,
  openUntrusted,
  readOpened,
  readUntrusted,
} from '../../fs/open-untrusted-file.js';

/**
 * Bytes of a message file that is read whole, inclusive: twice what a text may have that travels, as it may lie there
 * with CRLF for each LF.
 */
const messageBytesMax = 513 << 20;

/** Links in a store are followed to files of its owner. */
export const messageRule: OpenRule & { readonly bytesMax: number } = {
  links: 'ofDirectory',
  bytesMax: messageBytesMax,
};

/** A message file that is open: to be given to `readStored`, which closes it. */
export type OpenedMessage = OpenedFile & { readonly path: string };

/** Opens a message file. Throws `UnusableFile` where it is none, and errors of the system. */
export function openStored(path: string): OpenedMessage {
  return { ...openUntrusted(path, messageRule), path };
}

/**
 * What a message file holds, whole. Throws `UnusableFile` where it has grown too large, errors of the system, and the
 * reason of `signal` soon after it comes.
 */
export function readStored(opened: OpenedMessage, signal: AbortSignal | undefined): Promise<Buffer> {
  return readOpened(opened, { path: opened.path, bytesMax: messageBytesMax, signal });
}

/**
 * A file that a mail server keeps, or this program, in bytes at most: a UID list of two million messages is half of it.
 * Inclusive.
 */
const listBytesMax = 256 << 20;

/** Such a file as a text, read as UTF-8. Throws `UnusableFile` where it is none, and errors of the system. */
export function readList(path: string): string {
  return readUntrusted(path, { links: 'ofDirectory', bytesMax: listBytesMax }).toString('utf8');
}
