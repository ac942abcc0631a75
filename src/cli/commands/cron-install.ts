import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { Failure } from '../../failure.js';
import { replaceFile } from '../../fs/durable-write.js';
import { ifPresent } from '../../fs/errno.js';
import { isUnusable, readUntrusted } from '../../fs/open-untrusted-file.js';
import type { ScheduleReport } from '../../terminal/output/schedule-report-type.js';
import type { Environment } from '../context/command-context.js';
import { type UnitFile, unitMark } from './cron-schedule.js';

type UserWorld = Pick<Environment, 'env' | 'home'>;

/** Bytes of a unit that is read, inclusive: many times what mrepl writes. */
const unitBytesMax = 1 << 20;

/** The units that are started; the service is what they start. */
const started: readonly string[] = ['mrepl.timer', 'mrepl.path'];

/**
 * Puts units in place for this user and has systemd start them. What other files of these names hold is kept beside
 * them. Throws `cannot-create` where nothing can be written.
 */
export function installUnits(units: readonly UnitFile[], world: UserWorld): ScheduleReport {
  const directory = userUnitDirectory(world);
  const kept: string[] = [];
  try {
    mkdirSync(directory, { recursive: true });
    for (const { name, text } of units) {
      const path = join(directory, name);
      const before = ifPresent(() => readUnit(path));
      if (before === text) continue;
      if (before !== null) {
        renameSync(path, `${path}.old`);
        kept.push(`${name}.old`);
      }
      replaceFile(path, text, { fileMode: 0o644, dirMode: 0o755 });
    }
  } catch (cause) {
    throw cannotChange(directory, cause);
  }
  const why =
    systemctl(world, ['daemon-reload']) ??
    systemctl(world, ['enable', '--now'].concat(started)) ??
    systemctl(world, ['restart'].concat(started));
  const toType = ['systemctl --user daemon-reload', `systemctl --user enable --now ${started.join(' ')}`];
  const files = units.map(({ name }) => name);
  return { kind: 'cron', done: 'installed', directory, files, kept, isRunning: why === null, toType, why };
}

/** A unit that mrepl or this user wrote, who may have made a link of it. Throws where it is none that could be one. */
function readUnit(path: string): string {
  return readUntrusted(path, { links: 'follow', bytesMax: unitBytesMax }).toString();
}

/** What could be no unit, such as a FIFO, is none of mrepl's. */
function isWrittenByMrepl(path: string): boolean {
  try {
    return readUnit(path).startsWith(unitMark);
  } catch (cause) {
    if (isUnusable(cause)) return false;
    throw cannotChange(dirname(path), cause);
  }
}

/** Undoes `installUnits`: stops the units and removes their files, as far as mrepl has written them. */
export function removeUnits(units: readonly UnitFile[], world: UserWorld): ScheduleReport {
  const directory = userUnitDirectory(world);
  const names = units.map(({ name }) => name).filter((name) => existsSync(join(directory, name)));
  const isOurs = (name: string): boolean => isWrittenByMrepl(join(directory, name));
  const files = names.filter(isOurs);
  const report = { kind: 'cron', done: 'removed', directory, files, isRunning: false } as const;
  const kept = names.filter((name) => !files.includes(name));
  if (files.length === 0) return { ...report, kept, toType: [], why: null };
  const stopped = systemctl(world, ['disable', '--now'].concat(started.filter((name) => files.includes(name))));
  try {
    for (const name of files) rmSync(join(directory, name));
    // Without systemd nobody took away what has the units started at login.
    for (const name of started)
      rmSync(join(directory, `${name.replace(/.*\./, '')}s.target.wants`, name), { force: true });
  } catch (cause) {
    throw cannotChange(directory, cause);
  }
  const why = stopped ?? systemctl(world, ['daemon-reload']);
  return { ...report, kept, toType: ['systemctl --user daemon-reload'], why };
}

function userUnitDirectory({ env, home }: UserWorld): string {
  const base = env.XDG_CONFIG_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(home, '.config'), 'systemd', 'user');
}

/** Null where it did what it was told; else why not, in a line. */
function systemctl({ env }: UserWorld, words: readonly string[]): string | null {
  const own = `/run/user/${process.getuid?.() ?? 0}`; // logins by su and ssh do not always say so
  const runtime = env.XDG_RUNTIME_DIR ?? (existsSync(own) ? own : undefined);
  const surroundings = { ...env, ...(runtime === undefined ? {} : { XDG_RUNTIME_DIR: runtime }) };
  const { error, status, stderr } = spawnSync('systemctl', ['--user'].concat(words), {
    encoding: 'utf8',
    env: surroundings,
  });
  if (error !== undefined) return 'systemctl is not here';
  return status === 0 ? null : (stderr.trim().split('\n')[0] ?? '') || `systemctl ended with status ${status}`;
}

function cannotChange(directory: string, cause: unknown): Failure {
  return new Failure('cannot-create', `changing units in ${directory}: ${(cause as Error).message}`, {
    hint: 'See "mrepl help cron" for what they hold, and put them in place by hand.',
    cause,
  });
}
