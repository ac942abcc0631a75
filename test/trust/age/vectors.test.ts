import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { Failure } from '../../../src/failure.js';
import { openAge } from '../../../src/trust/age/decrypt.js';
import { type AgeIdentity, newAgeIdentity, parseAgeIdentity } from '../../../src/trust/age/recipient-keys.js';
import { cut, pull } from './sample.js';

// The test vectors of C2SP for age files (https://c2sp.org/CCTV/age), as the package cctv-age carries them.

type Vector = {
  readonly name: string;
  readonly expect: string;
  /** SHA-256 of what is given out, in hex; empty where nothing is. */
  readonly payload: string;
  readonly identities: readonly string[];
  readonly hasPassphrase: boolean;
  readonly isArmored: boolean;
  readonly file: Buffer;
};

/** What became of a vector; `text` is what was given out before damage was told, if any was, and `atDamage` what came with that. */
type Opened = { readonly text: Buffer; readonly atDamage: Buffer; readonly isDamaged: boolean };

/** A line of fields each, an empty line, the file. */
function parseVector(name: string, bytes: Uint8Array): Vector {
  const whole = Buffer.from(bytes);
  const end = whole.indexOf('\n\n');
  const fields = whole
    .subarray(0, end)
    .toString()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const);
  const all = (key: string): string[] => fields.filter(([name]) => name === key).map(([, value]) => value);
  const file = whole.subarray(end + 2);
  return {
    name,
    expect: all('expect')[0] ?? '',
    payload: all('payload')[0] ?? '',
    identities: all('identity'),
    hasPassphrase: all('passphrase').length > 0,
    isArmored: all('armored')[0] === 'yes',
    file: all('compressed').length > 0 ? inflateSync(file) : file,
  };
}

function identitiesOf({ identities }: Vector): AgeIdentity[] {
  return identities.map((text) => {
    const identity = parseAgeIdentity(text);
    assert.ok(identity, text);
    return identity;
  });
}

async function open({ name, file }: Vector, identities: readonly AgeIdentity[], pieceBytes = 1 << 16): Promise<Opened> {
  let isDamaged = false;
  const onDamage = (): void => {
    isDamaged = true;
  };
  const next = await openAge(pull(cut(file, pieceBytes)), identities, { name, onDamage });
  const pieces: Uint8Array[] = [];
  let atDamage: Uint8Array | null = null;
  for (let piece = await next(); piece !== null; piece = await next()) {
    if (isDamaged) atDamage ??= piece;
    else pieces.push(piece);
  }
  return { text: Buffer.concat(pieces), atDamage: Buffer.from(atDamage ?? []), isDamaged };
}

async function failureOf(vector: Vector, identities: readonly AgeIdentity[]): Promise<Failure> {
  try {
    await open(vector, identities);
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  return assert.fail(`${vector.name} was opened`);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the vectors of C2SP for age', () => {
  let all: Vector[] = [];
  let ours: Vector[] = [];
  const expecting = (expect: string): Vector[] => ours.filter((vector) => vector.expect === expect);
  before(async () => {
    const files: object = await import('cctv-age');
    all = Object.entries(files).flatMap(([name, bytes]) =>
      bytes instanceof Uint8Array ? [parseVector(name, bytes)] : [],
    );
    // Those whose identities are X25519; mrepl has none of the hybrid kind, and no passphrases.
    ours = all.filter(({ identities, isArmored }) => {
      return !isArmored && identities.length > 0 && identities.every((text) => text.startsWith('AGE-SECRET-KEY-1'));
    });
  });

  it('are all of a kind that is known here', () => {
    const kinds = new Set(['success', 'no match', 'HMAC failure', 'header failure', 'payload failure']);
    assert.deepEqual(
      ours.filter(({ expect }) => !kinds.has(expect)),
      [],
    );
    assert.ok(ours.length >= 67, `${ours.length} vectors`);
  });

  it('open where they are sound, in pieces of any size', async () => {
    for (const vector of expecting('success')) {
      const sizes = vector.file.length < 10_000 ? [1, 1 << 16] : [4096, 1 << 20];
      for (const pieceBytes of sizes) {
        const { text, isDamaged } = await open(vector, identitiesOf(vector), pieceBytes);
        assert.deepEqual([isDamaged, sha256(text)], [false, vector.payload], vector.name);
      }
    }
  });

  it('open up to the damage where their payload is damaged', async () => {
    for (const vector of expecting('payload failure')) {
      const { text, atDamage, isDamaged } = await open(vector, identitiesOf(vector));
      assert.ok(isDamaged, vector.name);
      // A chunk that is whole and should not be the last, or should be, is given out with the damage; age may give it out before.
      const possible = [text, Buffer.concat([text, atDamage])].map(sha256);
      assert.ok(possible.includes(vector.payload || sha256(Buffer.alloc(0))), vector.name);
    }
  });

  it('are refused as another header than the one that was sealed', async () => {
    for (const vector of expecting('HMAC failure')) {
      const { code, message } = await failureOf(vector, identitiesOf(vector));
      assert.equal(code, 'bundle-damaged', vector.name);
      assert.match(message, /its header was changed after it was sealed/, vector.name);
    }
  });

  it('are refused for their header before anything is made of it', async () => {
    for (const vector of expecting('header failure')) {
      const { code, message } = await failureOf(vector, identitiesOf(vector));
      assert.equal(code, vector.name === 'version_unsupported' ? 'bundle-not-understood' : 'bundle-damaged');
      assert.doesNotMatch(message, /changed after it was sealed|not to this host/, vector.name);
    }
  });

  it('are for others where no key fits', async () => {
    for (const vector of expecting('no match')) {
      assert.equal((await failureOf(vector, identitiesOf(vector))).code, 'bundle-not-for-us', vector.name);
    }
  });

  it('are refused in the armored form, which is named where it is one', async () => {
    const armored = all.filter(({ isArmored }) => isArmored);
    assert.ok(armored.length >= 30, `${armored.length} vectors`);
    for (const vector of armored) {
      const { code, message } = await failureOf(vector, [newAgeIdentity()]);
      if (vector.expect !== 'success') continue; // what is no armor need not be called one
      assert.equal(code, 'bundle-not-understood', vector.name);
      assert.match(message, /armored form for text/, vector.name);
    }
  });

  it('are refused where a passphrase opens them, which is said', async () => {
    const isOpened = ({ expect }: Vector): boolean => expect === 'success';
    const sealed = all.filter(({ hasPassphrase, isArmored }) => hasPassphrase && !isArmored);
    assert.ok(sealed.some(isOpened));
    for (const vector of sealed) {
      const { code, message } = await failureOf(vector, [newAgeIdentity()]);
      if (!isOpened(vector)) continue;
      assert.equal(code, 'bundle-not-understood', vector.name);
      assert.match(message, /sealed with a passphrase/, vector.name);
    }
  });
});
