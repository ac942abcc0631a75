import { type Command, Option } from 'commander';
import { Failure } from '../failure.js';
import type { PairReport } from '../flow/pair.js';
import { rightOf, rights } from '../replica/right.js';
import type { Fingerprint } from '../trust/fingerprint.js';
import type { Runner } from './context.js';
import { exitStatus, statusOfFailure } from './exit-status.js';
import { runWaitMs } from './waiting.js';

export function addPair(program: Command, run: Runner): void {
  program
    .command('pair')
    .summary('get to know the other hosts')
    .description(
      'Leaves the identity card of this host in DIR, and takes up the cards of other hosts that lie there, after a look at\n' +
        'their fingerprints. Bundles are taken from paired hosts only, and sealed so that nobody else can read them.',
    )
    .argument('<dir>', 'the stick, or any directory that gets there')
    .option(
      '--fingerprint <fingerprint>',
      'take up the card that has it, asking nothing (may be repeated)',
      (text: string, before: string[] = []) => [...before, text],
    )
    .addOption(
      new Option(
        '--right <right>',
        'what the hosts taken up may do: full, everything; append, add new mail; read, nothing',
      ).choices(rights),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl pair /media/usb        # on one host, then on the other, then on the first once more
  $ mrepl pair /media/usb --fingerprint 7g3k-2m9x-...
  $ mrepl pair /media/usb --right append   # a laptop: only its new mail is to be taken`,
    )
    .action(async (directory: string, _options: unknown, command: Command) => {
      await run(command, async ({ common, raw, output, settings, openAccount }) => {
        const { pairThrough } = await import('../flow/pair.js');
        const { pairQuestion } = await import('../terminal/text/peers-text.js');
        const { namesOfNobody } = await import('./session-names.js');
        const fingerprints = await parseFingerprints(raw.fingerprint);
        const right = rightOf(raw.right);
        const rightMax = (await settings()).pairRight.value;
        const session = await openAccount(runWaitMs);
        const report = await pairThrough(session, directory, {
          fingerprints,
          ...(right === null ? {} : { right }),
          ...(rightMax === null ? {} : { rightMax }),
          accept: async (question) => common.yes || (await output.confirm(pairQuestion(question))) === true,
        });
        await output.report(report, namesOfNobody);
        return statusOfPairing(report);
      });
    });
}

async function parseFingerprints(given: unknown): Promise<ReadonlySet<Fingerprint>> {
  const { parseFingerprint } = await import('../trust/fingerprint.js');
  const texts = Array.isArray(given) ? given.map(String) : [];
  return new Set(
    texts.map((text) => {
      const fingerprint = parseFingerprint(text);
      if (fingerprint !== null) return fingerprint;
      throw new Failure('usage', `"${text}" is no fingerprint`, {
        hint: 'A fingerprint has six groups of four, as "mrepl peers" on the other host shows it.',
      });
    }),
  );
}

function statusOfPairing({ hosts, troubles }: PairReport): number {
  if (troubles.some(({ failure }) => failure.code === 'untrusted')) return statusOfFailure('untrusted');
  const isUndecided = hosts.some(({ outcome }) => outcome === 'declined');
  return isUndecided || troubles.length > 0 ? exitStatus.partly : exitStatus.done;
}
