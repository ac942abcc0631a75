import { homedir, hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { standardStreams } from '../terminal/streams/standard-streams.js';
import type { Environment } from './context/command-context.js';
import { installation } from './context/installation-root.js';
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
    version: installation()?.version ?? 'unknown',
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
