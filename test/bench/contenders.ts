import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { mailUser } from '../dovecot/mail-user.js';
import { isProgram, type MeasuredProgram } from './measure.js';

/** Something that mrepl is measured against: what it does, with which programs, and where it leaves the mail. */
export type Contender = {
  readonly name: string;
  readonly programs: readonly string[];
  /** Its commands, in order, each with the row it belongs to. All that it makes is in the directory `work`. */
  commands(source: string, work: string): readonly { readonly row: string; readonly program: MeasuredProgram }[];
  /** Where all messages have to be afterwards; null where it carries none. */
  target(work: string): string | null;
};

/** Those whose programs are here, and the names of the others. */
export function presentContenders(): { readonly present: readonly Contender[]; readonly missing: readonly string[] } {
  const isPresent = ({ programs }: Contender): boolean => programs.every(isProgram);
  return {
    present: contenders.filter(isPresent),
    missing: contenders.filter((one) => !isPresent(one)).map(({ name }) => name),
  };
}

const env = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' };

const tar: Contender = {
  name: 'tar and zstd',
  programs: ['tar', 'zstd'],
  commands(source, work) {
    const archive = join(work, 'mail.tar.zst');
    const target = emptyMaildir(join(work, 'unpacked'));
    const pack = `tar c -C ${source} . | zstd -3 -q -o ${archive} && sync ${archive}`;
    const unpack = `zstd -dc ${archive} | tar x -C ${target} && sync -f ${target}`;
    return [
      { row: 'tar c | zstd -3', program: { argv: shell(pack), cwd: work, env } },
      { row: 'zstd -dc | tar x', program: { argv: shell(unpack), cwd: work, env } },
    ];
  },
  target: (work) => join(work, 'unpacked'),
};

const rsync: Contender = {
  name: 'rsync -a',
  programs: ['rsync'],
  commands(source, work) {
    const argv = shell(`rsync -a ${source}/ ${join(work, 'copy')} && sync -f ${work}`);
    return [{ row: 'rsync -a', program: { argv, cwd: work, env } }];
  },
  target: (work) => join(work, 'copy'),
};

const mbsync: Contender = {
  name: 'mbsync',
  programs: ['mbsync'],
  commands(source, work) {
    const target = emptyMaildir(join(work, 'near'));
    mkdirSync(join(work, 'state'));
    const config = join(work, 'mbsync.conf');
    const store = (name: string, path: string): string =>
      `MaildirStore ${name}\nInbox ${path}\nSubFolders Maildir++\n\n`;
    const channel = `Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState ${work}/state/\n`;
    writeFileSync(config, store('far', source) + store('near', target) + channel);
    return [
      {
        row: 'mbsync',
        program: { argv: ['mbsync', '-q', '-c', config, '-a'], cwd: work, env: { ...env, HOME: work } },
      },
    ];
  },
  target: (work) => join(work, 'near'),
};

const doveadm: Contender = {
  name: 'doveadm sync',
  programs: ['doveadm'],
  commands(source, work) {
    const user = mailUser();
    const target = join(work, 'replica'); // it makes the inbox itself, or finds another one there
    const config = join(work, 'dovecot.conf');
    const internal = `default_internal_user = ${user.name}\ndefault_internal_group = ${user.group}\ndefault_login_user = ${user.name}`;
    const settings = [
      `protocols =\nssl = no\nlog_path = /dev/stderr\nbase_dir = ${work}/run\nstate_dir = ${work}/run`,
      `mail_location = maildir:${source}\nmail_uid = ${user.name}\nmail_gid = ${user.group}\nfirst_valid_uid = 1`,
      `${internal}\nnamespace inbox {\n  inbox = yes\n}\n`,
    ];
    writeFileSync(config, settings.join('\n'));
    mkdirSync(join(work, 'run'));
    user.own(work);
    const argv = user.command(['doveadm', '-c', config, 'sync', '-f', `maildir:${target}`]);
    const home = { HOME: work, USER: userInfo().uid === 0 ? user.name : userInfo().username };
    return [{ row: 'doveadm sync', program: { argv, cwd: work, env: { ...env, ...home } } }];
  },
  target: (work) => join(work, 'replica'),
};

const node: Contender = {
  name: 'node -e 0',
  programs: [],
  commands: (_source, work) => [{ row: 'node -e 0', program: { argv: [process.execPath, '-e', '0'], cwd: work, env } }],
  target: () => null,
};

const contenders: readonly Contender[] = [tar, rsync, mbsync, doveadm, node];

/** A shell command that fails where any of its programs does. */
function shell(command: string): readonly string[] {
  return ['bash', '-c', `set -o pipefail; ${command}`];
}

/** Makes it, and answers its path. */
export function emptyMaildir(path: string): string {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true });
  return path;
}
