import assert from 'node:assert/strict';
import { Failure } from '../../src/failure.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { forgedTexts } from './forge.js';
import { inPieces, type Read, readAll } from './sample.js';

// Bundles that break one MUST of mrepl-bundle(5) and are good in all else, and how it is told that they are refused.

export const [one, two] = forgedTexts.map((text) => guidOfCanonical(text)) as [string, string];

export async function outcome(bytes: Buffer): Promise<Read | Failure> {
  try {
    return await readAll(inPieces(bytes, 1 << 20));
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
}

/** Nothing is taken from it. */
export async function refused(bytes: Buffer, code: string, why: RegExp): Promise<void> {
  const read = await outcome(bytes);
  assert.ok(read instanceof Failure, 'it was taken');
  assert.equal(read.code, code, read.message);
  assert.match(read.message, why);
}

/** These texts are taken, and something is said of the rest. */
export async function textsOf(bytes: Buffer, taken: readonly string[], why: RegExp): Promise<void> {
  const read = await outcome(bytes);
  assert.ok(!(read instanceof Failure), String(read));
  assert.deepEqual([...read.texts.keys()], taken);
  assert.match(read.damage.map(({ message }) => message).join('\n'), why);
}

export function textName(text: Buffer): string {
  const guid = guidOfCanonical(text);
  return `texts/${guid.slice(0, 2)}/${guid}.eml`;
}
