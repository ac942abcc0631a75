import { isOfOneThing } from '../failure.js';
import { isCanonical } from '../mail/canonical-text.js';
import { type Guid, guidOfCanonical } from '../mail/guid.js';
import type { MailboxNews } from '../replica/news.js';
import type { ArrivedText } from './bundle.js';
import { decodeEndMark } from './end-mark.js';
import { endEntry, guidOfEntry, paddingEntry } from './entry-name.js';
import { endBytesMax, paddingBytesMax, textBytesMax } from './limits.js';
import type { Manifest } from './manifest.js';
import type { Broken, TarReader } from './tar-reader.js';

/** The texts that the front of a bundle speaks of, with their sizes where it says them; null where it was not understood in full. */
export type ExpectedTexts = ReadonlyMap<Guid, number | null> | null;

export function expectedTexts({ preamble }: Manifest, news: readonly MailboxNews[]): ExpectedTexts {
  const expected = new Map<Guid, number | null>(preamble.answers.map((guid) => [guid, null]));
  const answered = new Set(preamble.answers);
  for (const { saves } of news) {
    for (const { guid, sizeBytes } of saves) {
      // Two records that differ are no reason to lose a text that is what its name says.
      const differs = (expected.get(guid) ?? sizeBytes) !== sizeBytes || answered.has(guid);
      expected.set(guid, differs ? null : sizeBytes);
    }
  }
  return expected;
}

/** Where the reader of texts tells what is wrong. */
export type Findings = {
  /** One message for each thing. */
  readonly found: (what: string) => void;
  /** Something has this guid, and is no text: nothing in a store can ever have it. */
  readonly impossible: (guid: Guid) => void;
};

/**
 * The texts behind the records, each of which is what its guid says. What is wrong is told, and costs
 * only the texts it hit: behind it reading goes on at the next frame that begins with an entry.
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
  const size = expected.get(guid);
  if (size === undefined) return `the text ${guid} is in it, and no record speaks of it`;
  return size === null || size === sizeBytes ? null : `the text ${guid} is not as large as its record says`;
}
