import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import type { Json, RawEntry } from '../bundle/forge.js';
import { archive, headerWith, inFrames, rawEntry, signedText } from '../bundle/forge.js';
import { type BundleParts, framed, putTogether, type TextChange, takeApart, tarOf } from '../fuzz/parts.js';
import { keysOf } from './hosts.js';

/** A bundle that breaks one sentence of mrepl-bundle(5), and what that costs: all of it, its first mailbox, or a text. */
export type Invalid = {
  readonly breaks: string;
  readonly refused: 'bundle' | 'mailbox' | 'text';
  readonly bytes: Buffer;
};

type Breaking = {
  readonly breaks: string;
  readonly refused: Invalid['refused'];
  /** Begin with one that has a base, and changes of messages that it knows. */
  readonly later?: true;
  readonly parts?: (parts: BundleParts) => void;
  readonly text?: TextChange;
  readonly entries?: (entries: RawEntry[]) => RawEntry[];
  readonly bytes?: (bytes: Buffer, tar: Buffer) => Buffer | Promise<Buffer>;
};

const mbox = ({ files }: BundleParts): Json => files[0]?.[0] as Json;
const record = ({ files }: BundleParts, name: string): Json => files[0]?.find((each) => name in each) as Json;
const item = ({ manifest }: BundleParts): Json => (manifest.mailboxes as Json[])[0] as Json;
/** Puts other records in the place of the first STORE; a UIDFIX that says nothing new may stand before it. */
const spliceStore = (parts: BundleParts, change: (uidFix: Json, store: Json) => Json[]): void => {
  const store = record(parts, 'STORE');
  const uidFix = { UIDFIX: store.STORE, u: [1_600_000_000, 1, 0, 1, 0] };
  parts.files[0]?.splice(parts.files[0].indexOf(store), 1, ...change(uidFix, store));
};
const inRecords =
  (change: (text: string) => string): TextChange =>
  (text, which) =>
    which === 'records' ? change(text) : text;
const crlf = Buffer.from('Subject: strange\r\n\r\nbody\r\n');

const breakings: Readonly<Record<string, Breaking>> = {
  'version-1': {
    breaks: 'Of such a bundle nothing is used, and nothing is lost',
    refused: 'bundle',
    parts: ({ manifest }) => (manifest.version = '1.0'),
  },
  'version-3': {
    breaks: 'The minor version rises with whatever an older reader may ignore, the major one with the rest.',
    refused: 'bundle',
    parts: ({ manifest }) => (manifest.version = '3.0'),
  },
  'unknown-feature': {
    breaks: 'A list of strings: what a reader has to understand beyond the major version.',
    refused: 'bundle',
    parts: ({ manifest }) => (manifest.features = ['telepathy']),
  },
  'missing-key': {
    breaks: 'All keys that this page names MUST be there, but for those of which it says that they may be left out.',
    refused: 'bundle',
    parts: ({ manifest }) => void delete manifest.fed,
  },
  'host-id-in-capitals': {
    breaks: 'A list of host ids, each 32 lower-case hexadecimal digits, at most 4096, none twice.',
    refused: 'bundle',
    parts: ({ manifest }) => (manifest.hosts = (manifest.hosts as string[]).map((id) => id.toUpperCase())),
  },
  'mailbox-with-line-separator': {
    breaks: 'has no control characters (U+0000 to U+001F, U+007F to U+009F, U+2028, U+2029)',
    refused: 'bundle',
    parts: (parts) => (item(parts).name = 'a\u2028b'),
  },
  'statement-of-another-number': {
    breaks: 'be of the account, the host and the number that the manifest names.',
    refused: 'bundle',
    text: (text, which) => (which === 'manifest' ? text.replace('"number":1,', '"number":2,') : text),
  },
  'statement-of-another-key': {
    breaks: "The sender's own statement MUST be signed with the key that signed the manifest",
    refused: 'bundle',
    text(text, which) {
      if (which !== 'manifest') return text;
      const manifest = JSON.parse(text) as { statement: { text: string } };
      return JSON.stringify({
        ...manifest,
        statement: signedText(manifest.statement.text, keysOf('boat').signingKey),
      });
    },
  },
  'manifest-not-signed': {
    breaks: 'A reader MUST verify it before it uses the manifest',
    refused: 'bundle',
    entries: ([manifest, ...rest]) => [rawEntry('bundle.json', `${String(manifest?.content)} `), ...rest],
  },
  'number-with-fraction': {
    breaks: 'be written as digits alone, without leading zeros',
    refused: 'mailbox',
    text: inRecords((text) => text.replace('"m":1,', '"m":1.0,')),
  },
  'number-minus-zero': {
    breaks: 'be written as digits alone, without leading zeros',
    refused: 'mailbox',
    text: inRecords((text) => text.replace('"v":[0,', '"v":[-0,')),
  },
  'range-of-one': {
    breaks: 'ranges that touch or overlap, blanks and leading zeros MUST NOT occur.',
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).living = [[0, '1,2:2,3']]),
  },
  'wrong-count': {
    breaks: 'Where one of these numbers is not what is counted, nothing is taken of the mailbox.',
    refused: 'mailbox',
    parts: (parts) => (item(parts).living = 7),
  },
  'another-mailbox': {
    breaks: 'as in the manifest.',
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).MBOX = 'Sent'),
  },
  'no-mbox': {
    breaks: 'It MUST be the first record, and the only one of its name.',
    refused: 'mailbox',
    parts: ({ files }) => void files[0]?.reverse(),
  },
  'two-mbox': {
    breaks: 'It MUST be the first record, and the only one of its name.',
    refused: 'mailbox',
    parts: (parts) => void parts.files[0]?.push(mbox(parts)),
  },
  'two-kinds': {
    breaks: 'MUST NOT have two of them; a record of another name is passed over.',
    refused: 'mailbox',
    parts: (parts) => void Object.assign(record(parts, 'SAVE'), { STORE: [0, 1] }),
  },
  'no-line-feed': {
    breaks: 'every line, the last one too, MUST end in one line feed.',
    refused: 'mailbox',
    text: inRecords((text) => text.slice(0, -1)),
  },
  'birth-twice': {
    breaks: 'But for this pair, two records MUST NOT be of the same birth.',
    refused: 'mailbox',
    parts(parts) {
      parts.files[0]?.push(record(parts, 'SAVE'));
      item(parts).saves = Number(item(parts).saves) + 1;
    },
  },
  'keyword-in-capitals': {
    breaks: 'keywords are IMAP atoms of at most 255 bytes, and MUST be in lower case (ASCII).',
    refused: 'mailbox',
    parts: (parts) => (record(parts, 'SAVE').f = [['Work', 1, 1, 0]]),
  },
  'labels-not-in-order': {
    breaks: 'The smaller label stands first, by their 32 digits and not by their indexes; the two differ.',
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).agreed = [[1_600_000_000, 'f'.repeat(32), 0, '1']]),
  },
  'empty-claim': {
    breaks: 'No ranges may be empty',
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).claims = [[1_600_000_000, 0, '']]),
  },
  'clock-above-statement': {
    breaks: "It MUST NOT be above what clocks of the sender's statement says of this mailbox.",
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).clock = [[0, 9, 1]]),
  },
  'clock-above-modseq': {
    breaks: 'no modseq anywhere in the records is above m.',
    refused: 'mailbox',
    parts(parts) {
      const clock = [[0, 3, 9]];
      mbox(parts).clock = clock;
      parts.manifest.clocks = (parts.manifest.clocks as [string, unknown][]).map(([name, before]) =>
        name === mbox(parts).MBOX ? [name, clock] : [name, before],
      );
    },
  },
  'flag-above-modseq': {
    breaks: 'no modseq anywhere in the records is above m.',
    refused: 'mailbox',
    parts: (parts) => (record(parts, 'SAVE').f = [['\\Seen', 1, 99, 0]]),
  },
  'born-anew-above-modseq': {
    breaks: 'no modseq anywhere in the records is above m.',
    refused: 'mailbox',
    parts: (parts) => (record(parts, 'SAVE').a = 99),
  },
  'no-uidvalidity': {
    breaks: 'Where there is a SAVE, or a birth in living, v is not null.',
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).v = null),
  },
  'living-without-uidvalidity': {
    breaks: 'then there MUST be no message, neither a SAVE nor a birth in living.',
    refused: 'mailbox',
    later: true,
    parts(parts) {
      Object.assign(mbox(parts), { v: null, claims: [], agreed: [], base: mbox(parts).clock });
      Object.assign(item(parts), { base: mbox(parts).clock, saves: 0, updates: 0 });
      parts.files[0]?.splice(1);
      parts.manifest.answers = parts.texts.map(({ name }) => name.slice(9, -4));
    },
  },
  'record-between-uidfix-and-store': {
    breaks: 'Where there is a UIDFIX of the same birth, that MUST be the record before.',
    refused: 'mailbox',
    later: true,
    parts: (parts) => spliceStore(parts, (uidFix, store) => [uidFix, { NOVELTY: 1 }, store]),
  },
  'store-before-uidfix': {
    breaks: 'in a pair of UIDFIX and STORE of one birth the UIDFIX right before the STORE',
    refused: 'mailbox',
    later: true,
    parts: (parts) => spliceStore(parts, (uidFix, store) => [store, uidFix]),
  },
  'store-twice': {
    breaks: 'But for this pair, two records MUST NOT be of the same birth.',
    refused: 'mailbox',
    later: true,
    parts: (parts) => spliceStore(parts, (uidFix, store) => [uidFix, { ...store, f: [] }, store]),
  },
  'uidnext-too-high': {
    breaks: 'UIDNEXT, 1 to 4,278,190,079 (2^32 - 2^24 - 1); the rest is room for renumbering.',
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).n = 4_278_190_080),
  },
  'uid-not-below-uidnext': {
    breaks: 'No UID of the UIDVALIDITY in v, in u, claims or agreed, is n or above',
    refused: 'mailbox',
    parts: (parts) => (record(parts, 'SAVE').u = [1_600_000_000, mbox(parts).n, 0, 1, 0]),
  },
  'claim-not-below-uidnext': {
    breaks: 'No UID of the UIDVALIDITY in v, in u, claims or agreed, is n or above',
    refused: 'mailbox',
    parts: (parts) => (mbox(parts).claims = [[1_600_000_000, 0, `1:${Number(mbox(parts).n)}`]]),
  },
  'living-beyond-clock': {
    breaks: 'clock covers base and every birth in living and in a SAVE.',
    refused: 'mailbox',
    parts(parts) {
      mbox(parts).living = [[0, '1:4']];
      item(parts).living = 4;
    },
  },
  'living-without-save': {
    breaks: 'Every such message MUST have one, and no other may.',
    refused: 'mailbox',
    parts(parts) {
      parts.files[0]?.pop();
      item(parts).saves = Number(item(parts).saves) - 1;
      parts.manifest.answers = parts.texts.map(({ name }) => name.slice(9, -4));
    },
  },
  'save-that-does-not-live': {
    breaks: 'The births in living that base does not cover are exactly those of the SAVE records.',
    refused: 'mailbox',
    parts(parts) {
      mbox(parts).living = [[0, '1:2']];
      item(parts).living = 2;
    },
  },
  'base-above-clock': {
    breaks: 'It MUST NOT be above clock.',
    refused: 'mailbox',
    parts(parts) {
      mbox(parts).base = [[0, 0, 9]];
      item(parts).base = [[0, 0, 9]];
    },
  },
  'store-of-what-does-not-live': {
    breaks: 'Each UIDFIX and STORE is of a birth in living that base covers.',
    refused: 'mailbox',
    later: true,
    parts: (parts) => (record(parts, 'STORE').STORE = [0, 99]),
  },
  'text-not-canonical': {
    breaks: 'A text that is not in canonical form MUST NOT be in a bundle: no store could give it back as it came.',
    refused: 'text',
    parts(parts) {
      const guid = guidOfCanonical(crlf);
      const save = record(parts, 'SAVE');
      parts.texts = parts.texts.map((text) =>
        text.name.includes(String(save.g)) ? { name: `texts/${guid.slice(0, 2)}/${guid}.eml`, content: crlf } : text,
      );
      Object.assign(save, { g: guid, z: crlf.length });
      recount(parts);
    },
  },
  'text-of-another-second-digest': {
    breaks: 'Where the record says one, no other text is taken for it, also not one with its guid',
    refused: 'text',
    parts: (parts) => (record(parts, 'SAVE').s = '5'.repeat(64)),
  },
  'text-of-no-record': {
    breaks: 'A text MUST be that of a SAVE record, and then have the size said there, or one of answers.',
    refused: 'text',
    parts(parts) {
      const content = Buffer.from('Subject: nobody asked\n\n');
      const guid = guidOfCanonical(content);
      parts.texts.push({ name: `texts/${guid.slice(0, 2)}/${guid}.eml`, content });
      recount(parts);
    },
  },
  'text-twice': {
    breaks: 'any number of texts, each at most once',
    refused: 'text',
    parts(parts) {
      parts.texts.push(...parts.texts.slice(0, 1));
      recount(parts);
    },
  },
  'text-of-another-hash': {
    breaks: 'Its name is its guid, and its SHA-256 MUST be that guid.',
    refused: 'text',
    parts(parts) {
      const [first] = parts.texts;
      if (first !== undefined) first.content = Buffer.from(first.content.map((byte) => (byte === 0x54 ? 0x74 : byte)));
    },
  },
  'end-counts': {
    breaks: 'How many texts there are, and how many bytes they have together.',
    refused: 'text',
    parts: ({ end }) => (end.texts = 99),
  },
  'no-end': {
    breaks: 'Where it is missing, the bundle was cut off.',
    refused: 'text',
    entries: (entries) => entries.slice(0, -1),
  },
  'padding-behind-the-end': {
    breaks: 'Its entries MUST be these, in this order, and no others',
    refused: 'text',
    entries: (entries) => [...entries, rawEntry('padding', 'x')],
  },
  'header-with-another-mode': {
    breaks: 'A name and a size allow exactly one header, and every byte of it MUST be as follows.',
    refused: 'bundle',
    entries: ([manifest, ...rest]) =>
      manifest === undefined ? rest : [{ ...manifest, header: headerWith(manifest.header, 100, '000644 ') }, ...rest],
  },
  'skippable-frame': {
    breaks: 'Skippable frames MUST NOT occur.',
    refused: 'bundle',
    bytes: (bytes) => Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0]), bytes]),
  },
  'more-behind-the-end': {
    breaks: 'Behind the last one stand 1024 zero bytes, and then the archive and the file MUST end.',
    refused: 'text',
    bytes: (_, tar) => inFrames(Buffer.concat([tar, Buffer.alloc(512)])),
  },
};

/** Cards that break one sentence of mrepl-trust(7), made of the lines of a good one; they are signed as they are. */
export const invalidCards: Readonly<
  Record<string, { readonly breaks: string; readonly change: (lines: string) => string }>
> = {
  'card-lines-in-another-order': {
    breaks: 'a line for each key, in this order and with nothing else than stands here between them',
    change: (lines) => lines.replace(/("account":.*\n)("host":.*\n)/, '$2$1'),
  },
  'card-unknown-key-in-front': {
    breaks: 'Keys that this page does not name may follow, in lines of their own.',
    change: (lines) => lines.replace('"account"', '"novelty":"x",\n"account"'),
  },
  'card-with-white-space': {
    breaks: 'a line for each key, in this order and with nothing else than stands here between them',
    change: (lines) => lines.replace('"account":', '"account": '),
  },
  'card-with-half-a-successor': {
    breaks: 'One of the two lines without the other makes the card unreadable.',
    change: (lines) => lines.replace('"\n}', `",\n"formerHost":"${'0'.repeat(32)}"\n}`),
  },
};

export async function invalidOf(plain: Buffer, changed: Buffer): Promise<Readonly<Record<string, Invalid>>> {
  const made: Record<string, Invalid> = {};
  for (const [name, { breaks, refused, later, ...how }] of Object.entries(breakings)) {
    const parts = takeApart(await tarOf(later === true ? changed : plain));
    how.parts?.(parts);
    const entries = putTogether(parts, keysOf('home').signingKey, how.text);
    const changedEntries = how.entries?.(entries) ?? entries;
    const bytes = await framed(changedEntries);
    made[name] = { breaks, refused, bytes: (await how.bytes?.(bytes, archive(changedEntries))) ?? bytes };
  }
  return made;
}

/** Makes the end say what is there. */
function recount({ texts, end }: BundleParts): void {
  end.texts = texts.length;
  end.bytes = texts.reduce((sum, { content }) => sum + content.length, 0);
}
