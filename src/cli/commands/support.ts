import type { Command } from 'commander';
import { Failure } from '../../failure.js';
import { replaceFile } from '../../fs/durable-write.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { textOf } from '../options/common-options.js';

/** `mrepl support`: what to send to whoever helps. Asks nothing, needs no account. */
export function addSupport(program: Command, run: Runner, version: string): void {
  program
    .command('support')
    .summary('a report for whoever helps')
    .description(
      'Prints what somebody who helps needs to know: versions, settings that differ, and of each account counts, what\n' +
        'doctor finds, and what the last runs did. No mail, subject, name, path, address or key is in it.',
    )
    .option('--output <file>', 'write it to this file instead')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl support
  $ mrepl support --output report.txt`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, (context) => support(context, version));
    });
}

async function support(context: Context, version: string): Promise<number> {
  const { common, raw, streams } = context;
  const { gatherForSupport } = await import('./support-facts.js');
  const { supportText } = await import('../../terminal/text/read-only/support-text.js');
  const { jsonLine } = await import('../../terminal/json/json-line.js');
  const report = await gatherForSupport(context, version);
  const text = common.json ? `${jsonLine(report)}\n` : supportText(report);
  const file = textOf(raw.output);
  if (file === null) streams.out(text);
  else {
    try {
      replaceFile(file, text, { fileMode: 0o600, dirMode: 0o700 });
    } catch (cause) {
      throw new Failure('cannot-create', `writing the report to ${file}: ${(cause as Error).message}`, { cause });
    }
  }
  return exitStatus.done;
}
