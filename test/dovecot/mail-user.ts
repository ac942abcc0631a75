import { spawnSync } from 'node:child_process';
import { chownSync, lchownSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Who a private Dovecot runs as. Dovecot serves no mail as root, so that a test that runs as root needs somebody else; everybody
 * else is just themselves.
 */
export type MailUser = {
  readonly name: string;
  readonly group: string;
  /** The command that runs `argv` as this user. */
  command(argv: readonly string[]): readonly string[];
  /** Gives a directory and all that is in it to this user. */
  own(directory: string): void;
};

/** Base users of Debian that own nothing of value; uid and gid are fixed there (base-passwd). */
const standIn = { name: 'mail', uid: 8, gid: 8 };

/**
 * As root: a user namespace in which root's files belong to `mail`, so that Dovecot sees an ordinary user and everything on disk
 * stays root's. Where namespaces are forbidden, as in some containers, Dovecot runs as `mail` itself; mrepl refuses to work for root in what is `mail`'s,
 * so that the tests with a Dovecot need either namespaces or another user than root.
 */
export function mailUser(): MailUser {
  const { uid, gid, username } = userInfo();
  if (uid !== 0) {
    return { name: username, group: groupOf(gid), command: (argv) => argv, own: () => {} };
  }
  const mapped = ['unshare', '--user', `--map-user=${standIn.uid}`, `--map-group=${standIn.gid}`, '--'];
  const [program = '', ...rest] = mapped;
  if (process.env.MREPL_TEST_NAMESPACES !== 'no' && spawnSync(program, [...rest, 'true']).status === 0) {
    const { name } = standIn;
    return { name, group: name, command: (argv) => [...mapped, ...argv], own: () => {} };
  }
  return {
    name: standIn.name,
    group: standIn.name,
    command: (argv) => ['setpriv', `--reuid=${standIn.uid}`, `--regid=${standIn.gid}`, '--clear-groups', '--', ...argv],
    own: (directory) => chownAll(directory, standIn.uid, standIn.gid),
  };
}

function groupOf(gid: number): string {
  const { stdout } = spawnSync('id', ['-gn'], { encoding: 'utf8' });
  return stdout.trim() || String(gid);
}

function chownAll(directory: string, uid: number, gid: number): void {
  chownSync(directory, uid, gid);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) chownAll(path, uid, gid);
    else lchownSync(path, uid, gid);
  }
}
