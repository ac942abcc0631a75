import type { Command } from 'commander';
import type { Runner } from './context.js';

export function addInspect(program: Command, run: Runner): void {
  program
    .command('inspect')
    .summary('what a bundle holds')
    .description('Shows what a bundle holds, mailbox by mailbox. Needs no account, reads no text, changes nothing.')
    .argument('<file>', 'a bundle')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl inspect /media/usb/mrepl/alice/home-000042.tar.zst
  $ zstd -dc home-000042.tar.zst | tar tf -    # the same bundle, by other tools`,
    )
    .action(async (file: string, _options: unknown, command: Command) => {
      await run(command, async ({ output }) => {
        const { inspectBundle } = await import('../check/inspect.js');
        const { namesOfNobody } = await import('./session-names.js');
        await output.report(await inspectBundle(file), namesOfNobody);
        return 0;
      });
    });
}
