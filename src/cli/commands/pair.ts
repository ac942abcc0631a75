import { type Command, Option } from 'commander';
import { Failure } from '../../failure.js';
import type { PairOptions, PairReport } from '../../flow/identity/pair-hosts.js';
import type { Session } from '../../flow/session/account-session.js';
import type { CardFile } from '../../medium/card-files.js';
import { rightOf, rights } from '../../replica/peer-permission.js';
import type { Fingerprint } from '../../trust/identity/card-fingerprint.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus, statusOfFailure } from '../context/exit-status.js';
import { newMediumPolicy } from '../context/new-medium-policy.js';
import { runOption } from '../options/common-options.js';
import { runWaitMs } from '../options/default-lock-wait-times.js';

/**
 * `mrepl pair DIR`, `CARD...`, or `-` for a pipe: reports then go to standard error. Ends with 3 where the user took a
 * card for none of his, and with the status of `untrusted` where a card is false.
 */
export function addPair(program: Command, run: Runner): void {
  program
    .command('pair')
    .summary('get to know the other hosts')
    .description(
      'Leaves the identity card of this host in DIR, and takes up the cards of other hosts that lie there, after a look at\n' +
        'their fingerprints. Bundles are taken from paired hosts only, and sealed so that nobody else can read them.',
    )
    .argument('<dir|card...>', 'the stick, or any directory that gets there; cards of other hosts; or - for a pipe')
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
    .addOption(runOption.newMedium())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl pair /media/usb        # on one host, then on the other, then on the first once more
  $ mrepl pair /media/usb --fingerprint 7g3k-2m9x-...
  $ mrepl pair - > home.card     # the card, to be sent by any way; there: mrepl pair home.card
  $ mrepl pair /media/usb --right append   # a laptop: only its new mail is to be taken`,
    )
    .action(async (places: string[], _options: unknown, command: Command) => {
      const isPipe = places.length === 1 && places[0] === '-';
      const work = async (context: Context): Promise<number> => {
        const { common, raw, output, settings, openAccount } = context;
        const { pairQuestion } = await import('../../terminal/text/setup/pair-and-peers-text.js');
        const { namesOfNobody } = await import('../context/names-for-reports.js');
        const fingerprints = await parseFingerprints(raw.fingerprint);
        const right = rightOf(raw.right);
        const rightMax = (await settings()).pairRight.value;
        const session = await openAccount(runWaitMs);
        const report = await pairAt(
          context,
          { session, places },
          {
            fingerprints,
            ...(right === null ? {} : { right }),
            ...(rightMax === null ? {} : { rightMax }),
            newMedium: newMediumPolicy(context),
            accept: async (question) => common.yes || (await output.confirm(pairQuestion(question))) === true,
          },
        );
        await output.report(report, namesOfNobody);
        return statusOfPairing(report);
      };
      await run(command, work, { reportsTo: isPipe ? 'stderr' : 'stdout' });
    });
}

/**
 * Through a directory, by files with cards, or through a pipe: then the own card goes first, as the other side may wait
 * for it.
 */
async function pairAt(
  { streams }: Context,
  { session, places }: { readonly session: Session; readonly places: readonly string[] },
  options: PairOptions,
): Promise<PairReport> {
  const { pairByCards, pairThrough } = await import('../../flow/identity/pair-hosts.js');
  const [first = ''] = places;
  if (places.length === 1 && first === '-') {
    const { cardsFrom } = await import('../../medium/read-cards-from-pipe.js');
    const { writeToPipe } = await import('../../bundle/write/write-to-pipe.js');
    const cards = async (): Promise<CardFile[]> => (streams.stdin.isTTY === true ? [] : cardsFrom(streams.stdin));
    const send = (card: Uint8Array): Promise<void> => writeToPipe(streams.stdout, card, 'card');
    return pairByCards(session, { target: '-', cards, send }, options);
  }
  const { placesOf } = await import('../options/bundle-arguments.js');
  const { directory, files } = await placesOf(places, 'pairing');
  if (directory !== null) return pairThrough(session, directory, options);
  const { readCard } = await import('../../medium/card-files.js');
  return pairByCards(session, { target: files.join(', '), cards: async () => files.map(readCard) }, options);
}

async function parseFingerprints(given: unknown): Promise<ReadonlySet<Fingerprint>> {
  const { parseFingerprint } = await import('../../trust/identity/card-fingerprint.js');
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
