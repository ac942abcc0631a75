import { isOfOneThing } from '../../failure.js';
import { isCanonical } from '../../mail/text/canonical-text.js';
import { textIdKnowing } from '../../mail/text/digest-without-fetcher-headers.js';
import { type Guid, guidOfCanonical } from '../../mail/text/text-guid.js';
import { sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Broken, TarReader } from '../archive/read-tar.js';
import type { ArrivedText } from '../format/bundle-contents.js';
import { endBytesMax, paddingBytesMax, textBytesMax } from '../format/bundle-limits.js';
import { decodeEndMark } from '../format/end-mark-json.js';
import { endEntry, guidOfEntry, paddingEntry } from '../format/entry-names.js';
import type { Manifest } from '../format/manifest-json.js';

/** What a record says of a text, where it says it. */
type Expected = { readonly sizeBytes: number | null; readonly same: Guid | null };

/** The texts that the front of a bundle speaks of; null where it was not understood in full. */
type ExpectedTexts = ReadonlyMap<Guid, Expected> | null;

const unsaid: Expected = { sizeBytes: null, same: null };

/**
 * What the preamble and the news say of the texts that come behind them: those that answer a request, of which nothing
 * is said, and those of messages.
 */
export function expectedTexts({ preamble }: Manifest, news: readonly MailboxNews[]): ExpectedTexts {
  const answered = new Set(preamble.answers);
  const expected = new Map<Guid, Expected>(preamble.answers.map((guid) => [guid, unsaid]));
  for (const { saves } of news) {
    for (const { guid, sizeBytes, same = null } of saves) {
      const before = answered.has(guid) ? unsaid : (expected.get(guid) ?? { sizeBytes, same });
      // Two records that differ are no reason to lose a text that is what its name says.
      expected.set(guid, {
        sizeBytes: before.sizeBytes === sizeBytes ? sizeBytes : null,
        same: before.same === same ? same : null,
      });
    }
  }
  return expected;
}

/**
 * Is it another mail than its record says? Then no message may have it: it would take the place of a mail that it is
 * not.
 */
function isOtherMail(guid: Guid, text: Uint8Array, expected: ExpectedTexts): boolean {
  const same = expected?.get(guid)?.same ?? null;
  return same !== null && sameOf(textIdKnowing(guid, text)) !== same;
}

/** Where the reader of texts tells what is wrong. */
type Findings = {
  /** One message for each thing. */
  readonly found: (what: string) => void;
  /** Something has this guid, and is no text: nothing in a store can ever have it. */
  readonly impossible: (guid: Guid) => void;
};

/**
 * The texts behind the records, each of which is what its guid says. What is wrong is told, and costs only the texts it
 * hit: behind it reading goes on at the next frame that begins with an entry.
 */
export async function* readTexts(
  tar: TarReader,
  { files, expected }: { readonly files: number; readonly expected: ExpectedTexts },
  { found, impossible }: Findings,
): AsyncGenerator<ArrivedText> {
  const seen = new Set<Guid>();
  let texts = 0;
  let textBytes = 0;
  let isWhole = true;
  let isPadded = false;
  const tell = (what: string): void => {
    isWhole = false;
    found(what);
  };
  for (;;) {
    const entry = await tar.entry();
    if (entry === 'end') return tell('it ends without end.json');
    let broken: Broken | null = null;
    if ('damaged' in entry) broken = entry;
    else if (entry.name === endEntry && entry.sizeBytes <= endBytesMax) {
      const content = await tar.content(entry);
      if ('damaged' in content) broken = content;
      else {
        const differs = differsFrom(content.bytes, { files, texts, textBytes });
        if (differs !== null && isWhole) tell(differs);
        const end = await tar.entry();
        if (end !== 'end') tell('damaged' in end ? end.damaged : 'something follows its end');
        return;
      }
    } else {
      const guid = guidOfEntry(entry.name);
      const isPadding = entry.name === paddingEntry && entry.sizeBytes <= paddingBytesMax && !isPadded;
      const unwanted = guid === null || isPadded ? 'an entry is in it that does not belong there' : null;
      const why = isPadding ? null : (unwanted ?? whyUnwanted(guid as Guid, entry.sizeBytes, { expected, seen }));
      if (why !== null) tell(why);
      if (isPadding) isPadded = true;
      if (isPadding || why !== null || guid === null) {
        broken = await tar.skip(entry);
      } else {
        const content = await tar.content(entry);
        if ('damaged' in content) broken = content;
        else if ((content.guid ?? guidOfCanonical(content.bytes)) !== guid) tell(`the text ${guid} is damaged`);
        else if (!isCanonical(content.bytes)) {
          tell(`the text ${guid} is not in canonical form, as it has lines that end in CRLF`);
          impossible(guid);
        } else if (isOtherMail(guid, content.bytes, expected)) {
          tell(`the text ${guid} is another mail than its record says`);
        } else {
          seen.add(guid);
          texts++;
          textBytes += entry.sizeBytes;
          yield { guid, text: content.bytes };
        }
      }
    }
    if (broken !== null) {
      tell(`${broken.damaged}; texts there are lost`);
      if ((await tar.resume()) === null) return tell('it has no end: it was cut off');
    }
  }
}

type Counts = { readonly files: number; readonly texts: number; readonly textBytes: number };

function differsFrom(bytes: Buffer, { files, texts, textBytes }: Counts): string | null {
  try {
    const end = decodeEndMark(bytes);
    if (end.mailboxes !== files) return `its end speaks of ${end.mailboxes} mailboxes, its beginning of ${files}`;
    if (end.texts === texts && end.textBytes === textBytes) return null;
    return `its end speaks of ${end.texts} texts with ${end.textBytes} bytes, and ${texts} with ${textBytes} are in it`;
  } catch (error) {
    if (isOfOneThing(error)) return error.message;
    throw error;
  }
}

function whyUnwanted(
  guid: Guid,
  sizeBytes: number,
  { expected, seen }: { readonly expected: ExpectedTexts; readonly seen: ReadonlySet<Guid> },
): string | null {
  if (seen.has(guid)) return `the text ${guid} is in it twice`;
  if (sizeBytes > textBytesMax) return `the text ${guid} is larger than ${textBytesMax} bytes`;
  if (expected === null) return null;
  const said = expected.get(guid);
  if (said === undefined) return `the text ${guid} is in it, and no record speaks of it`;
  return said.sizeBytes === null || said.sizeBytes === sizeBytes
    ? null
    : `the text ${guid} is not as large as its record says`;
}
