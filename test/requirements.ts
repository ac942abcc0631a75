import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Programs that tests run, by name or path, and the Debian package that has each. Standard tools of every Debian system are not listed. */
const packages: Readonly<Record<string, string>> = {
  age: 'age',
  chromium: 'chromium',
  'age-keygen': 'age',
  dovecot: 'dovecot-imapd',
  doveadm: 'dovecot-imapd',
  '/usr/lib/dovecot/lmtp': 'dovecot-lmtpd',
  fish: 'fish',
  groff: 'groff-base',
  mandoc: 'mandoc',
  mbsync: 'isync',
  openssl: 'openssl',
  notmuch: 'notmuch',
  'systemd-analyze': 'systemd',
  tar: 'tar',
  unshare: 'util-linux',
  python3: 'python3',
  prlimit: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
  setpriv: 'util-linux',
  'ssh-keygen': 'openssh-client',
  bzip2: 'bzip2',
  lz4: 'lz4',
  xz: 'xz-utils',
  zsh: 'zsh',
  zstd: 'zstd',
};

/** Servers lie in sbin, which is not in everybody's PATH. */
const moreDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** PATH as tests need it. */
export function searchPath(path: string): string {
  return [...new Set([...path.split(delimiter), ...moreDirectories])].filter(Boolean).join(delimiter);
}

/**
 * Sees to it that everything the tests need is there: what is missing is installed from Debian packages where this may be done (root,
 * apt-get). Answers the one command that a person has to run, or null where nothing is missing.
 */
export function installRequirements(path: string): string | null {
  if (missing(path).length === 0) return null;
  const names = [...new Set(missing(path).map((program) => packages[program] ?? program))].sort();
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...names];
  const isRoot = process.getuid?.() === 0;
  if (isRoot && isThere('apt-get', path)) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const [program = '', ...args] of [['apt-get', 'update'], install]) {
      const { status } = spawnSync(program, args, { stdio: ['ignore', 2, 2], env });
      if (status !== 0) break;
    }
  }
  return missing(path).length === 0 ? null : `sudo sh -c 'apt-get update && ${install.join(' ')}'`;
}

function missing(path: string): string[] {
  return Object.keys(packages).filter((program) => !isThere(program, path));
}

function isThere(program: string, path: string): boolean {
  const directories = isAbsolute(program) ? ['/'] : path.split(delimiter);
  return directories.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this directory, or not for us
    }
  });
}
