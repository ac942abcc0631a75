import type { Command } from 'commander';
import type { Runner } from '../context/command-context.js';

/**
 * `mrepl inspect FILE`. Needs no account: a bundle in the clear can be looked at by anybody, a sealed one with the keys
 * of this host.
 */
export function addInspect(program: Command, run: Runner): void {
  program
    .command('inspect')
    .summary('what a bundle holds')
    .description('Shows what a bundle holds, mailbox by mailbox. Reads no text, changes nothing.')
    .argument('<file>', 'a bundle')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl inspect /media/usb/mrepl/alice/home-000042.tar.zst.age
  $ zstd -dc home-000042.tar.zst | tar tf -    # the same bundle, by other tools`,
    )
    .action(async (file: string, _options: unknown, command: Command) => {
      await run(command, async ({ output, settings }) => {
        const { inspectBundle } = await import('../../check/inspect-bundle.js');
        const { keysAtHand } = await import('../context/load-decryption-keys.js');
        const { namesOfAccount } = await import('../context/names-for-reports.js');
        const { fileOf } = await import('../options/bundle-arguments.js');
        const config = await settings();
        const identities = keysAtHand(config);
        const report = await inspectBundle(await fileOf(file, 'reading a bundle'), { identities });
        await output.report(report, await namesOfAccount(config, report.account));
        return 0;
      });
    });
}
