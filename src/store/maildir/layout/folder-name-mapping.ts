import { inbox, type MailboxName, mailboxNameOf, partProblem } from '../../../mail/mailbox-name.js';
import { fromCharset, type PartSpelling, spellPart, unescaped } from './escape-folder-name.js';
import { isShortened, shortenedBytesMin, shortenedName, standsFor } from './shortened-folder-name.js';

/**
 * What a mailbox's directory is called below the root, or why it cannot be called anything. `tails`: the directories,
 * among it and those above it, whose names are shortened, each with the parts of the mailbox's name that it stands for.
 */
export type Spelled =
  | { readonly folder: string; readonly tails: readonly { readonly folder: string; readonly tail: string }[] }
  | { readonly problem: string };

/** What the name file of a directory with a shortened name says, by its path below the root. */
export type TailOf = (folder: string) => string | undefined;

/** The longest file name there is, in bytes, inclusive (NAME_MAX on Linux). */
const nameBytesMax = 255;

/** The parts of a name as this store spells them, as in its directories and its subscriptions. */
export function spelledParts(name: MailboxName, spelling: PartSpelling): string[] {
  const spelled = folderOfName(name, spelling);
  return 'problem' in spelled || name === inbox ? [name] : partsOfFolder(spelled.folder, spelling);
}

/** The mailbox that these parts stand for, or undefined where they are no mailbox name. */
export function nameOfSpelledParts(
  parts: readonly string[],
  spelling: PartSpelling,
  tailOf: TailOf = () => undefined,
): MailboxName | undefined {
  const names: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = fromCharset(part, spelling);
    if (text === undefined) return undefined;
    if (!isShortened(text)) {
      names.push(unescaped(text, spelling));
      continue;
    }
    const tail = tailOf(folderOfParts(parts.slice(0, index + 1), spelling));
    if (tail === undefined || !standsFor(text, tail)) return undefined;
    for (const part of tail.split('/')) names.push(part);
  }
  return mailboxNameOf(names);
}

/**
 * `A/B` is `.A.B` or `A/B`. What cannot stand in such a name is escaped, and what is too long is shortened; with
 * `isTaken`, so is the last part, where the usual directory is that of another mailbox. The inbox has no folder of its
 * own here: the empty string.
 */
export function folderOfName(name: MailboxName, spelling: PartSpelling, { isTaken = false } = {}): Spelled {
  if (name === inbox) return { folder: '', tails: [] };
  const names = name.split('/');
  const problem = names.map(partProblem).find((found) => found !== undefined);
  if (problem !== undefined) return { problem: `its name ${problem}` };
  if (mailboxNameOf(names) !== name) return { problem: 'its name is not spelled as mailbox names are' };
  const parts = names.map((part, index) => spellPart(part, spelling, index === 0));
  return spelling.layout === 'fs'
    ? nested(names, parts, { spelling, isTaken })
    : dotted(names, parts, { spelling, isTaken });
}

type Lengths = { readonly spelling: PartSpelling; readonly isTaken: boolean };

/** Each part is a file name: those too long are shortened one by one. */
function nested(names: readonly string[], parts: readonly string[], { spelling, isTaken }: Lengths): Spelled {
  const tails: { folder: string; tail: string }[] = [];
  let folder = '';
  for (const [index, part] of parts.entries()) {
    const isLong = Buffer.byteLength(part) > nameBytesMax || (isTaken && index === parts.length - 1);
    const tail = names[index] ?? '';
    const spelled = isLong ? shortenedName(tail, spelling, { bytesMax: nameBytesMax, isFirst: index === 0 }) : part;
    folder = index === 0 ? spelled : `${folder}/${spelled}`;
    if (isLong) tails.push({ folder, tail });
  }
  return { folder, tails };
}

/** All of it is one file name: as many parts as leave room are spelled out, and the rest is shortened to one. */
function dotted(names: readonly string[], parts: readonly string[], { spelling, isTaken }: Lengths): Spelled {
  const whole = folderOfParts(parts, spelling);
  if (Buffer.byteLength(whole) <= nameBytesMax && !isTaken) return { folder: whole, tails: [] };
  const roomBehind = (count: number): number =>
    nameBytesMax - Buffer.byteLength(`${parts.slice(0, count).join('.')}..`);
  let kept = parts.length - 1;
  while (kept > 0 && roomBehind(kept) < shortenedBytesMin) kept--;
  const tail = names.slice(kept).join('/');
  const last = shortenedName(tail, spelling, { bytesMax: roomBehind(kept), isFirst: kept === 0 });
  const folder = folderOfParts([...parts.slice(0, kept), last], spelling);
  return { folder, tails: [{ folder, tail }] };
}

/** The inverse for a directory found below the root; undefined where it names no mailbox, or the inbox over again. */
export function nameOfFolder(folder: string, spelling: PartSpelling, tailOf?: TailOf): MailboxName | undefined {
  const name = nameOfSpelledParts(partsOfFolder(folder, spelling), spelling, tailOf);
  return name === inbox ? undefined : name;
}

/** A directory's path below the root, taken apart at what separates mailboxes in this layout. */
export function partsOfFolder(folder: string, { layout }: PartSpelling): string[] {
  return layout === 'fs' ? folder.split('/') : folder.slice(1).split('.');
}

function folderOfParts(parts: readonly string[], { layout }: PartSpelling): string {
  return layout === 'fs' ? parts.join('/') : `.${parts.join('.')}`;
}
