import { type Command, InvalidArgumentError } from 'commander';
import type { LogEntry } from '../../catalog/interface/log-catalog.js';
import type { MessageChange } from '../../flow/reports/message-change-type.js';
import type { Session } from '../../flow/session/account-session.js';
import type { Runner } from '../context/command-context.js';
import { lookWaitMs } from '../options/default-lock-wait-times.js';
import { parseMoment } from '../options/parse-time.js';

const linesUnasked = 20;

/** As many as the catalog ever keeps. */
const linesMax = 10_000;

/** `mrepl log`. Reads the catalog only; with `--messages` the store as well, for their subjects. */
export function addLog(program: Command, run: Runner): void {
  program
    .command('log')
    .summary('what was exchanged, and when')
    .description('Shows what was exchanged when, and what it did; the newest last.')
    .option('-n, --lines <count>', 'how many runs to show; with --since all of them', parseCount)
    .option('--since <time>', 'runs since then: 2026-11-20, "2026-11-20 14:30", or so long ago: 6h, 3d, 2w')
    .option('--messages', 'with the messages that came and went, as far as their texts are here still')
    .option('--plot', 'draw messages and bytes of each run, and how old the news of each peer was')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl log
  $ mrepl log --since 3d --messages
  $ mrepl log --since 2w --plot
  $ mrepl log --lines 1000 --json`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ raw, output, environment, readAccount, openAccount }) => {
        const { namesFrom } = await import('../context/names-for-reports.js');
        const nowS = Math.floor(environment.nowMs() / 1000);
        const sinceS = raw.since === undefined ? null : parseMoment(String(raw.since), { option: '--since', nowS });
        const lines = typeof raw.lines === 'number' ? raw.lines : sinceS === null ? linesUnasked : linesMax;
        const session = raw.messages === true ? await openAccount(lookWaitMs) : null;
        const reading = session ?? (await readAccount());
        const records = reading.catalog.entries(lines).filter(({ atS }) => sinceS === null || atS >= sinceS);
        const messages = session === null ? null : await describeEach(session, records);
        await output.report({ kind: 'log', records, messages, isDrawn: raw.plot === true }, namesFrom(reading));
        return 0;
      });
    });
}

async function describeEach(session: Session, records: readonly LogEntry[]): Promise<MessageChange[][]> {
  const { describeLogged } = await import('../../flow/run/describe-logged-messages.js');
  const messages: MessageChange[][] = [];
  for (const record of records) messages.push(await describeLogged(session, record));
  return messages;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
