const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const checksumChars = 6;
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** `prefix` as it is spelled in the text: a text is all lower or all upper case, so it tells which. */
type Bech32 = { readonly prefix: string; readonly bytes: Buffer };

/** Bech32 (BIP 173) of any length; all in upper case where the prefix is. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const lower = prefix.toLowerCase();
  const groups = toGroups(bytes);
  const sum = polymod([...expandPrefix(lower), ...groups, ...new Array<number>(checksumChars).fill(0)]) ^ 1;
  const check = Array.from({ length: checksumChars }, (_, index) => (sum >>> (5 * (checksumChars - 1 - index))) & 31);
  const text = `${lower}1${[...groups, ...check].map((group) => alphabet.charAt(group)).join('')}`;
  return prefix === lower ? text : text.toUpperCase();
}

/**
 * Null for everything `encodeBech32` would not write: mixed case, other characters, a wrong checksum, padding that is
 * not zero.
 */
export function decodeBech32(text: string): Bech32 | null {
  // First of all, because case folding would turn the Kelvin sign into a k.
  if (!/^[\x21-\x7e]+$/.test(text)) return null;
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return null;
  const end = lower.lastIndexOf('1');
  const groups = [...lower.slice(end + 1)].map((char) => alphabet.indexOf(char));
  if (end < 1 || groups.length < checksumChars || groups.includes(-1)) return null;
  if (polymod([...expandPrefix(lower.slice(0, end)), ...groups]) !== 1) return null;
  const bytes = toBytes(groups.slice(0, -checksumChars));
  return bytes === null ? null : { prefix: text.slice(0, end), bytes };
}

/** The checksum of BIP 173, a BCH code over groups of five bits. */
function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of generators.entries()) if ((top >>> bit) & 1) sum ^= generator;
  }
  return sum;
}

function expandPrefix(prefix: string): number[] {
  const codes = [...prefix].map((char) => char.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

/** Five bits each, the last filled up with zeros. */
function toGroups(bytes: Uint8Array): number[] {
  const groups: number[] = [];
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    heldBits += 8;
    for (; heldBits >= 5; heldBits -= 5) groups.push((held >>> (heldBits - 5)) & 31);
  }
  if (heldBits > 0) groups.push((held << (5 - heldBits)) & 31);
  return groups;
}

function toBytes(groups: readonly number[]): Buffer | null {
  const bytes: number[] = [];
  let held = 0;
  let heldBits = 0;
  for (const group of groups) {
    held = ((held << 5) | group) & 0xfff;
    heldBits += 5;
    if (heldBits < 8) continue;
    heldBits -= 8;
    bytes.push((held >>> heldBits) & 0xff);
  }
  const isPaddedRight = heldBits < 5 && (held & ((1 << heldBits) - 1)) === 0;
  return isPaddedRight ? Buffer.from(bytes) : null;
}
