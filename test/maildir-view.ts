import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A message as it lies in a Maildir, in a form in which two hosts can be compared. */
export type FileView = {
  /** From the UID list; null without one. */
  readonly uid: number | null;
  /** The base name: Dovecot's message GUID. */
  readonly base: string;
  readonly where: 'cur' | 'new';
  /** Flag letters, and keywords by name, sorted. */
  readonly flags: readonly string[];
  readonly receivedS: number;
  /** SHA-256 of the text with CRLF folded to LF. */
  readonly text: string;
};

export type FolderView = {
  readonly uidValidity: number | null;
  /** As the UID list's header and records together say. */
  readonly uidNext: number | null;
  readonly messages: readonly FileView[];
};

/**
 * Every folder of a Maildir by its name as it stands on disk in a Maildir++ (`INBOX`, `Archive.2024`), whatever the layout. An independent
 * reading: nothing of mrepl is used.
 */
export function viewMaildir(root: string, layout: 'maildir++' | 'fs' = 'maildir++'): Record<string, FolderView> {
  const view: Record<string, FolderView> = { INBOX: viewFolder(root) };
  const found = layout === 'fs' ? directoriesBelow(root) : readdirSync(root).filter((name) => /^\.[^.]/.test(name));
  for (const path of found.sort()) {
    const folder = join(root, path);
    if (!existsSync(join(folder, 'cur'))) continue;
    view[layout === 'fs' ? path.replaceAll('/', '.') : path.slice(1)] = viewFolder(folder);
  }
  return view;
}

/** Of a Maildir with directories within directories: all that may be mailboxes. */
function directoriesBelow(root: string, at = ''): string[] {
  return readdirSync(join(root, at))
    .filter((name) => !['cur', 'new', 'tmp'].includes(name))
    .filter((name) => statSync(join(root, at, name), { throwIfNoEntry: false })?.isDirectory())
    .flatMap((name) => {
      const path = at === '' ? name : `${at}/${name}`;
      return [path, ...directoriesBelow(root, path)];
    });
}

/** One folder, wherever it lies. */
export function viewFolder(folder: string): FolderView {
  const list = linesOf(join(folder, 'dovecot-uidlist'));
  const header = list[0];
  const uids = new Map<string, number>();
  for (const line of list.slice(1)) {
    const match = /^(\d+)[^:]*:(.*)$/.exec(line);
    if (match !== null) uids.set(baseOf(match[2] ?? ''), Number(match[1]));
  }
  const keywords = new Map(linesOf(join(folder, 'dovecot-keywords')).map((line) => splitOnce(line)));
  const passed = header === undefined ? '$Forwarded' : null;
  const messages = (['cur', 'new'] as const).flatMap((where) =>
    (existsSync(join(folder, where)) ? readdirSync(join(folder, where)) : [])
      .filter(
        (name) => !name.startsWith('.') && statSync(join(folder, where, name), { throwIfNoEntry: false })?.isFile(),
      )
      .map((name) => viewFile(join(folder, where, name), { where, name, uids, keywords, passed })),
  );
  return {
    uidValidity: header === undefined ? null : field(header, 'V'),
    uidNext:
      header === undefined ? null : Math.max(field(header, 'N') ?? 1, ...[...uids.values()].map((uid) => uid + 1)),
    messages: messages.sort(
      (a, b) => (a.uid ?? 0) - (b.uid ?? 0) || compare(a.text, b.text) || compare(a.base, b.base),
    ),
  };
}

function viewFile(
  path: string,
  entry: {
    where: 'cur' | 'new';
    name: string;
    uids: ReadonlyMap<string, number>;
    keywords: ReadonlyMap<string, string>;
    passed: string | null;
  },
): FileView {
  const base = baseOf(entry.name);
  const letters = /:2,([A-Za-z]*)/.exec(entry.name)?.[1] ?? '';
  const flags = [...letters].flatMap((letter) => {
    // "Passed" means something only where no Dovecot looks after the mail; there it is a keyword like any other.
    if (letter === 'P') return entry.passed ?? [];
    if (letter < 'a') return letter;
    return entry.keywords.get(String(letter.charCodeAt(0) - 97)) ?? `unnamed keyword ${letter}`;
  });
  return {
    uid: entry.uids.get(base) ?? null,
    base,
    where: entry.where,
    flags: flags.sort(),
    receivedS: Math.floor(statSync(path).mtimeMs / 1000),
    text: textHash(readFileSync(path)),
  };
}

/**
 * SHA-256 of a text with CRLF folded to LF, but not where another CR stands before it; and without a line that mbsync stamped into its header: hosts hold
 * copies of one mail that differ in that.
 */
export function textHash(text: Uint8Array): string {
  const folded = Buffer.from(text)
    .toString('latin1')
    .replace(/(?<!\r)\r\n/g, '\n')
    .replace(/^((?:.+\n)*?)X-TUID: [\w+/]{12}\n/, '$1');
  return createHash('sha256').update(folded, 'latin1').digest('hex');
}

function baseOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(0, colon);
}

function field(header: string, letter: string): number | null {
  const match = new RegExp(` ${letter}(\\d+)`).exec(header);
  return match === null ? null : Number(match[1]);
}

function splitOnce(line: string): [string, string] {
  const space = line.indexOf(' ');
  return [line.slice(0, space), line.slice(space + 1)];
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
