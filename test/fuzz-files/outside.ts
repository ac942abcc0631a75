import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { letter } from '../end-to-end/site.js';

/** The user that runs play where the tests are run by root: nobody, in Debian. Null where they are run by somebody else. */
export const playedUid = process.geteuid?.() === 0 ? 65_534 : null;

/** Things outside the store and the stick, none of which any run may change. */
export type Outside = {
  readonly directory: string;
  /** The user's own. */
  readonly file: string;
  readonly folder: string;
  /** Another user's, that this one may read and write all the same; null where there is no other user to play. */
  readonly theirs: { readonly file: string; readonly folder: string; readonly guid: string } | null;
  /** Not there, and to stay so. */
  readonly nothing: string;
};

const text = letter('kept outside');
const theirText = letter('of another user, which must not travel');

/** A Maildir with one message. */
function makeFolder(directory: string, mode: number, content: string): void {
  for (const part of ['', 'cur', 'new', 'tmp']) {
    mkdirSync(join(directory, part), { recursive: true });
    chmodSync(join(directory, part), mode);
  }
  writeFileSync(join(directory, 'cur', '1500000001.outside:2,S'), content);
}

export function makeOutside(parent: string): Outside {
  const directory = join(parent, 'outside');
  const [file, folder] = [join(directory, 'file'), join(directory, 'folder')];
  mkdirSync(directory);
  writeFileSync(file, text, { mode: 0o600 });
  makeFolder(folder, 0o700, text);
  const theirs = { file: join(directory, 'their-file'), folder: join(directory, 'their-folder') };
  if (playedUid !== null) {
    for (const path of [directory, file, folder, ...readdirSync(folder).map((name) => join(folder, name))]) {
      chownSync(path, playedUid, playedUid);
    }
    chownSync(join(folder, 'cur', '1500000001.outside:2,S'), playedUid, playedUid);
    writeFileSync(theirs.file, theirText);
    chmodSync(theirs.file, 0o666);
    makeFolder(theirs.folder, 0o777, theirText);
  }
  return {
    ...{ directory, file, folder, nothing: join(directory, 'nothing') },
    theirs: playedUid === null ? null : { ...theirs, guid: guidOfCanonical(Buffer.from(theirText)) },
  };
}

/** Names, kinds, modes, owners, times and contents below a directory, each a line. */
export function snapshotOf(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true }).map(String).sort();
  return ['.', ...names].map((name) => {
    const path = join(directory, name);
    const { mode, uid, gid, size, mtimeNs } = lstatSync(path, { bigint: true });
    const isFile = (Number(mode) & 0o170000) === 0o100000;
    const content = isFile ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
    return `${name} ${mode.toString(8)} ${uid}:${gid} ${size} ${mtimeNs} ${content}`;
  });
}
