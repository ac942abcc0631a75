import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { publicKeyBytes } from '../../../src/trust/ssh/ed25519-public-key.js';
import { createSigningKey, seedBytes, signingKeyOf } from '../../../src/trust/ssh/ed25519-signing-key.js';
import { signatureBytesMax, signDetached, verifyDetached } from '../../../src/trust/ssh/ssh-signature.js';
import { openssh } from '../openssh.js';

const namespace = 'mrepl-card';
const message = Buffer.from('what is signed\n');
const key = createSigningKey();
const armored = signDetached(key, namespace, message);
const ssh = openssh();

describe('signatures', () => {
  test('are right for these bytes, in this namespace, and are always the same', () => {
    assert.equal(verifyDetached(armored, namespace, message), key.publicKey);
    assert.deepEqual(signDetached(signingKeyOf(key.revealSeed()), namespace, message), armored);
    assert.equal(verifyDetached(armored, namespace, Buffer.from('what is signed')), null);
    for (const other of ['mrepl-bundle', 'mrepl-car', 'mrepl-cards', 'mrepl-card\0']) {
      assert.equal(verifyDetached(armored, other, message), null, other);
    }
    const stranger = signDetached(createSigningKey(), namespace, message);
    assert.notEqual(verifyDetached(stranger, namespace, message), key.publicKey);
  });

  test('are found wrong with any bit of them flipped', () => {
    for (let at = 0; at < armored.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const altered = Buffer.from(armored);
        altered[at] = (altered[at] ?? 0) ^ (1 << bit);
        assert.equal(verifyDetached(altered, namespace, message), null, `bit ${bit} of byte ${at}`);
      }
    }
  });

  test('are found wrong when they are cut off, or something is added', () => {
    for (let cut = 0; cut < armored.length; cut++) {
      assert.equal(verifyDetached(armored.subarray(0, cut), namespace, message), null, `cut at ${cut}`);
    }
    for (const more of ['\n', ' ', '\0', 'x', armored.toString()]) {
      assert.equal(verifyDetached(Buffer.from(armored + more), namespace, message), null);
      assert.equal(verifyDetached(Buffer.from(more + armored), namespace, message), null);
    }
  });

  test('are not taken in another spelling', () => {
    const text = armored.toString();
    const [begin = '', ...rest] = text.trimEnd().split('\n');
    const end = rest.pop() ?? '';
    const base64 = rest.join('');
    const inLines = (columns: number, eol: string) =>
      `${[begin, ...(base64.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []), end].join(eol)}${eol}`;
    assert.equal(inLines(70, '\n'), text);
    const others = [
      inLines(70, '\r\n'),
      inLines(76, '\n'),
      inLines(64, '\n'),
      inLines(1000, '\n'),
      text.trimEnd(),
      text.replace('\n', '\n\n'),
      text.replace('\n', '\nComment: hello\n\n'),
      text.replaceAll('SSH', 'PGP'),
      text.replace('U1NI', 'U1NI '),
      text.replaceAll('+', '-').replaceAll('/', '_').replace(`\n${end}`, `==\n${end}`),
      `\ufeff${text}`,
    ];
    for (const other of others) assert.equal(verifyDetached(Buffer.from(other), namespace, message), null, other);
    assert.equal(verifyDetached(Buffer.from(text, 'utf16le'), namespace, message), null);
  });

  test('are refused before they are decoded where they are too large', () => {
    assert.ok(armored.length < signatureBytesMax);
    const long = 'n'.repeat(signatureBytesMax);
    assert.equal(verifyDetached(signDetached(key, long, message), long, message), null);
  });

  test('survive whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2 * signatureBytesMax }), (bytes) => {
        assert.equal(verifyDetached(bytes, namespace, message), null);
        const within = Buffer.concat([armored.subarray(0, 40), bytes, armored.subarray(40 + bytes.length)]);
        assert.ok(verifyDetached(within, namespace, message) === null || within.equals(armored));
      }),
    );
  });

  test('of a weak key are refused, though anybody can make one that OpenSSL takes', () => {
    const blob = Buffer.from(armored.toString().replace(/-----.*-----/g, ''), 'base64');
    const weak = Buffer.alloc(publicKeyBytes);
    weak[0] = 1;
    weak.copy(blob, 33);
    Buffer.concat([weak, Buffer.alloc(32)]).copy(blob, blob.length - 64);
    const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
    const forged = ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
    assert.equal(forged.length, armored.length);
    assert.equal(verifyDetached(Buffer.from(forged), namespace, message), null);
  });
});

describe('stock ssh-keygen', () => {
  test('takes our signatures, and refuses them where we do', () => {
    assert.equal(ssh.complaint(armored, namespace, message), null);
    assert.equal(ssh.complaint(armored, namespace, message, key.publicKey), null);
    assert.match(ssh.complaint(armored, 'mrepl-bundle', message) ?? '', /namespace/);
    assert.notEqual(ssh.complaint(armored, namespace, Buffer.from('other')), null);
    assert.notEqual(ssh.complaint(armored, namespace, message, createSigningKey().publicKey), null);
  });

  test('writes the very same bytes with the same key, wherever the last line ends', () => {
    const own = ssh.makeKey('ed25519');
    const same = signingKeyOf(own.seed);
    assert.equal(same.publicKey, own.publicLine);
    const large = Buffer.alloc(1 << 20, 'mail');
    for (const [name, bytes] of [
      ['x', message],
      [namespace, large],
      [namespace, Buffer.alloc(0)],
    ] as const) {
      const theirs = ssh.sign(own.file, name, bytes);
      assert.deepEqual(signDetached(same, name, bytes), theirs);
      assert.equal(verifyDetached(theirs, name, bytes), own.publicLine);
    }
    // With these the base64 text grows past a multiple of 70 characters.
    for (let length = 36; length <= 43; length++) {
      const name = 'n'.repeat(length);
      assert.deepEqual(signDetached(same, name, message), ssh.sign(own.file, name, message), `${length}`);
    }
  });

  test('writes signatures with other hashes and keys, which are refused', () => {
    const own = ssh.makeKey('ed25519');
    const sha256 = ssh.sign(own.file, namespace, message, ['-O', 'hashalg=sha256']);
    assert.equal(ssh.complaint(sha256, namespace, message), null);
    assert.equal(verifyDetached(sha256, namespace, message), null);
    for (const type of ['rsa', 'ecdsa']) {
      const signature = ssh.sign(ssh.makeKey(type).file, namespace, message);
      assert.equal(ssh.complaint(signature, namespace, message), null);
      assert.equal(verifyDetached(signature, namespace, message), null, type);
    }
  });
});

describe('a signing key', () => {
  test('is the one of RFC 8032, section 7.1, test 2', () => {
    const known = signingKeyOf(Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex'));
    const point = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
    const signature =
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';
    assert.equal(
      Buffer.from(known.publicKey.split(' ')[1] ?? '', 'base64')
        .subarray(-32)
        .toString('hex'),
      point,
    );
    assert.equal(known.sign(Buffer.from([0x72])).toString('hex'), signature);
  });

  test('never shows its secret, and does not change with the buffers it was made of or gave', () => {
    const seed = Buffer.alloc(seedBytes, 0x5a);
    const secret = signingKeyOf(seed);
    const shown = [
      inspect(secret, { depth: null, showHidden: true, getters: true }),
      JSON.stringify(secret),
      String(secret),
      inspect({ ...secret }, { depth: null, showHidden: true }),
    ].join('\n');
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const) {
      assert.ok(!shown.includes(seed.toString(encoding).slice(0, 20)));
    }
    assert.doesNotMatch(shown, /5a 5a|90, 90/);
    assert.throws(() => structuredClone(secret));
    seed.fill(0);
    secret.revealSeed().fill(0);
    assert.deepEqual(secret.revealSeed(), Buffer.alloc(seedBytes, 0x5a));
    assert.throws(() => signingKeyOf(Buffer.alloc(31)), /internal error/);
  });

  test('is another one each time', () => {
    assert.notEqual(createSigningKey().publicKey, createSigningKey().publicKey);
  });
});
