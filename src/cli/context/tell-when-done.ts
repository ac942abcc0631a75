import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../failure.js';
import type { ImportReport, SyncReport } from '../../flow/reports/run-report-types.js';
import { isMountPoint } from '../../medium/name-and-list-bundle-files.js';
import { troublesOf } from '../../terminal/output/run-troubles.js';
import type { Context, Environment } from './command-context.js';
import { hasWork } from './exit-status-of-run.js';

/** A notification that does not come through must not hold a run up. Milliseconds. */
const notificationMsMax = 5_000;

/** Output of a program that is shown at the most, in bytes. */
const outputBytesMax = 1 << 20;

/**
 * After a sync: says that a stick can be taken out, where this run did something with it or found it for the first
 * time. `notify` is a command that gets the sentence as its last argument; without one the desktop shows it, where
 * there is a session and nobody sits at the terminal. Answers what went wrong with that, or null.
 */
export async function tellWhenDone(
  context: Context,
  reports: readonly SyncReport[],
  notify: string | null,
): Promise<Failure | null> {
  const atTerminal = context.streams.stderr.isTTY === true;
  if (notify === '' || (notify === null && atTerminal)) return null;
  let trouble: Failure | null = null;
  for (const report of reports) {
    const isStick = existsSync(report.target) && isMountPoint(report.target);
    if (notify === null && !isStick) continue;
    const isNew = context.memory?.isNewStick(report.target) ?? false;
    const isPulled = report.failure?.code === 'medium-lost';
    if (!isNew && !isPulled && !hasWork(report)) continue; // what stays wrong is told by the report, and not each time
    const sentence = sentenceAbout(report, isStick);
    if (notify === null) await showOnDesktop(sentence, context.environment);
    else {
      const failure = await runForUser({ option: '--notify', command: notify, args: [sentence] }, context);
      trouble ??= failure;
    }
  }
  return trouble;
}

function sentenceAbout(report: SyncReport, isStick: boolean): string {
  const name = basename(resolve(report.target)) || report.target;
  if (report.failure !== null) return `${name}: ${report.failure.message}`;
  const count = troublesOf(report).length;
  const done = count === 0 ? 'done' : `done, but something needs you: mrepl sync ${report.target}`;
  return isStick
    ? `${name}: ${done}${count === 0 ? ': ' : '; '}you can take it out, once it is unmounted`
    : `${name}: ${done}`;
}

/** Where notify-send or the session is missing, nobody is there to be told. */
async function showOnDesktop(sentence: string, { env }: Environment): Promise<void> {
  const bus = `/run/user/${process.getuid?.() ?? 0}/bus`; // cron and systemd do not say where the session is
  const address = env.DBUS_SESSION_BUS_ADDRESS ?? (existsSync(bus) ? `unix:path=${bus}` : null);
  if (address === null) return;
  const surroundings = { ...env, DBUS_SESSION_BUS_ADDRESS: address };
  const words = ['--app-name=mrepl', '--', 'mrepl', sentence];
  await promisify(execFile)('notify-send', words, { env: surroundings, timeout: notificationMsMax }).catch(() => null);
}

/** Runs what the user gave with --exec, where an import changed something. Answers what went wrong, or null. */
export async function runAfterImport(
  command: string | null,
  { imports, context }: { readonly imports: readonly ImportReport[]; readonly context: Context },
): Promise<Failure | null> {
  if (command === null || command === '' || !imports.some(hasWork)) return null;
  return runForUser({ option: '--exec', command, args: [] }, context);
}

/** A command line of the user's, by the shell. What it prints is shown, with --quiet only where it fails. */
async function runForUser(
  { option, command, args }: { readonly option: string; readonly command: string; readonly args: readonly string[] },
  { environment: { env }, streams, common }: Context,
): Promise<Failure | null> {
  const line = args.length === 0 ? command : `${command} "$@"`;
  const show = common.json ? streams.err : streams.out;
  try {
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', line, 'mrepl', ...args], {
      env,
      maxBuffer: outputBytesMax,
    });
    if (!common.quiet) {
      show(stdout);
      streams.err(stderr);
    }
    return null;
  } catch (cause) {
    const { stdout = '', stderr = '', code } = cause as { stdout?: string; stderr?: string; code?: unknown };
    streams.err(`${stdout}${stderr}`);
    const end = typeof code === 'number' ? `status ${code}` : String(code ?? 'a signal');
    return new Failure('io', `the command of ${option} ended with ${end}; the exchange itself was finished`, {
      hint: `Try it by itself: ${command}`,
      cause,
    });
  }
}
