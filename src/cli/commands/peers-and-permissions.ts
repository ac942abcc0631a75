import { fstatSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { Failure } from '../../failure.js';
import type { PeersReport } from '../../flow/identity/manage-peers.js';
import type { Session } from '../../flow/session/account-session.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { type Right, rights } from '../../replica/peer-permission.js';
import type { StandardStreams } from '../../terminal/streams/standard-streams.js';
import type { Context, Runner } from '../context/command-context.js';
import { hostNameArgument } from '../options/account-and-host-names.js';
import { lookWaitMs, runWaitMs } from '../options/default-lock-wait-times.js';

/**
 * `mrepl peers` and what stands below it: `rename`, `limit`, `revoke`, `export-key`. Those that change something show
 * the peers as they are afterwards.
 */
export function addPeers(program: Command, run: Runner): void {
  const peers = program
    .command('peers')
    .summary('paired hosts, and what they may do')
    .description('Lists the hosts that this one is paired with, and changes what they are called and may do.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl peers
  $ mrepl peers limit laptop append     # only its new mail is taken
  $ mrepl peers revoke laptop           # it was lost: take nothing of it, seal nothing to it
  $ mrepl peers export-key > key.txt && age -d -i key.txt home-000042.tar.zst.age | zstd -dc | tar tf -`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async (context) => show(context, await context.openAccount(lookWaitMs)));
    });
  peers
    .command('rename')
    .summary('call a peer something else')
    .description('Calls a peer something else, on this host only.')
    .argument('<peer>', 'what it is called now')
    .argument('<name>', 'what it is to be called')
    .action(async (peer: string, name: string, _options: unknown, command: Command) => {
      await change(run, command, async (session) => {
        const { renamePeer } = await import('../../flow/identity/manage-peers.js');
        renamePeer(session, peer, hostNameArgument(name));
      });
    });
  peers
    .command('limit')
    .summary('say what a peer may do')
    .description(
      'Says what the bundles of a peer may change here. Whatever it is, the peer goes on getting all mail of this host.\n' +
        '  full    everything: a peer like any other\n' +
        '  append  new mail that arrived at that peer is taken, and nothing else\n' +
        '  read    nothing is taken',
    )
    .argument('<peer>', 'what it is called here')
    .addArgument(new Argument('<right>', 'what it may do').choices(rights))
    .action(async (peer: string, right: Right, _options: unknown, command: Command) => {
      await change(run, command, async (session) => {
        const { limitPeer } = await import('../../flow/identity/manage-peers.js');
        limitPeer(session, peer, right);
      });
    });
  peers
    .command('revoke')
    .summary('take nothing of a peer any more')
    .description(
      'From now on the bundles of this peer are refused, and nothing is sealed to it. What it has received before it keeps.\n' +
        '"mrepl pair DIR --fingerprint ..." takes it up again.',
    )
    .argument('<peer>', 'what it is called here')
    .action(async (peer: string, _options: unknown, command: Command) => {
      await run(command, async (context) => {
        const session = await context.openAccount(runWaitMs);
        const { requirePeer, revokePeer } = await import('../../flow/identity/manage-peers.js');
        requirePeer(session, peer);
        const isMeant = await isRevocationMeant(context, peer);
        return show(context, session, isMeant ? revokePeer(session, peer) : 'declined');
      });
    });
  peers
    .command('export-key')
    .summary('print the key that opens bundles sealed to this host')
    .description(
      'Prints the private key with which "age -d -i FILE" opens what was sealed to this host. Keep it to yourself.',
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ streams, output, openAccount }) => {
        await output.warn(warningsOfOpenKeyFile(streams.stdout));
        const { ageIdentity } = (await openAccount(lookWaitMs)).keys();
        streams.out(`${ageIdentity.reveal()}\n`);
        return 0;
      });
    });
}

async function change(run: Runner, command: Command, work: (session: Session) => Promise<void>): Promise<void> {
  await run(command, async (context) => {
    const session = await context.openAccount(runWaitMs);
    await work(session);
    return show(context, session);
  });
}

/** Whoever sits at a terminal is asked; a script means what it says. */
async function isRevocationMeant({ common, output }: Context, peer: string): Promise<boolean> {
  if (common.yes) return true;
  const { revokeQuestion } = await import('../../terminal/text/setup/pair-and-peers-text.js');
  return (await output.confirm(revokeQuestion(peer))) !== false;
}

/** Where standard output is a file that others may read, and so the key in it. */
function warningsOfOpenKeyFile(stdout: StandardStreams['stdout']): Trouble[] {
  if (!('fd' in stdout) || typeof stdout.fd !== 'number') return [];
  const found = fstatSync(stdout.fd);
  if (!found.isFile() || (found.mode & 0o077) === 0) return [];
  const failure = new Failure('config', 'the file that the key goes to can be read by others', {
    hint: 'Close it to them: chmod 600 FILE, or begin with "umask 077". Whoever has read the key can read all that was sealed to this host.',
  });
  return [{ subject: 'key', failure }];
}

async function show({ output }: Context, session: Session, revoked: PeersReport['revoked'] = null): Promise<number> {
  const { peersOf } = await import('../../flow/identity/manage-peers.js');
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  await output.report(peersOf(session, revoked), namesOfNobody);
  return 0;
}
