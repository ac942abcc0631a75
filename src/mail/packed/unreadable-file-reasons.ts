import { Failure } from '../../failure.js';
import type { Container } from './container-kinds.js';

/**
 * Why a file that begins like a container is not taken as a message. unread: this kind is not read here. broken: it
 * cannot be unpacked, or what it unpacks to is not what its own checksum says. too-large: it unpacks to more than is
 * read. nested: what is in it begins like a container again.
 */
export type UnpackProblem = 'unread' | 'broken' | 'too-large' | 'nested';

/** A file that is left alone: neither a message here, nor damage to one that is known. */
export type Untaken = { readonly container: Container; readonly problem: UnpackProblem };

/** Is it why a file is not taken, and not what is in it? */
export function isUntaken(answer: Uint8Array | Untaken): answer is Untaken {
  return !(answer instanceof Uint8Array);
}

const kept: Readonly<Record<Container, string>> = {
  gzip: 'compressed with gzip',
  zstd: 'compressed with zstd',
  bzip2: 'compressed with bzip2',
  xz: 'compressed with xz',
  lz4: 'compressed with lz4',
  mail_crypt: 'encrypted by mail_crypt',
};

/** What such a file is, to follow "is" or a number. */
export function untakenText({ container, problem }: Untaken): string {
  switch (problem) {
    case 'unread':
      return kept[container];
    case 'broken':
      return `broken ${container}`;
    case 'too-large':
      return `${container} too large to unpack`;
    case 'nested':
      return `${container} with something packed in it`;
    default:
      return problem satisfies never;
  }
}

/** What is to be said of files of one mailbox that are not taken, all in one sentence. There must be at least one. */
export function notTaken(mailbox: string, files: readonly Untaken[]): Failure {
  const count = files.length === 1 ? 'a message file' : `${files.length} message files`;
  const verb = files.length === 1 ? 'is' : 'are';
  return new Failure('not-taken', `${count} in ${mailbox} ${verb} not taken: ${kindsOf(files)}`, {
    hint: remedy(files),
  });
}

/** With numbers where there are several. */
function kindsOf(files: readonly Untaken[]): string {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(untakenText(file), (counts.get(untakenText(file)) ?? 0) + 1);
  const kinds = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return kinds.map(([kind, number]) => (kinds.length === 1 ? kind : `${number} ${kind}`)).join(', ');
}

function remedy(files: readonly Untaken[]): string {
  const isAll = (is: (file: Untaken) => boolean): boolean => files.every(is);
  const what = isAll(({ problem }) => problem === 'broken')
    ? 'Put them back from a backup, or move them away.'
    : isAll(({ container }) => container === 'mail_crypt')
      ? 'Only the mail server can read them: let a mail program copy them to where it saves them unencrypted.'
      : 'Unpack them in place, under the same name and date; gzip and zstd are read as well.';
  return `${what} Until then they stay as they are, and are not replicated.`;
}

/**
 * What is to be said of known messages of one mailbox whose files cannot be read any more: nothing of them is lost.
 * There must be at least one.
 */
export function notReadableIn(mailbox: string, files: readonly Untaken[]): Failure {
  const what = files.length === 1 ? 'the text of a message' : `the texts of ${files.length} messages`;
  return new Failure('not-taken', `${what} in ${mailbox} cannot be read: ${kindsOf(files)}`, {
    hint: 'What is known of them stays, and goes on being replicated; who lacks their texts gets them once they can be read.',
  });
}

/** What is to be said of texts from elsewhere that begin like this. There must be at least one. */
export function refusedIn(mailbox: string, containers: readonly Container[]): Failure {
  const kinds = [...new Set(containers)].sort().join(', ');
  const what = containers.length === 1 ? 'the text of a message' : `the texts of ${containers.length} messages`;
  const verb = containers.length === 1 ? 'was' : 'were';
  const begins = containers.length === 1 ? 'it begins' : 'they begin';
  return new Failure('not-taken', `${what} in ${mailbox} ${verb} refused: ${begins} like a packed file (${kinds})`, {
    hint: 'No store could keep it so that it is read again as it is. It is known here, but for its text, which is not asked for again.',
  });
}

/** What is to be said of a mailbox that went, while files that are not taken have names like those of its messages. */
export function goneBehind(mailbox: string): Failure {
  return new Failure(
    'not-taken',
    `the mailbox ${mailbox} is not there: messages of it may be among files that are not taken elsewhere`,
    {
      hint: 'It is left as it was known, and nothing of it is taken for expunged, until those files can be read or are gone.',
    },
  );
}

/** What is to be said of one that somebody asked for. */
export function notReadable(what: string, untaken: Untaken): Failure {
  return new Failure('not-taken', `${what}: it is ${untakenText(untaken)}`, { hint: remedy([untaken]) });
}
