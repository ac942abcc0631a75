import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type BodySum, startBodySum } from '../../mail/body-sum.js';
import { startFold } from '../../mail/canonical-text.js';
import { receivedSOf } from '../../mail/received-date.js';

/** What a message file holds. */
export type FileDigest = {
  readonly guid: string;
  readonly sizeBytes: number;
  readonly body: BodySum;
  readonly receivedS: number;
};

/** Read at once at most: bounds memory for messages of any size, and takes most messages whole. */
const pieceBytes = 1 << 20;

const buffer = Buffer.allocUnsafeSlow(pieceBytes);

/** Guid, size and body of the canonical text in a file, and its received date. File errors are thrown. */
export function digestFile(path: string): FileDigest {
  const fd = openSync(path, 'r');
  try {
    const receivedS = receivedSOf(fstatSync(fd).mtimeMs);
    const hash = createHash('sha256');
    const fold = startFold();
    const body = startBodySum();
    let sizeBytes = 0;
    const take = (piece: Uint8Array): void => {
      hash.update(piece);
      body.push(piece);
      sizeBytes += piece.length;
    };
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) {
      take(fold.push(buffer.subarray(0, length)));
    }
    take(fold.end());
    return { guid: hash.digest('hex'), sizeBytes, body: body.end(), receivedS };
  } finally {
    closeSync(fd);
  }
}
