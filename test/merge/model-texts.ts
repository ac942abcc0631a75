import type { Guid } from '../../src/mail/text/text-guid.js';
import type { TextId } from '../../src/mail/text/text-guid-and-second-digest.js';

// In the model a text is its guid. `letter~2` is a copy of `letter` into which the program that fetched it has stamped a line.

/** The mail that a text is, whoever fetched it. */
export function mailOf(text: Guid): Guid {
  return text.split('~', 1)[0] as Guid;
}

export function idOf(text: Guid): TextId {
  const same = mailOf(text);
  return same === text ? { guid: text } : { guid: text, same };
}

/** A copy with another stamped line. */
export function stamped(text: Guid, stamp: number): Guid {
  return `${mailOf(text)}~${stamp}`;
}
