import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Advice, advice, Failure, isOfOneThing, typed } from '../../failure.js';
import { createFile, privateCustody, syncPath } from '../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../fs/errno.js';
import { readUntrusted } from '../../fs/open-untrusted-file.js';
import type { HostId } from '../../replica/host-id.js';
import { type AgeIdentity, newAgeIdentity, parseAgeIdentity } from '../age/recipient-keys.js';
import { createSigningKey, type SigningKey, seedBytes, signingKeyOf } from '../ssh/ed25519-signing-key.js';

/** The private keys of this host in one account. Printing them shows nothing secret. */
export type HostKeys = KeyOwner & {
  readonly signingKey: SigningKey;
  /** Opens what was sealed to this host. */
  readonly ageIdentity: AgeIdentity;
};

/** Whose keys they are. */
export type KeyOwner = { readonly account: string; readonly hostId: HostId };

/** What makes new keys for a host that has none. */
const makeAnew = typed('mrepl', 'pair', 'DIR');

/** Bytes of a file of keys, inclusive: several times what one takes with the longest account name. */
const fileBytesMax = 16 << 10;

const format = 'mrepl-keys 1';

/**
 * Makes new keys and the file `path` for them, which nobody but its owner may read; it is on the disk when this
 * returns. Throws `cannot-create` where there is a file already, which is never touched, and where it cannot be
 * written; then there is none.
 */
export function createHostKeys(path: string, owner: KeyOwner): HostKeys {
  const keys = { ...owner, signingKey: createSigningKey(), ageIdentity: newAgeIdentity() };
  try {
    createFile(path, encode(keys), privateCustody);
  } catch (cause) {
    const what = errnoOf(cause) === 'EEXIST' ? 'there are keys already' : (cause as Error).message;
    throw new Failure('cannot-create', `making private keys in ${path}: ${what}; nothing was changed`, { cause });
  }
  try {
    syncPath(path);
    syncPath(dirname(path));
  } catch (cause) {
    rmSync(path, { force: true });
    const message = `making private keys in ${path}: ${(cause as Error).message}; none were made`;
    throw new Failure('cannot-create', message, { cause });
  }
  return keys;
}

/**
 * Keeps keys that a new host of this account would otherwise find in the place of its own: `keys.old`, `keys.old-2`,
 * ... The beginning of a file, whose writer died before anybody could own it, is removed. Throws `cannot-create` where
 * that cannot be done.
 */
export function setAsideHostKeys(path: string): void {
  try {
    if (ifPresent(() => statSync(path)) === null) return;
    if (isBeginning(path)) rmSync(path);
    else renameSync(path, nameAside(path));
    syncPath(dirname(path)); // before others take their place
  } catch (cause) {
    const message = `setting aside the private keys in ${path}: ${(cause as Error).message}`;
    throw new Failure('cannot-create', message, { cause });
  }
}

function nameAside(path: string): string {
  for (let copy = 1; ; copy++) {
    const aside = asideName(path, copy);
    if (ifPresent(() => statSync(aside)) === null) return aside;
  }
}

function asideName(path: string, copy: number): string {
  return `${path}.old${copy === 1 ? '' : `-${copy}`}`;
}

/**
 * Makes the keys for an identity that is about to take the place of the one whose keys are in `path`, beside them.
 * Whoever dies before that identity is laid down has changed nothing; after it, `adoptHostKeys` finishes. Throws as
 * `createHostKeys` does.
 */
export function prepareHostKeys(path: string, owner: KeyOwner): HostKeys {
  rmSync(waitingAt(path), { force: true }); // of a run that died, and that nobody is
  return createHostKeys(waitingAt(path), owner);
}

/**
 * Puts the keys that were prepared for `owner`, if any were, in the place of those in `path`, which are set aside. May
 * be repeated. Throws `cannot-create`.
 */
export function adoptHostKeys(path: string, owner: KeyOwner): void {
  const waiting = waitingAt(path);
  if (ifPresent(() => statSync(waiting)) === null || !isOwnedBy(waiting, owner)) return;
  setAsideHostKeys(path);
  try {
    renameSync(waiting, path);
    syncPath(dirname(path));
  } catch (cause) {
    const message = `putting the new private keys in place as ${path}: ${(cause as Error).message}; the next run does it`;
    throw new Failure('cannot-create', message, { cause });
  }
}

/** A whole file ends with a line break; after a power failure the rest may be NULs. */
function isBeginning(path: string): boolean {
  const stat = statSync(path);
  if (!stat.isFile() || stat.size > fileBytesMax) return false;
  return !/\n\0*$/.test(readUntrusted(path, { links: 'follow', bytesMax: fileBytesMax }).toString('latin1'));
}

function waitingAt(path: string): string {
  return `${path}.new`;
}

/** False for half of a file, too: its writer died before anybody could own it. */
function isOwnedBy(path: string, owner: KeyOwner): boolean {
  try {
    return belongTo(readFields(path), owner);
  } catch (cause) {
    if (isOfOneThing(cause, 'config')) return false;
    throw cause;
  }
}

/**
 * Reads the keys that `createHostKeys` made for `owner`. Throws `config` where there is no such file, others may read
 * it, it is not as it was made, or it belongs to another host or account. No message holds anything of its content.
 */
export function readHostKeys(path: string, owner: KeyOwner): HostKeys {
  const fields = readFields(path);
  if (!belongTo(fields, owner)) {
    const hint = 'Put the file back where it was made: every host has keys of its own in every account.';
    throw wrong(path, `are not those of host ${owner.hostId} in account ${JSON.stringify(owner.account)}`, hint);
  }
  const signingKey = parseSeed(fields.get('signing-seed') ?? '');
  const ageIdentity = parseAgeIdentity(fields.get('age-secret') ?? '');
  // The seed has no checksum of its own; that of the age key is in its spelling.
  const isWhole = signingKey !== null && fields.get('signing-key') === signingKey.publicKey;
  if (!isWhole || ageIdentity === null) throw garbled(path);
  return { ...owner, signingKey, ageIdentity };
}

/** What opens that which was sealed to this host, whoever's keys they are. Throws as `readHostKeys` does. */
export function readAgeIdentity(path: string): AgeIdentity {
  const ageIdentity = parseAgeIdentity(readFields(path).get('age-secret') ?? '');
  if (ageIdentity === null) throw garbled(path);
  return ageIdentity;
}

/** Those of the keys that `setAsideHostKeys` keeps beside `path`, as far as they can be read; the newest last. */
export function formerAgeIdentities(path: string): AgeIdentity[] {
  const found: AgeIdentity[] = [];
  for (let copy = 1; ; copy++) {
    const aside = asideName(path, copy);
    if (ifPresent(() => statSync(aside)) === null) return found;
    try {
      found.push(readAgeIdentity(aside));
    } catch (cause) {
      if (!isOfOneThing(cause, 'config')) throw cause;
    }
  }
}

function belongTo(fields: ReadonlyMap<string, string>, { account, hostId }: KeyOwner): boolean {
  return fields.get('account') === JSON.stringify(account) && fields.get('host') === hostId;
}

function readFields(path: string): ReadonlyMap<string, string> {
  const fields = parseFields(readPrivate(path));
  if (fields?.get('format') === format) return fields;
  const newer = /^mrepl-keys [2-9]/.test(fields?.get('format') ?? '');
  throw newer ? wrong(path, 'are of a newer format', 'Install a newer mrepl on this host.') : garbled(path);
}

/**
 * A file that age takes as it is (`age -d -i FILE`), as it passes over lines with `#`: everything but its own key
 * stands in such lines. One file, because two could be lost, restored or mixed up one without the other.
 */
function encode({ account, hostId, signingKey, ageIdentity }: HostKeys): string {
  return `# mrepl: private keys of one host in one account. Never copy them to another host, show them to nobody:
# whoever has them reads what was sealed for this host, and signs in its name.
# format: ${format}
# account: ${JSON.stringify(account)}
# host: ${hostId}
# signing-key: ${signingKey.publicKey}
# signing-seed: ${signingKey.revealSeed().toString('base64')}
${ageIdentity.reveal()}
`;
}

/** The fields of the file by key. Null where one is there twice. */
function parseFields(text: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const field = fieldOf(line);
    if (field === null) continue;
    if (fields.has(field.key)) return null;
    fields.set(field.key, field.value);
  }
  return fields;
}

/** `# key: value`, or a line that is age's; null for other comments. */
function fieldOf(line: string): { key: string; value: string } | null {
  if (line !== '' && !line.startsWith('#')) return { key: 'age-secret', value: line };
  const [, key, value] = /^# ([a-z-]+): (.*)$/.exec(line) ?? [];
  return key === undefined || value === undefined ? null : { key, value };
}

function parseSeed(base64: string): SigningKey | null {
  const seed = Buffer.from(base64, 'base64');
  return seed.length === seedBytes && seed.toString('base64') === base64 ? signingKeyOf(seed) : null;
}

/**
 * The content of a file that is its owner's alone. Asked of the open file, so that it cannot be another one meanwhile.
 */
function readPrivate(path: string): string {
  const fd = openPrivate(path);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > fileBytesMax) throw garbled(path);
    if ((stat.mode & 0o077) !== 0) {
      const hint = `If nobody else has read them: chmod 600 ${path}`;
      throw wrong(path, 'may be read or written by others', hint);
    }
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function openPrivate(path: string): number {
  try {
    // A FIFO would keep us waiting.
    const fd = ifPresent(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    if (fd !== null) return fd;
  } catch (cause) {
    throw wrong(path, `cannot be read: ${(cause as Error).message}`, 'Run mrepl as the user who set it up.', cause);
  }
  throw wrong(path, 'are missing', advice`Restore the file from a backup of this host, or make new ones: ${makeAnew}`);
}

function garbled(path: string): Failure {
  const hint = advice`Restore the file from a backup of this host; without one, move it away and make new keys: ${makeAnew}`;
  return wrong(path, 'are damaged', hint);
}

function wrong(path: string, what: string, hint: Advice | string, cause?: unknown): Failure {
  return new Failure('config', `the private keys in ${path} ${what}`, { hint, cause });
}
