import type { Guid } from './text-guid.js';

/**
 * What a text is known by: its guid, and a second digest that leaves out what programs which fetch mail stamp into each
 * copy (`stampedLines`). That one is left out where it is the guid.
 */
export type TextId = { readonly guid: Guid; readonly same?: Guid };

/** A text, with the bytes that its canonical form has. */
export type SizedText = TextId & { readonly sizeBytes: number };

/** Nothing but these two, of whatever has them. */
export function textIdOf({ guid, same }: TextId): TextId {
  return same === undefined ? { guid } : { guid, same };
}

/** What all copies of one mail share, whoever fetched them. */
export function sameOf({ guid, same }: TextId): Guid {
  return same ?? guid;
}

/**
 * Is the text that mail? Where both digests of it are known, the second one decides, also of a text with the very guid:
 * who says that his mail is the same as another's cannot bring his own text in its place. Where but the guid is known,
 * the mail itself or a copy without such lines is it.
 */
export function isTextOf(text: TextId, mail: TextId): boolean {
  if (mail.same !== undefined) return sameOf(text) === mail.same;
  return text.guid === mail.guid || sameOf(text) === mail.guid;
}

/** Texts to be looked up by the mail that they are. */
export type TextIndex<T extends TextId> = {
  /** The text with the very guid before any other. */
  find(mail: TextId): T | null;
  values(): Iterable<T>;
  readonly size: number;
};

/** `texts`: where two have one guid, the last counts. */
export function indexTexts<T extends TextId>(texts: Iterable<T>): TextIndex<T> {
  const byGuid = new Map<Guid, T>();
  const bySame = new Map<Guid, T>();
  for (const text of texts) {
    byGuid.set(text.guid, text);
    bySame.set(sameOf(text), text);
  }
  return {
    find(mail) {
      const exact = byGuid.get(mail.guid);
      if (exact !== undefined && isTextOf(exact, mail)) return exact;
      return bySame.get(sameOf(mail)) ?? null;
    },
    values: () => byGuid.values(),
    size: byGuid.size,
  };
}

/** Mails to be looked up by a text that may be one of them, or several. */
export function indexMails<T extends TextId>(mails: Iterable<T>): { of(text: TextId): readonly T[] } {
  const byDigest = new Map<Guid, T[]>();
  for (const mail of mails) {
    const list = byDigest.get(sameOf(mail));
    if (list === undefined) byDigest.set(sameOf(mail), [mail]);
    else list.push(mail);
  }
  return {
    of: (text) =>
      [...new Set([text.guid, sameOf(text)])].flatMap((digest) =>
        (byDigest.get(digest) ?? []).filter((mail) => isTextOf(text, mail)),
      ),
  };
}
