import type { Command } from 'commander';
import { type Failure, isOfOneThing } from '../../failure.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus, statusOfFailure } from '../context/exit-status.js';

/**
 * `mrepl verify DIR` or `FILE...`. Needs no account. Ends with the status of the first bundle that something is wrong
 * with; bundles sealed to others only, which cannot be read here, are told and do not hide what is said of the rest.
 */
export function addVerify(program: Command, run: Runner): void {
  program
    .command('verify')
    .summary('check every byte of bundles')
    .description(
      'Reads bundles to the last byte and checks signature, frames, hashes, order and completeness. Changes nothing.',
    )
    .argument('<dir|file...>', 'a directory with bundles, or one or more bundles')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl verify /media/usb
  $ mrepl verify home-000042.tar.zst && echo intact`,
    )
    .action(async (paths: string[], _options: unknown, command: Command) => {
      await run(command, (context) => verify(paths, context));
    });
}

async function verify(paths: readonly string[], { output, settings }: Context): Promise<number> {
  const { placesOf } = await import('../options/bundle-arguments.js');
  const { bundlesUnder } = await import('../../check/list-bundles-in-directory.js');
  const { verifyBundle } = await import('../../check/verify-bundle.js');
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  const { directory, files } = await placesOf(paths, 'verifying bundles');
  const bundles = directory === null ? files : await bundlesUnder(directory);
  const { keysAtHand } = await import('../context/load-decryption-keys.js');
  const identities = keysAtHand(await settings());
  let status: number = exitStatus.done;
  let sealedToOthers: Failure | null = null;
  let checked = 0;
  for (const file of bundles) {
    let worst: Failure | undefined;
    try {
      const report = await verifyBundle(file, { identities });
      await output.report(report, namesOfNobody);
      checked++;
      [worst] = report.findings;
    } catch (cause) {
      if (directory !== null && isOfOneThing(cause, 'medium-absent')) continue; // its host has just removed it
      // One that may not be read, or is for others, does not keep the rest from being looked at.
      const isForOthers = isOfOneThing(cause, 'bundle-not-for-us');
      const isPassedOver = isOfOneThing(cause, 'io') && bundles.length > 1;
      if (!isForOthers && !isPassedOver) throw cause;
      await output.warn([{ subject: file, failure: cause }]);
      if (isForOthers) sealedToOthers = cause;
      else worst = cause;
    }
    if (worst !== undefined && status === exitStatus.done) status = statusOfFailure(worst.code);
  }
  if (status !== exitStatus.done || sealedToOthers === null) return status;
  return checked > 0 ? exitStatus.partly : statusOfFailure(sealedToOthers.code);
}
