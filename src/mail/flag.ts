/**
 * A flag or keyword as IMAP spells it: one of the system flags below, or a keyword (an atom).
 * `\Recent` is a session's matter and never replicated. `$Passed`-like names are ordinary keywords.
 */
export type Flag = string;

/** The system flags that are replicated (RFC 9051, section 2.3.2). */
export const systemFlags = ['\\Answered', '\\Deleted', '\\Draft', '\\Flagged', '\\Seen'] as const;

/** A keyword in a bundle or file may be no longer than this, in bytes; no client comes near it. Inclusive. */
export const keywordBytesMax = 255;

const atom = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/; // RFC 3501, section 9, "atom"

/** A system flag in its one spelling, or a keyword that every server can take. */
export function isFlag(text: string): boolean {
  if (text.startsWith('\\')) return (systemFlags as readonly string[]).includes(text);
  return text.length <= keywordBytesMax && atom.test(text);
}

/**
 * The flags that a message is to have where `wanted` was decided upon when it had `seen`, and it has `now`: what its user has set or taken
 * away since stays so.
 */
export function withSince(
  wanted: ReadonlySet<Flag>,
  { seen, now }: { readonly seen: ReadonlySet<Flag>; readonly now: ReadonlySet<Flag> },
): ReadonlySet<Flag> {
  const result = new Set([...wanted].filter((flag) => now.has(flag) || !seen.has(flag)));
  for (const flag of now) if (!seen.has(flag)) result.add(flag);
  return result;
}
