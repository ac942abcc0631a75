import { execFile } from 'node:child_process';
import { readFileSync, statfsSync, statSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { statusOf } from '../../check/account-status.js';
import { accountsIn, catalogPathOf } from '../../config/account-directories.js';
import type { Config } from '../../config/load-config.js';
import { Failure, isOfOneThing } from '../../failure.js';
import { examineAccount } from '../../flow/diagnose-account.js';
import type { Session } from '../../flow/session/account-session.js';
import { ifPresent } from '../../fs/errno.js';
import { bytes } from '../../mail/size-for-people.js';
import { storeSettingsWithoutPaths } from '../../store/paths-and-settings-of-store.js';
import { counted } from '../../terminal/format/format-amounts.js';
import { when } from '../../terminal/format/format-times.js';
import { logItem } from '../../terminal/output/summarise-log-entry.js';
import type { SupportReport, SupportSection } from '../../terminal/text/read-only/support-text.js';
import type { Context } from '../context/command-context.js';
import { openAccountSession } from '../context/open-account.js';
import { lookWaitMs } from '../options/default-lock-wait-times.js';

type Row = readonly [name: string, value: string];

/** Runs of the log that are told of. */
const runsTold = 20;

/** How long a program may take to say its version, in milliseconds. */
const versionMsMax = 5_000;

/**
 * Gathers the report. What cannot be found out is said to be unknown; an account that cannot be opened, by its code.
 */
export async function gatherForSupport(context: Context, version: string): Promise<SupportReport> {
  const sections: SupportSection[] = [{ title: 'Program and machine', rows: await machineRows(context, version) }];
  try {
    const config = await context.settings();
    sections.push({ title: 'Settings', rows: settingRows(config) });
    const names = accountsIn(config.dataDirectory.value);
    // Names of accounts are those of people: they are numbered.
    for (const [index, name] of names.entries()) {
      const title = `Account ${index + 1} of ${names.length}`;
      for (const section of await accountSections(title, { name, config, context })) sections.push(section);
    }
    if (names.length === 0) sections.push({ title: 'Accounts', rows: [['set up', 'none']] });
  } catch (cause) {
    if (!isOfOneThing(cause)) throw cause;
    sections.push({ title: 'Settings', rows: [['cannot be read', cause.code]] });
  }
  return { kind: 'support', sections };
}

async function machineRows({ environment, streams }: Context, version: string): Promise<Row[]> {
  const { env } = environment;
  const system = ifPresent(() => readFileSync('/etc/os-release', 'utf8')) ?? '';
  const dovecot = await versionOf('dovecot', ['--version'], env);
  return [
    ['mrepl', version],
    ['node', `${process.version} ${process.arch}`],
    ['system', `${/^PRETTY_NAME="?(.*?)"?$/m.exec(system)?.[1] ?? process.platform}, ${release()}`],
    ['processors', String(cpus().length)],
    ['memory', bytes(totalmem())],
    ['user', process.getuid?.() === 0 ? 'root' : 'not root'],
    ['terminal', streams.stdout.isTTY === true ? 'yes' : 'no'],
    [
      'locale',
      `${env.LC_ALL ?? env.LC_CTYPE ?? env.LANG ?? 'not set'}, zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`,
    ],
    ['dovecot', dovecot ?? 'none that answers'],
    ['systemd', (await versionOf('systemctl', ['--version'], env)) ?? 'none that answers'],
  ];
}

/** The first line, without what else may stand there than letters, digits and marks of versions. */
async function versionOf(
  program: string,
  args: readonly string[],
  env: Context['environment']['env'],
): Promise<string | null> {
  const run = promisify(execFile)(program, [...args], { env: { ...env, LC_ALL: 'C' }, timeout: versionMsMax });
  const said = await run.then(({ stdout }) => stdout).catch(() => null);
  return said === null ? null : (said.split('\n')[0] ?? '').slice(0, 80);
}

/** Which settings are set, and where; values only where they are sizes, numbers, choices and flags. */
function settingRows(config: Config): Row[] {
  const { account, directories, doveadm, pairRight, trashBytesMax, waitMs } = config;
  const own = [
    ['account', account, 'set'],
    ['directories', directories, counted(directories.value.length, 'directory', 'directories')],
    ['doveadm', doveadm, doveadm.value.length === 0 ? 'not to be run' : counted(doveadm.value.length, 'word')],
    ['pair-right', pairRight, String(pairRight.value)],
    ['trash-size', trashBytesMax, String(trashBytesMax.value)],
    ['wait-seconds', waitMs, String((waitMs.value ?? 0) / 1000)],
  ] as const;
  const rows: Row[] = own
    .filter(([, { from }]) => from.kind !== 'default')
    .map(([name, { from }, value]) => [name, `${value} (${from.kind})`]);
  for (const { command, key, value } of config.options) {
    const isPlain =
      typeof value === 'boolean' || (typeof value === 'string' && /^[\d.]+ ?[KMGT]?i?B?%?$|^[a-z]+$/.test(value));
    rows.push([command === null ? key : `${command}.${key}`, `${isPlain ? String(value) : 'set'} (file)`]);
  }
  rows.push(['not understood', String(config.warnings.length)]);
  return [['file', config.fileThere ? 'there' : 'none'], ...rows];
}

async function accountSections(
  title: string,
  { name, config, context }: { readonly name: string; readonly config: Config; readonly context: Context },
): Promise<SupportSection[]> {
  const { environment, secrets, output, interruption } = context;
  const chosen: Config = { ...config, account: { value: name, from: { kind: 'option', name: '--account' } } };
  try {
    const session = await openAccountSession({
      ...{ config: chosen, environment, secrets, waitMs: lookWaitMs },
      ...{ listener: output.listener, signal: interruption.signal },
    });
    try {
      const nowS = Math.floor(environment.nowMs() / 1000);
      const path = catalogPathOf(config.dataDirectory.value, name);
      return [
        {
          title,
          rows: [...stateRows(session, nowS), ['catalog', `${bytes(statSync(path).size)} on ${fileSystemOf(path)}`]],
        },
        { title: `${title}: what doctor finds`, rows: await findingRows(session) },
        { title: `${title}: last runs`, rows: runRows(session, nowS) },
      ];
    } finally {
      await session.close();
    }
  } catch (cause) {
    // An account whose store is not there is what somebody may need help with.
    if (!(cause instanceof Failure) || ['interrupted', 'internal'].includes(cause.code)) throw cause;
    return [{ title, rows: [['cannot be opened', cause.code]] }];
  }
}

function stateRows({ catalog }: Session, nowS: number): Row[] {
  const { mailboxes, peers, lastExport, store } = statusOf(catalog);
  const present = mailboxes.filter((each) => each.present);
  const sum = (of: 'messages' | 'waiting' | 'damaged'): number => present.reduce((total, each) => total + each[of], 0);
  return [
    ['store', storeSettingsWithoutPaths(store)],
    [
      'mailboxes',
      `${present.length}, the largest with ${present.reduce((most, { messages }) => Math.max(most, messages), 0)} messages`,
    ],
    ['messages', `${sum('messages')}; ${sum('waiting')} wait for a text, ${sum('damaged')} are damaged`],
    ['not stored', String(present.filter(({ stored }) => !stored).length)],
    ['last export', lastExport === null ? 'none' : `bundle ${lastExport.number}, ${when(lastExport.madeAtS, nowS)}`],
    ['trash', bytes(catalog.trashBytes())],
    ['paired', String(catalog.pairedHosts().length)],
    ...peers.map((peer, index): Row => {
      const heard = peer.lastHeardS === null ? 'never heard of' : `heard of ${when(peer.lastHeardS, nowS)}`;
      const lacks = `${counted(peer.mailboxesBehind, 'mailbox', 'mailboxes')} behind, asks for ${counted(peer.wantedTexts, 'text')}`;
      return [`peer ${index + 1}`, `${heard}, bundle ${peer.lastNumber}; ${lacks}`];
    }),
  ];
}

/** How many of each kind: what is found has names in it. */
async function findingRows(session: Session): Promise<Row[]> {
  const { findings } = await examineAccount(session, { deep: false, found: [] });
  const counts = new Map<string, number>();
  for (const { code, weight } of findings) {
    const kind = `${code} (${weight})`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts.size === 0 ? [['all is sound', '']] : [...counts].map(([kind, count]) => [kind, String(count)]);
}

function runRows({ catalog }: Session, nowS: number): Row[] {
  const rows = catalog
    .entries(runsTold)
    .map(logItem)
    .map((item): Row => {
      const changes = Object.entries(item.changes).map(([kind, count]) => `${count} ${kind}`);
      const outcomes = item.bundles.map(({ outcome }) => outcome ?? 'written');
      return [when(item.atS, nowS), [item.what, ...outcomes, counted(item.texts, 'text'), ...changes].join(', ')];
    });
  return rows.length === 0 ? [['none', '']] : rows;
}

const fileSystems: ReadonlyMap<number, string> = new Map([
  ...([
    [0xef53, 'ext4'],
    [0x01021994, 'tmpfs'],
    [0x9123683e, 'btrfs'],
    [0x58465342, 'xfs'],
  ] as const),
  ...([
    [0x6969, 'nfs'],
    [0x2fc12fc1, 'zfs'],
    [0x794c7630, 'overlayfs'],
    [0x65735546, 'fuse'],
  ] as const),
  ...([
    [0xf2f52010, 'f2fs'],
    [0xf15f, 'ecryptfs'],
    [0xff534d42, 'cifs'],
    [0xfe534d42, 'smb2'],
  ] as const),
]);

/** By statfs(2); its number where it has no name here. */
function fileSystemOf(path: string): string {
  const { type } = statfsSync(path);
  return fileSystems.get(type) ?? `file system 0x${type.toString(16)}`;
}
