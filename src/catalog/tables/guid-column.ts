import { invariant } from '../../failure.js';
import { type Guid, guidPattern } from '../../mail/text/text-guid.js';
import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import { Garbled } from '../sql/parse-column.js';

const guidBytes = 32;

/** A guid as its 32 bytes: half the room of its digits, in the table and in the index. */
export function guidToCell(guid: Guid): Uint8Array {
  invariant(guidPattern.test(guid), `${guid} is kept as a guid`);
  return Buffer.from(guid, 'hex');
}

/** The second digest of a text; null where it is the guid. */
export function sameToCell({ same }: TextId): Uint8Array | null {
  return same === undefined ? null : guidToCell(same);
}

/** Many guids, one after the other. */
export function guidsToCell(guids: Iterable<Guid>): Uint8Array {
  return Buffer.concat([...guids].map(guidToCell));
}

/** The guids that were written so; throws `Garbled` for anything else. `what` names the cell. */
export function guidsFromCell(cell: unknown, what: string): Guid[] {
  if (!(cell instanceof Uint8Array) || cell.byteLength % guidBytes !== 0) throw new Garbled(`${what} are not guids`);
  const digits = Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString('hex');
  const guids: Guid[] = [];
  for (let at = 0; at < digits.length; at += 2 * guidBytes) guids.push(digits.slice(at, at + 2 * guidBytes));
  return guids;
}
