import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../bench/random.js';
import type { Site } from '../end-to-end/site.js';
import type { Outcome } from '../host.js';
import type { Member } from './fleet.js';
import type { Stick } from './stick.js';
import type { Tally } from './tally.js';

export type ExchangeOptions = {
  readonly random: Random;
  readonly tally: Tally;
  /** Of all exchanges; those, and as many that run to their end, are processes of their own. */
  readonly killShare: number;
};

/** Statuses with which a run may end when sticks are damaged, full, empty or shared; each says what it could not do. */
const allowedStatuses: ReadonlySet<number> = new Set([0, 3, 65, 66, 74, 75]);

/** A run that may not go on, as there is nothing for this host: what lies there is sealed to who it, or its sender, was before it began again. */
const forbidden = 77;

/** May a run end like this? Not where it takes a host that nothing has befallen for one from a backup. */
function isAllowed({ status, err }: Outcome): boolean {
  if (err.includes('mrepl rejoin')) return false;
  return allowedStatuses.has(status) || (status === forbidden && err.includes('sealed, and not to this host'));
}

/** Of a full stick: from nothing to enough for a bundle. */
const narrowBytesMax = 24_000;

/** One run of export, import or sync, or two at once, or one that is killed. Throws where it ends as none may. */
export async function exchangeOnce(member: Member, stick: Stick, options: ExchangeOptions): Promise<void> {
  const { random, tally, killShare } = options;
  const args = [...commandOf(random), stick.path, '--allow-expunge'];
  const how = random.unit();
  const isNarrow = random.chance(0.06) && stick.narrow(random.integer(0, narrowBytesMax));
  if (isNarrow) tally.count('fault: stick full');
  try {
    if (how < killShare) await killed(member, args, options);
    else if (how < killShare * 1.5) await twice(member, args, options);
    else check(await member.site.run(...args), { site: member.site, args, tally });
  } finally {
    if (isNarrow) stick.widen();
  }
}

function commandOf(random: Random): string[] {
  const command = random.pick(['sync', 'sync', 'sync', 'sync', 'export', 'import']);
  const options = [command];
  if (command !== 'import' && random.chance(0.05)) options.push('--full');
  if (command === 'export' && random.chance(0.1)) options.push('--texts', 'never');
  if (command !== 'import' && random.chance(0.08)) options.push('--max-size', `${random.integer(8, 64)}k`);
  if (random.chance(0.03)) options.push('--mailbox', 'Lists/*');
  return options;
}

/** Recent runs of a process that came to their end; so long after the start a kill may still find it at work. */
let usualMs = 400;

async function killed({ site, person }: Member, args: string[], { random, tally }: ExchangeOptions): Promise<void> {
  const running = site.start(args);
  const killAt = random.unit() * usualMs;
  if (random.chance(0.3)) person.deliver();
  await Promise.race([sleep(killAt), running.ended]);
  running.kill('SIGKILL');
  const { status } = await running.ended;
  tally.count(status === 137 ? 'fault: killed' : `status: ${status}`);
  tally.count('exchange');
}

async function twice(member: Member, args: string[], { random, tally }: ExchangeOptions): Promise<void> {
  const startedMs = Date.now();
  const both = [member.site.start(args), member.site.start(args)];
  if (random.chance(0.5)) member.person.deliver();
  for (const { ended } of both) check(await ended, { site: member.site, args, tally });
  usualMs = (usualMs * 3 + (Date.now() - startedMs)) / 4;
  tally.count('fault: two runs at once');
}

/** Counts a run that came to its end, and throws where it may not end like that. */
export function check(
  outcome: Outcome,
  { site, args, tally }: { site: Site; args: readonly string[]; tally: Tally },
): void {
  const { status, out, err } = outcome;
  tally.count('exchange');
  tally.count(`status: ${status}`);
  if (isAllowed(outcome)) return;
  throw new Error(`${site.name}$ mrepl ${args.join(' ')}: status ${status}\n${out}${err}`);
}
