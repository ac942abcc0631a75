import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { standardStreams } from '../terminal/streams/standard-streams.js';
import type { Environment } from './context/command-context.js';
import { endInterrupted, listenForSignals } from './context/listen-for-signals.js';
import { runCommandLine } from './run-command-line.js';

/** The program: the only function that looks at the process it runs in. */
export async function main(): Promise<void> {
  const interruption = listenForSignals();
  const streams = standardStreams();
  const environment = environmentOf(process);
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    environment,
    streams,
    interruption,
    version: version(),
  });
  await endInterrupted(interruption);
}

function environmentOf({ env, execPath, argv }: NodeJS.Process): Environment {
  return {
    env,
    home: env.HOME || homedir(),
    get cwd() {
      return process.cwd();
    },
    userName: env.USER || userNameOf(),
    machineName: hostname(),
    nowMs: Date.now,
    program: [execPath, resolve(argv[1] ?? 'mrepl')],
  };
}

/** Empty for a user without an entry in the password database, as containers have them. */
function userNameOf(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** From package.json, which lies above the compiled files wherever those are. */
function version(): string {
  for (const above of ['../../../package.json', '../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8'));
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
    } catch {
      // The next place is tried; without any the version is unknown, which no command depends on.
    }
  }
  return 'unknown';
}
