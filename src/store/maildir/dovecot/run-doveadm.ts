import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { askDoveconf, doveadmConfig, isBefore24 } from './read-dovecot-config.js';

/** How `doveadm` is run for one store. */
export type Doveadm = {
  /**
   * Runs a command of `doveadm`, such as `['mailbox', 'status']`, with these arguments, and gives what it prints, in
   * columns with tabs between; `rotating`: so that index logs begin anew. `onMissing` is told what it complains of
   * where something is not there, and what else it printed is the answer; without it that throws `io`, as everything
   * else does.
   */
  run(
    command: readonly string[],
    args: readonly string[],
    how?: { readonly rotating?: boolean; onMissing?: (complaint: string) => void },
  ): Promise<string>;
  close(): void;
};

/**
 * One command looks at every mailbox of an account, or changes one; a thousand mailboxes take seconds. Milliseconds:
 * then the server is stuck, for example on a lock that nobody gives back.
 */
const commandTimeoutMs = 120_000;

/** EX_NOHOST of sysexits.h, by which doveadm says that a mailbox, or one of several, is not there. */
const notFoundStatus = '68';

/** What a command may print, in bytes: a line for each of 100,000 mailboxes fits many times. */
const outputBytesMax = 256 << 20;

export type DoveadmSetup = {
  readonly location: MaildirLocation;
  /** The program and its first arguments: `['doveadm']`. */
  readonly command: readonly string[];
};

/**
 * Makes ready to run `doveadm`, as the user who runs mrepl, with a configuration of its own for just this store.
 * `problem` says why that cannot be.
 */
export async function openDoveadm({
  location,
  command,
}: DoveadmSetup): Promise<Doveadm | { readonly problem: string }> {
  const [program, ...first] = command;
  if (program === undefined) return { problem: 'mrepl was told not to run doveadm' };
  const isRoots = process.getuid?.() === 0;
  if (isRoots && program === 'doveadm') return { problem: 'the store belongs to root, for whom Dovecot does nothing' };
  const facts = await askDoveconf();
  if (facts === null) return { problem: 'there is no doveconf that can be run here' };
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-doveadm-'));
  const close = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const files = new Map<boolean, string>();
    for (const rotating of [false, true]) {
      const file = join(directory, rotating ? 'rotating.conf' : 'dovecot.conf');
      writeFileSync(file, doveadmConfig(location, facts, { rotating }), { mode: 0o600 });
      files.set(rotating, file);
    }
    // Dovecot 2.4 wants to be told that there is no user to be looked up, which 2.3 does not know.
    const withoutLookup = isBefore24(facts) ? [] : ['--no-userdb-lookup'];
    return {
      close,
      run: (command, args, { rotating = false, onMissing } = {}) =>
        new Promise((resolve, reject) => {
          const options = {
            timeout: commandTimeoutMs,
            maxBuffer: outputBytesMax,
          };
          // cron may not have said who the user is, without which Dovecot does nothing
          const surroundings = ['USER=mrepl', `HOME=${directory}`, 'LC_ALL=C'];
          const all = [...surroundings, program, ...first, '-c', files.get(rotating) ?? '', '-f', 'tab', ...command];
          execFile('env', [...all, ...withoutLookup, ...args], options, (error, stdout, stderr) => {
            if (error === null) resolve(stdout);
            else if (onMissing !== undefined && String(error.code) === notFoundStatus) {
              onMissing(stderr);
              resolve(stdout);
            } else reject(failed(command, stderr || error.message));
          });
        }),
    };
  } catch (cause) {
    close();
    throw cause;
  }
}

function failed(command: readonly string[], complaint: string): Failure {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '' && !line.includes('stats-writer'));
  return new Failure('io', `asking Dovecot (doveadm ${command.join(' ')}): ${lines[0]?.trim() ?? 'it failed'}`, {
    hint: 'The mail is as it should be; what is behind is what the server tells clients of changes (CONDSTORE). The next run tries again.',
  });
}
