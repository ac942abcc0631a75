import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Failure, FailureCode } from '../../../src/failure.js';
import { openAge } from '../../../src/trust/age/decrypt.js';
import { startSealing } from '../../../src/trust/age/encrypt.js';
import {
  type AgeStanza,
  ageHeaderBytesMax,
  ageStanzasMax,
  encodeAgeHeader,
} from '../../../src/trust/age/header-format.js';
import { isAge } from '../../../src/trust/age/read-header.js';
import { AgeIdentity } from '../../../src/trust/age/recipient-keys.js';
import { wrapFileKey } from '../../../src/trust/age/recipient-stanza.js';
import { counting, forge, forgedFileKey, open, ours, pull, sample, seal, theirs } from './sample.js';

const text = sample(1000);
const toUs = wrapFileKey(forgedFileKey, ours.recipient, counting());
const toThem = wrapFileKey(forgedFileKey, theirs.recipient, counting());
const grease: AgeStanza = { args: ['~`!-grease', '!', '---'], body: Buffer.alloc(96, 1) };

const example = new AgeIdentity(Buffer.alloc(32, 0x42));
const exampleFile = Buffer.concat([
  Buffer.from(
    [
      'age-encryption.org/v1',
      '-> X25519 Xf7dO2vUf2+ijuFdlp1bsOpTd01Ii9r53xxuASSz7yI',
      'OvoDgYmSED4K5a4+KDXIpzSfBRD4/ZryQAemauYaNYc',
      '-> X25519 rAGyIJ6GNU+4UyN7XeD0+rE8f8v0M6YcAZNpYX/s8Qs',
      'VJ8+8HW+mFQMlBH63jzraky8WF5asenAxcoc4Dr0IRc',
      '--- T3za9fRLZknGnG9I37sXStKf70tX35kh6Uwx6wtrEjs',
      '',
    ].join('\n'),
  ),
  Buffer.from('AgICAgICAgICAgICAgICAsCaJvS4akAkl9Xgy3GEKPzWoxwTV+62', 'base64'),
]);

/** A file with `text` behind this header. */
function behind(header: readonly AgeStanza[] | string): Buffer {
  return forge(header, [{ text, isLast: true }]);
}

async function refused(file: Uint8Array, code: FailureCode, message: RegExp): Promise<void> {
  await assert.rejects(open(file), (error: Failure) => {
    assert.equal(error.code, code, error.stack);
    assert.match(error.message, message);
    assert.notEqual(error.hint, undefined);
    return true;
  });
}

describe('the header of an age file', () => {
  it('is that of a file that the program age 1.1.1 was seen to open', async () => {
    const { recipient } = example;
    const sealing = startSealing([recipient, recipient], counting());
    const parts = [sealing.beginning, ...sealing.seal(Buffer.from('a text\n')), sealing.end()];
    assert.deepEqual(Buffer.concat(parts), exampleFile);
    assert.deepEqual(await open(exampleFile, example), { text: Buffer.from('a text\n'), damage: [] });
  });

  it('is of another key each time', () => {
    assert.notDeepEqual(seal(text), seal(text));
  });

  it('may have stanzas of kinds that are not known, and a body that ends with an empty line', async () => {
    const empty: AgeStanza = { args: ['empty'], body: Buffer.alloc(0) };
    const full: AgeStanza = { args: ['full'], body: Buffer.alloc(48) };
    for (const stanzas of [
      [grease, toUs],
      [toUs, grease],
      [empty, full, toThem, empty, toUs, full],
    ]) {
      assert.deepEqual(await open(behind(stanzas)), { text, damage: [] });
      assert.deepEqual(await open(behind(stanzas), ours, 1), { text, damage: [] });
    }
  });

  it('without a stanza for us is not for us', async () => {
    const lowerCase: AgeStanza = { ...toUs, args: ['x25519', toUs.args[1] ?? ''] };
    for (const stanzas of [[toThem], [grease], [lowerCase]]) {
      await refused(
        behind(stanzas),
        'bundle-not-for-us',
        /^reading the bundle sealed\.age: it is sealed, and not to this host$/,
      );
    }
    await assert.rejects(open(behind([toThem])), { hint: /pair with the sender, then export there again/ });
  });

  it('may not mix a passphrase with others', async () => {
    const passphrase: AgeStanza = { args: ['scrypt', 'AAAAAAAAAAAAAAAAAAAAAA', '18'], body: Buffer.alloc(32) };
    await refused(behind([passphrase, toUs]), 'bundle-damaged', /mixes a passphrase/);
  });

  it('may not have an X25519 stanza of another shape', async () => {
    const share = toUs.args[1] ?? '';
    const shapes: AgeStanza[] = [
      { ...toUs, args: ['X25519'] },
      { ...toUs, args: ['X25519', share, share] },
      { ...toUs, args: ['X25519', `${share}=`] },
      { ...toUs, args: ['X25519', share.slice(1)] },
      { ...toUs, args: ['X25519', `${share}AAA`] },
      { ...toUs, args: ['X25519', `${'A'.repeat(42)}B`] }, // bits behind the last byte
      { ...toUs, body: Buffer.alloc(31) },
      { ...toUs, body: Buffer.alloc(33) },
    ];
    for (const shape of shapes)
      await refused(behind([toUs, shape]), 'bundle-damaged', /an X25519 stanza .* is malformed/);
    const lowOrder: AgeStanza = { ...toUs, args: ['X25519', 'A'.repeat(43)] };
    await refused(behind([lowOrder, toUs]), 'bundle-damaged', /a point of low order/);
  });

  it('follows the grammar to the letter', async () => {
    const stanza = `-> X25519 ${toUs.args[1]}\n${Buffer.from(toUs.body).toString('base64').replace(/=+$/, '')}\n`;
    const mac = `--- ${'A'.repeat(43)}\n`;
    const version = 'age-encryption.org/v1\n';
    await refused(behind(version + stanza + mac), 'bundle-damaged', /was changed after it was sealed/);
    const full = 'A'.repeat(64);
    const wrongStanzas = [
      '->X25519 A\n\n',
      '-> \n\n',
      '->\n\n',
      '->  a\n\n',
      '-> a \n\n',
      '-> a  b\n\n',
      '-> a\tb\n\n',
      '-> \u00e4\n\n',
      '-> a\r\n\r\n',
      '-> a\n',
      '-> a\nAA=\n',
      '-> a\nAA==\n',
      '-> a\nA\n',
      '-> a\nAB\n', // bits behind the last byte
      '-> a\nA A\n',
      '-> a\nA-_A\n',
      '-> a\n\nAAAA\n',
      '-> a\nAAAA\nAAAA\n',
      `-> a\n${full}\n`,
      `-> a\n${full}A\n`,
      ' -> a\n\n',
      '\n',
    ];
    for (const wrong of wrongStanzas) {
      await refused(behind(version + stanza + wrong + mac), 'bundle-damaged', /stanza [23] of its header is malformed/);
    }
    const wrongEnds = [
      '---\n',
      '--- \n',
      `---${'A'.repeat(43)}\n`,
      `--- ${'A'.repeat(42)}\n`,
      `--- ${'A'.repeat(44)}\n`,
      `--- ${'A'.repeat(43)}=\n`,
      `--- ${'A'.repeat(42)}B\n`,
      `--- ${'A'.repeat(43)} \n`,
      `--- ${'A'.repeat(43)}\r\n`,
      `---- ${'A'.repeat(43)}\n`,
    ];
    for (const wrong of wrongEnds) {
      await refused(behind(version + stanza + wrong), 'bundle-damaged', /the last line of its header is malformed/);
    }
    await refused(behind(version + mac), 'bundle-damaged', /has no stanzas/);
  });

  it('is of version 1, and not armored', async () => {
    const file = seal(text);
    const rest = file.subarray('age-encryption.org/v1\n'.length);
    const begin = (line: string) => Buffer.concat([Buffer.from(line), rest]);
    await refused(begin('age-encryption.org/v2\n'), 'bundle-not-understood', /of version v2$/);
    await refused(begin('age-encryption.org/v1\r\n'), 'bundle-damaged', /first line/);
    await refused(begin('age-encryption.org/\n'), 'bundle-damaged', /first line/);
    await refused(begin('Age-encryption.org/v1\n'), 'bundle-damaged', /first line/);
    await refused(begin('-----BEGIN AGE ENCRYPTED FILE-----\n'), 'bundle-not-understood', /armored/);
    await refused(Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n'), 'bundle-not-understood', /armored/);
  });

  it('is recognised by its beginning', () => {
    assert.ok(isAge(seal(text)));
    assert.ok(isAge(Buffer.from('age-encryption.org/v2\n')));
    assert.ok(isAge(Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\n')));
    assert.ok(!isAge(Buffer.alloc(0)));
    assert.ok(!isAge(Buffer.from('age-encryption.or')));
    assert.ok(!isAge(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])));
  });
});

describe('limits of a header', () => {
  it('stanzas: as many as readers take can be written, and one more is refused on both sides', async () => {
    const others = new Array(ageStanzasMax - 1).fill(theirs.recipient);
    assert.deepEqual(await open(seal(text, [...others, ours.recipient])), { text, damage: [] });
    assert.throws(() => startSealing([...others, ours.recipient, ours.recipient]), { code: 'cannot-create' });
    const stanzas = new Array<AgeStanza>(ageStanzasMax).fill(toThem);
    await refused(behind([...stanzas, toUs]), 'bundle-damaged', /more than 512 stanzas/);
    assert.throws(() => startSealing([]), { code: 'internal' });
  });

  it('bytes: the last line ends within them', async () => {
    const filler = (sizeBytes: number): AgeStanza => ({ args: ['x'.repeat(sizeBytes)], body: Buffer.alloc(0) });
    const bare = encodeAgeHeader([toUs, filler(1)], forgedFileKey).length - 1;
    const largest = encodeAgeHeader([toUs, filler(ageHeaderBytesMax - bare)], forgedFileKey);
    assert.equal(largest.length, ageHeaderBytesMax);
    const file = behind([toUs, filler(ageHeaderBytesMax - bare)]);
    for (const pieceBytes of [1000, 65_536, 65_537, 1 << 20]) {
      assert.deepEqual(await open(file, ours, pieceBytes), { text, damage: [] });
    }
    await refused(behind([toUs, filler(ageHeaderBytesMax - bare + 1)]), 'bundle-damaged', /does not end within 65536/);
  });

  it('a flood without an end is left soon, however it comes', async () => {
    const floods = ['-> a\n\n', '-> a', `${'A'.repeat(64)}\n`, '-> a\n---', '\n', '- ', '\n--', 'a b '];
    for (const flood of floods) {
      let pulled = 0;
      const pieces = (function* () {
        yield Buffer.from('age-encryption.org/v1\n-> a');
        for (;;) {
          pulled += 4 * flood.length;
          yield Buffer.from(flood.repeat(4));
        }
      })();
      const opened = openAge(pull(pieces), [ours], { name: 'sealed.age', onDamage: assert.fail });
      await assert.rejects(opened, { code: 'bundle-damaged' }, JSON.stringify(flood));
      assert.ok(pulled <= ageHeaderBytesMax + 1000, `${pulled} bytes were read`);
    }
  });
});
