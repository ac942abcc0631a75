import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nameBytesMax } from '../../../src/bundle/format/bundle-limits.js';
import { Failure, type FailureCode } from '../../../src/failure.js';
import type { AgeRecipient } from '../../../src/trust/age/recipient-keys.js';
import {
  type Card,
  cardBytesMax,
  cardNameBytesMax,
  decodeCard,
  encodeCard,
} from '../../../src/trust/identity/identity-card.js';
import { createSigningKey } from '../../../src/trust/ssh/ed25519-signing-key.js';
import { signDetached } from '../../../src/trust/ssh/ssh-signature.js';
import { openssh } from '../openssh.js';
import { sampleCard, sampleKey } from '../sample.js';

const bytes = encodeCard(sampleCard, sampleKey);
const content = bytes.toString('utf8', 0, bytes.indexOf('-----BEGIN'));
const ssh = openssh();

/** `lines` with a signature that is right. */
function signed(lines: string | Uint8Array, namespace = 'mrepl-card', key = sampleKey): Buffer {
  return Buffer.concat([Buffer.from(lines), signDetached(key, namespace, Buffer.from(lines))]);
}

function refused(card: string | Uint8Array, code: FailureCode, message = /./): void {
  assert.throws(
    () => decodeCard(Buffer.from(card), 'cards/home.card'),
    (error) => {
      assert.ok(error instanceof Failure, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, /^reading cards\/home\.card: /);
      assert.match(error.message, message);
      assert.notEqual(error.hint, undefined);
      return true;
    },
  );
}

describe('a card', () => {
  test('is a line per key and a signature, the same every time', () => {
    assert.equal(
      content,
      `{
"format":"mrepl-card",
"version":"1.0",
"account":"alice",
"host":"0123456789abcdef0123456789abcdef",
"name":"home",
"signingKey":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
"ageRecipient":"age192nvrnwfgvvn82p7klr56jdhatlp482r0nhan2l7rzqf5szsuexqdfufxg"
}
`,
    );
    assert.deepEqual(signed(content), bytes);
    assert.deepEqual(decodeCard(bytes, 'home.card'), sampleCard);
  });

  test('can be checked with nothing but ssh-keygen', () => {
    const signature = bytes.subarray(content.length);
    assert.equal(ssh.complaint(signature, 'mrepl-card', Buffer.from(content), sampleCard.signingKey), null);
    assert.notEqual(ssh.complaint(signature, 'mrepl-card', Buffer.from(content.replace('home', 'dome'))), null);
  });

  test('comes back as it was, whatever the name of the account', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((text) => Buffer.byteLength(text) <= cardNameBytesMax);
    fc.assert(
      fc.property(name, (account) => {
        const key = createSigningKey();
        const card: Card = { ...sampleCard, account, signingKey: key.publicKey };
        assert.deepEqual(decodeCard(encodeCard(card, key), 'card'), card);
      }),
    );
  });

  test('has room for the longest names, even of control characters', () => {
    assert.equal(cardNameBytesMax, nameBytesMax, 'a name fits on a card and in a manifest, or in neither');
    for (const longest of ['\0'.repeat(cardNameBytesMax), '\ud83d\ude00'.repeat(63), '"'.repeat(cardNameBytesMax)]) {
      const card = { ...sampleCard, account: longest, hostName: longest };
      const encoded = encodeCard(card, sampleKey);
      assert.ok(encoded.length <= cardBytesMax, `${encoded.length}`);
      const other = encodeCard({ ...card, hostName: 'home' }, sampleKey);
      assert.deepEqual(decodeCard(other, 'card'), { ...card, hostName: 'home' });
    }
  });

  test('is not written where it would break a rule, or be signed with another key', () => {
    const wrong: readonly Partial<Card>[] = [
      { account: '' },
      { hostName: 'h'.repeat(256) },
      { hostName: '\ud800' },
      { hostId: '0123' },
      { ageRecipient: 'age1' as AgeRecipient },
      { signingKey: createSigningKey().publicKey },
    ];
    for (const part of wrong) {
      assert.throws(() => encodeCard({ ...sampleCard, ...part }, sampleKey), /internal error/, JSON.stringify(part));
    }
  });

  test('of a later minor version is read, as far as it is known here', () => {
    const later = content
      .replace('"1.0"', '"1.27"')
      .replace('\n}\n', ',\n"phone":"+41 \\"1\\"",\n"__proto__":"x"\n}\n');
    assert.deepEqual(decodeCard(signed(later), 'card'), sampleCard);
  });
});

describe('a card is refused as not understood', () => {
  test('where it is of another major version, whatever follows', () => {
    for (const version of ['2.0', '0.9', '9999.9999']) {
      refused(content.replace('1.0', version), 'bundle-not-understood', /version \d+, and this mrepl reads version 1$/);
    }
    refused(content.replace('1.0', '2.0').padEnd(10 * cardBytesMax), 'bundle-not-understood');
  });

  test('where it is something else', () => {
    const others = [
      'hello',
      '{}',
      ` ${content}`,
      `\ufeff${content}`,
      content.replaceAll('\n', '\r\n'),
      'x'.repeat(1e6),
    ];
    others.push(content.replace('mrepl-card', 'mrepl-bundle'), `-----BEGIN SSH SIGNATURE-----\n${content}`);
    for (const other of others) refused(other, 'bundle-not-understood', /not an identity card/);
    refused(Buffer.from(content, 'utf16le'), 'bundle-not-understood');
  });
});

test('a card of a host with a name that no host is given is not to be trusted', () => {
  const longest = 'a'.repeat(32);
  for (const hostName of ['h', 'home-2', longest]) {
    assert.equal(decodeCard(encodeCard({ ...sampleCard, hostName }, sampleKey), 'card').hostName, hostName);
  }
  const odd = [
    '-rf',
    'home-',
    'Home',
    'h\u043eme',
    'ho\u200bme',
    'home ',
    '\u202eemoh',
    'ho me',
    'home\n',
    '../x',
    'con',
    `${longest}a`,
    '\u0661',
  ];
  for (const hostName of odd) {
    refused(
      encodeCard({ ...sampleCard, hostName }, sampleKey),
      'untrusted',
      /as mrepl init lets no host be called; it was NOT taken up$/,
    );
  }
});

describe('a card is refused as damaged', () => {
  test('where it was cut off anywhere', () => {
    for (let cut = 0; cut < bytes.length; cut++) refused(bytes.subarray(0, cut), 'bundle-damaged');
  });

  test('where something was added', () => {
    for (const more of ['\n', '\0', ' ', bytes.toString(), 'x'.repeat(cardBytesMax)]) {
      refused(bytes + more, 'bundle-damaged');
    }
    refused(bytes.toString().replace('\n}', ',\n"phone":"1"\n}'), 'bundle-damaged', /signature/);
  });

  test('where it is larger than a card can be, though its signature is right', () => {
    const phone = (length: number) => signed(content.replace('\n}', `,\n"phone":"${'1'.repeat(length)}"\n}`));
    const room = cardBytesMax - phone(0).length;
    assert.deepEqual(decodeCard(phone(room), 'card'), sampleCard);
    refused(phone(room + 1), 'bundle-damaged', /larger than 4096 bytes/);
  });

  test('where its signature is of another kind of thing, or another key', () => {
    refused(signed(content, 'mrepl-bundle'), 'bundle-damaged', /signature/);
    refused(signed(content, 'mrepl-card', createSigningKey()), 'bundle-damaged', /not its own/);
    refused(content, 'bundle-damaged', /no signature/);
  });

  test('where it was signed, but says what it may not', () => {
    const replaced: readonly (readonly [string, string])[] = [
      ['"alice"', '""'],
      ['"home"', `"${'h'.repeat(256)}"`],
      ['"home"', `"${'\u00e9'.repeat(128)}"`],
      ['"home"', '"\\ud800"'],
      ['"home"', 'null'],
      ['"home"', '["home"]'],
      ['"0123', '"A123'],
      ['"0123', '"123'],
      ['cdef"', 'cdef\\n"'],
      ['AAAAC3', 'AAAAC4'],
      ['ssh-ed25519 ', 'ssh-ed25519  '],
      ['age192', 'age1b2'],
      ['uexq', 'uex'],
      ['"name":"home",\n', ''],
      ['"version":"1.0"', '"version":"1"'],
      ['"version":"1.0"', '"version":"1.00000"'],
      ['"version":"1.0"', '"version":1.0'],
    ];
    for (const [from, to] of replaced) {
      assert.ok(content.includes(from), from);
      const card = signed(content.replace(from, to));
      refused(card, card.includes('"version":1.0') ? 'bundle-not-understood' : 'bundle-damaged');
    }
  });

  test('where it was signed, but could be read in two ways', () => {
    const ambiguous = [
      content.replace('"name":"home"', '"name":"home",\n"name":"away"'),
      content.replace('"name":"home"', '"name":"away",\n"n\\u0061me":"home"'),
      content.replace('"home"', '"h\\u006fme"'),
      content.replace('"home"', ' "home"'),
      content.replace('"name":"home",\n', '"name":"home",'),
      content.replace(/\n}\n$/, '\n}'),
      content.replace(/\n}\n$/, '\n}\n\n'),
      content.replace(/\n}\n$/, ',\n}\n'),
      content.replace('"name"', '"phone":{"name":"x"},\n"name"'),
      content.replace('"name"', `"phone":${'['.repeat(1500)}${']'.repeat(1500)},\n"name"`),
      content.replace('"name"', `"phone":${'['.repeat(3000)},\n"name"`),
      content.replace('home', 'ho\nme'),
      content.replace('home', 'ho\0me'),
      content.replace('home', 'home\r'),
    ];
    for (const lines of ambiguous) refused(signed(lines), 'bundle-damaged');
    const [before = '', after = ''] = content.split('home');
    for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
      refused(signed(Buffer.concat([Buffer.from(before), Buffer.from(bad), Buffer.from(after)])), 'bundle-damaged');
    }
  });

  test('where any bit of it was flipped; those that say what it is make it something else', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ (1 << bit);
        const isVersion = at === content.indexOf('1.0') && /\d/.test(String.fromCharCode(altered[at] ?? 0));
        refused(altered, at < content.indexOf('1.0') || isVersion ? 'bundle-not-understood' : 'bundle-damaged');
      }
    }
  });

  test('whatever bytes were put into it', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.uint8Array({ minLength: 1, maxLength: 64 }), (at, more) => {
        const altered = Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
        assert.throws(() => decodeCard(altered, 'card'), Failure);
      }),
    );
  });
});
