import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePublicKey, publicKeyBytes, publicKeyOf } from '../../../src/trust/ssh/ed25519-public-key.js';
import { createSigningKey } from '../../../src/trust/ssh/ed25519-signing-key.js';

// The curve of RFC 8032, section 5.1, written down slowly: -x^2 + y^2 = 1 + d x^2 y^2 modulo p.
const p = 2n ** 255n - 19n;
const mod = (number: bigint): bigint => ((number % p) + p) % p;
const power = (base: bigint, exponent: bigint): bigint =>
  exponent === 0n ? 1n : mod(power(mod(base * base), exponent >> 1n) * (exponent & 1n ? base : 1n));
const inverse = (number: bigint): bigint => power(number, p - 2n);
const d = mod(-121665n * inverse(121666n));
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

type Point = { readonly x: bigint; readonly y: bigint };

function add(a: Point, b: Point): Point {
  const cross = mod(d * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + b.x * a.y) * inverse(1n + cross)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - cross)),
  };
}

/** The x of a point with this y; null where there is none. */
function xOf(y: bigint): bigint | null {
  const square = mod((y * y - 1n) * inverse(d * y * y + 1n));
  const root = power(square, (p + 3n) / 8n);
  return [root, mod(root * rootOfMinusOne)].find((x) => mod(x * x) === square) ?? null;
}

function bytesOf(y: bigint, sign: 0 | 1): Buffer {
  const hex = (y | (BigInt(sign) << 255n)).toString(16).padStart(2 * publicKeyBytes, '0');
  return Buffer.from(hex, 'hex').reverse();
}

/** Eight times any point, times the order of the large subgroup, leaves the small one. */
function smallOrderYs(): Set<bigint> {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const found = new Set<bigint>();
  for (let y = 2n; found.size < 5; y++) {
    const x = xOf(y);
    if (x === null) continue;
    let result: Point = { x: 0n, y: 1n };
    for (const bit of order.toString(2)) {
      result = add(result, result);
      if (bit === '1') result = add(result, { x, y });
    }
    found.add(result.y);
  }
  return found;
}

test('weak public keys are refused, all eight of them, in every spelling', () => {
  const ys = smallOrderYs();
  for (const y of ys) {
    for (const sign of [0, 1] as const) {
      assert.equal(publicKeyOf(bytesOf(y, sign)), null, `y ${y}, sign ${sign}`);
      if (y + p < 2n ** 255n) assert.equal(publicKeyOf(bytesOf(y + p, sign)), null);
    }
  }
});

test('numbers beyond the field are refused, those within are not', () => {
  for (let y = p; y < 2n ** 255n; y++) assert.equal(publicKeyOf(bytesOf(y, 0)), null);
  assert.notEqual(publicKeyOf(bytesOf(p - 2n, 1)), null);
  assert.notEqual(publicKeyOf(bytesOf(2n, 0)), null);
});

test('a public key has one spelling', () => {
  const { publicKey } = createSigningKey();
  assert.equal(parsePublicKey(publicKey), publicKey);
  const wrong = [
    '',
    ` ${publicKey}`,
    `${publicKey} `,
    `${publicKey}\n`,
    `${publicKey}=`,
    `${publicKey} a comment`,
    publicKey.replace(' ', '  '),
    publicKey.replace('ssh-ed25519', 'ssh-ed25518'),
    publicKey.slice(0, -1),
    publicKey.replace('AAAAC3', 'AAAAC4'),
    publicKey.slice(12),
  ];
  for (const text of wrong) assert.equal(parsePublicKey(text), null, JSON.stringify(text));
  for (const bytes of [0, 31, 33]) assert.equal(publicKeyOf(Buffer.alloc(bytes, 5)), null);
});
