import { existsSync } from 'node:fs';
import { Failure } from '../../../failure.js';
import { absolutePath } from '../../../fs/absolute-path.js';

/** Where a Maildir store lies and how it is laid out; all paths absolute. */
export type MaildirLocation = {
  readonly root: string;
  /** maildir++: folders are `.A.B` in the root. fs: folders are directories `A/B`. */
  readonly layout: 'maildir++' | 'fs';
  /** Where UID lists, keywords and subscriptions are, if not with the mail. */
  readonly control: string | null;
  /** Where Dovecot keeps its indexes, if not with the mail. */
  readonly index: string | null;
  /** The inbox, if it is not the root itself. */
  readonly inbox: string | null;
  /** Folder names are plain UTF-8 instead of modified UTF-7. */
  readonly utf8: boolean;
  /** Folder names are escaped by Dovecot's plugin listescape, or not; left out: as the names that are there look. */
  readonly listescape?: boolean;
};

/** Words of Dovecot's that say nothing of where mail and UID lists are. */
const withoutMeaning: ReadonlySet<string> = new Set([
  ...['VOLATILEDIR', 'INDEXPVT', 'LISTINDEX', 'INDEXCACHE'],
  ...['ITERINDEX', 'NO-NOSELECT', 'KEEP-NOSELECT'],
]);

/**
 * Parses what Dovecot calls a mail_location, without or with `maildir:` before it:
 * `PATH[:LAYOUT=fs][:INDEX=PATH][:CONTROL=PATH][:INBOX=PATH][:UTF-8]`, and `:LISTESCAPE` or
 * `:LISTESCAPE=no` for what it does not say. `~` is `home`; a relative path is taken from the working
 * directory. Throws `usage` naming what is not understood.
 */
export function parseMaildirLocation(spec: string, home: string): MaildirLocation {
  const [path = '', ...settings] = spec.replace(/^maildir:/, '').split(':');
  if (path === '') throw wrong(spec, 'it names no directory');
  const variable = /%(?:\{[^}]*\}|[A-Za-z]+)/.exec(spec)?.[0];
  if (variable !== undefined && !existsSync(absolutePath(path, home))) {
    throw wrong(
      spec,
      `"${variable}" in it is a variable of Dovecot's, which stands for something else for every user: write out what it is for this one`,
    );
  }
  const location = {
    root: absolutePath(path, home),
    layout: 'maildir++' as MaildirLocation['layout'],
    control: null as string | null,
    index: null as string | null,
    inbox: null as string | null,
    utf8: false,
    listescape: undefined as boolean | undefined,
  };
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    const key = (equals < 0 ? setting : setting.slice(0, equals)).toUpperCase();
    const value = equals < 0 ? '' : setting.slice(equals + 1);
    if (key === 'UTF-8' && equals < 0) location.utf8 = true;
    else if (key === 'LISTESCAPE' && /^(|yes|no)$/i.test(value)) location.listescape = !/^no$/i.test(value);
    else if (key === 'LAYOUT' && /^(fs|maildir\+\+)$/i.test(value)) {
      location.layout = value.toLowerCase() === 'fs' ? 'fs' : 'maildir++';
    } else if (key === 'INDEX' && value === 'MEMORY') location.index = null;
    else if (key === 'INDEX' && value !== '') location.index = absolutePath(value, home);
    else if (key === 'CONTROL' && value !== '') location.control = absolutePath(value, home);
    else if (key === 'INBOX' && value !== '') location.inbox = absolutePath(value, home);
    else if (!withoutMeaning.has(key)) throw wrong(spec, `"${setting}" in it is not understood`);
  }
  if (location.inbox === location.root) location.inbox = null;
  if (location.control === location.root) location.control = null; // as it is without, and said for good
  const { listescape, ...rest } = location;
  return listescape === undefined ? rest : { ...rest, listescape };
}

/** The location as a specification that means the same from any working directory and for any user. */
export function formatMaildirLocation(location: MaildirLocation): string {
  const { root, layout, index, control, inbox, utf8, listescape } = location;
  const settings = [
    ...(layout === 'fs' ? ['LAYOUT=fs'] : []),
    ...(index === null ? [] : [`INDEX=${index}`]),
    ...(control === null ? [] : [`CONTROL=${control}`]),
    ...(inbox === null ? [] : [`INBOX=${inbox}`]),
    ...(utf8 ? ['UTF-8'] : []),
    ...(listescape === undefined ? [] : [listescape ? 'LISTESCAPE' : 'LISTESCAPE=no']),
  ];
  return ['maildir', root, ...settings].join(':');
}

function wrong(spec: string, why: string): Failure {
  return new Failure('usage', `cannot use the store ${spec}: ${why}`, {
    hint: "A store is written like Dovecot's mail_location: maildir:~/Maildir, or maildir:~/Mail:LAYOUT=fs.",
  });
}
