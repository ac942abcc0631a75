/**
 * One of the system flags below, or a keyword (an atom) in lower case: keywords that differ in ASCII case only are one
 * (RFC 9051, section 2.3.2). How people spell it is a `FlagSpelling`. `\Recent` is a session's matter and never
 * replicated.
 */
export type Flag = string;

/** A flag or keyword as some program wrote it, in whatever case. */
export type FlagSpelling = string;

/** The system flags that are replicated (RFC 9051, section 2.3.2). */
export const systemFlags = ['\\Answered', '\\Deleted', '\\Draft', '\\Flagged', '\\Seen'] as const;

/** A keyword in a bundle or file may be no longer than this, in bytes; no client comes near it. Inclusive. */
const keywordBytesMax = 255;

const atom = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/; // RFC 3501, section 9, "atom"

/** A system flag in its one spelling, or a keyword that every server can take, in whatever case. */
export function isFlagSpelling(text: string): text is FlagSpelling {
  if (isSystemFlag(text)) return (systemFlags as readonly string[]).includes(text);
  return text.length <= keywordBytesMax && atom.test(text);
}

/** A system flag in its one spelling, or a keyword that every server can take, in lower case. */
export function isFlag(text: string): text is Flag {
  return isFlagSpelling(text) && flagOf(text) === text;
}

/** The flag that is spelt so. Total: what is no flag is none in lower case either. */
export function flagOf(spelling: FlagSpelling): Flag {
  return isSystemFlag(spelling) ? spelling : spelling.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** Does this begin as system flags do? No keyword does. */
export function isSystemFlag(flag: string): boolean {
  return flag.startsWith('\\');
}

/** How keywords are spelt, as far as somebody was seen to spell them. */
export type Spellings = ReadonlyMap<Flag, FlagSpelling>;

/**
 * How keywords that many programs know are spelt where nobody here was seen to (the IANA registry "IMAP and JMAP
 * Keywords", and those of Thunderbird).
 */
const usualSpellings: Spellings = new Map(
  ['$Forwarded', '$MDNSent', '$Junk', '$NotJunk', '$Phishing', '$Important', '$SubmitPending', '$Submitted']
    .concat(['$Label1', '$Label2', '$Label3', '$Label4', '$Label5', 'Junk', 'NonJunk'])
    .map((spelling) => [flagOf(spelling), spelling]),
);

/** The flag as people know it; in lower case where nobody was seen to spell it. */
export function spellingOf(flag: Flag, spellings: Spellings): FlagSpelling {
  return spellings.get(flag) ?? usualSpellings.get(flag) ?? flag;
}

/**
 * The flags that a message is to have where `wanted` was decided upon when it had `seen`, and it has `now`: what its
 * user has set or taken away since stays so.
 */
export function withSince(
  wanted: ReadonlySet<Flag>,
  { seen, now }: { readonly seen: ReadonlySet<Flag>; readonly now: ReadonlySet<Flag> },
): ReadonlySet<Flag> {
  const result = new Set([...wanted].filter((flag) => now.has(flag) || !seen.has(flag)));
  for (const flag of now) if (!seen.has(flag)) result.add(flag);
  return result;
}
