import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { formatMaildirLocation, type MaildirLocation } from '../layout/maildir-location.js';

/**
 * Settings of the machine's Dovecot that say how its processes share files: whoever works beside them must have the
 * same.
 */
const sharedSettings = [
  'mmap_disable',
  'mail_fsync',
  'dotlock_use_excl',
  'lock_method',
  'mail_nfs_storage',
  'mail_nfs_index',
  'mailbox_list_index',
] as const;

/**
 * With these an index log is begun anew whenever a mailbox is opened and changed. What the log said of older expunges
 * is gone with it, and the server tells whoever asks since an earlier modseq every UID that is not there.
 */
const rotatingSettings = [
  'mail_index_log_rotate_min_size = 1',
  'mail_index_log_rotate_max_size = 1',
  'mail_index_log_rotate_min_age = 0',
  'mail_index_log2_max_age = 0',
  'mail_index_rewrite_min_log_bytes = 0',
  'mail_index_rewrite_max_log_bytes = 1',
];

/** A `doveconf` that is stuck must not hold a run up. Milliseconds. */
const doveconfTimeoutMs = 10_000;

/**
 * What is known of the Dovecot of this machine: its version, and lines of its configuration that have to hold here,
 * too.
 */
export type DovecotFacts = { readonly version: string; readonly shared: readonly string[] };

/** Null where there is no Dovecot, or its configuration cannot be read. */
export async function askDoveconf(): Promise<DovecotFacts | null> {
  const head = await runQuietly('doveconf', ['-n']);
  const version = /^# (\d+(?:\.\d+)+)/.exec(head ?? '')?.[1];
  if (version === undefined) return null;
  const said = (await runQuietly('doveconf', [...sharedSettings])) ?? '';
  const lines = said.split('\n').map((line) => line.trim());
  return { version, shared: lines.filter((line) => sharedSettings.some((name) => line.startsWith(`${name} = `))) };
}

/** Dovecot 2.4 has other names for settings, and other options. */
export function isBefore24({ version }: Pick<DovecotFacts, 'version'>): boolean {
  return /^2\.[0-3]\./.test(version);
}

/** What the program prints; null where it cannot be run or fails. */
async function runQuietly(file: string, args: readonly string[]): Promise<string | null> {
  try {
    return (await promisify(execFile)(file, [...args], { timeout: doveconfTimeoutMs })).stdout;
  } catch {
    return null;
  }
}

/**
 * A configuration for `doveadm -c` that knows this one store, with `/` between the parts of mailbox names and nothing
 * before them: it needs no server, no user database, and no part of the machine's own configuration that only root may
 * read.
 */
export function doveadmConfig(
  location: MaildirLocation,
  { version, shared }: DovecotFacts,
  { rotating }: { readonly rotating: boolean },
): string {
  const isNew = !isBefore24({ version });
  const lines = [
    ...(isNew ? [`dovecot_config_version = ${version}`, `dovecot_storage_version = ${version}`] : []),
    ...(isNew ? newLocation(location) : [`mail_location = ${quoted(formatMaildirLocation(location))}`]),
    'log_path = /dev/stderr',
    'ssl = no',
    'first_valid_uid = 1',
    'stats_writer_socket_path =',
    ...shared,
    ...(rotating ? rotatingSettings : []),
    'namespace inbox {',
    '  inbox = yes',
    '  separator = /',
    '  prefix =',
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

/** Dovecot 2.4 has a setting for each part of a location. */
function newLocation({ root, layout, index, control, inbox, utf8 }: MaildirLocation): string[] {
  return [
    'mail_driver = maildir',
    `mail_path = ${quoted(root)}`,
    `mailbox_list_layout = ${layout}`,
    ...(index === null ? [] : [`mail_index_path = ${quoted(index)}`]),
    ...(control === null ? [] : [`mail_control_path = ${quoted(control)}`]),
    ...(inbox === null ? [] : [`mail_inbox_path = ${quoted(inbox)}`]),
    ...(utf8 ? ['mailbox_list_utf8 = yes'] : []),
  ];
}

/** As a value in dovecot.conf: `%` begins a variable there, and blanks at its ends would go. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}
