import { linkSync, lstatSync, lutimesSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../failure.js';
import { type Custody, createFile } from '../../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../../fs/errno.js';
import { isUnusable, readUntrusted, removeName } from '../../../fs/open-untrusted-file.js';

/**
 * How long to wait for somebody else's lock. Dovecot itself waits two minutes; nobody holds it that long but the dead.
 */
const waitMs = 150_000;

/** A lock that does not name a process of this machine is stale when unchanged for so long (Dovecot's own figure). */
const foreignStaleMs = 120_000;

/** A lock whose process is gone is looked at twice, this far apart: it may just be in the act of being replaced. */
const recheckMs = 1_000;

/**
 * How often to try: often enough that a busy server does not starve us, with jitter so that two do not march in step.
 */
const pollMs = 10;

/** Bytes of a lock file that are read, inclusive: a number and the name of a host. */
const lockBytesMax = 4096;

/** Touched at most this often while held; others judge by age (`foreignStaleMs`). */
const touchEveryMs = 10_000;

export type LockParty = {
  /** As gethostname(2) says: Dovecot compares it with its own before it looks for the process. */
  readonly hostName: string;
  readonly now: () => number;
  readonly custody: Custody;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
};

/** A lock that is held. Whoever has held it for long asks `stillHeld` before relying on it. */
export type HeldLock = {
  /** False where somebody took us for dead and removed the lock. */
  stillHeld(): boolean;
  /** To be said now and then during long work. */
  touch(): void;
  release(): void;
};

/**
 * Takes a lock file as Dovecot does (`file-dotlock.c`): created exclusively, content `PID:HOSTNAME` without newline, so
 * that either side can tell when the other has died. Throws `locked` after two and a half minutes, file errors as they
 * come.
 */
export async function takeDotlock(path: string, party: LockParty): Promise<HeldLock> {
  const startedMs = party.now();
  let seen: Sighting | null = null;
  for (;;) {
    const held = tryLock(path, party);
    if (held !== null) return held;
    const sighting = look(path);
    if (sighting !== null) {
      if (seen === null || seen.identity !== sighting.identity) seen = { ...sighting, sinceMs: party.now() };
      else if (isStale(seen, party)) {
        removeStale(path, seen.identity);
        seen = null;
      }
    }
    if (party.now() - startedMs > waitMs) {
      throw new Failure('locked', `waiting for the lock ${path}, which process ${seen?.content ?? '?'} holds`, {
        hint: 'Nothing was changed in this mailbox. If no mail server is running, remove that file and try again.',
      });
    }
    await sleep(pollMs + Math.floor(Math.random() * pollMs));
    party.signal?.throwIfAborted();
  }
}

type Sighting = { readonly identity: string; readonly content: string; readonly sinceMs: number };

/** What this process makes beside a lock, by the name of which a later one sees that it is gone. */
export function ownName(lock: string): string {
  return `${lock}.${process.pid}.mrepl`;
}

/** The process that made a file beside the lock of this name; null for any other name. */
export function pidInOwnName(name: string, lock: string): number | null {
  const match = /^(.*)\.([1-9]\d{0,9})\.(?:mrepl|stale)$/.exec(name);
  return match?.[1] === lock ? Number(match[2]) : null;
}

function contentOf({ hostName }: LockParty): string {
  return `${process.pid}:${hostName}`;
}

function tryLock(path: string, party: LockParty): HeldLock | null {
  // A link of a finished file, so that the lock is never seen without its content.
  const temporary = ownName(path);
  removeName(temporary);
  createFile(temporary, contentOf(party), party.custody);
  try {
    const { ino } = lstatSync(temporary);
    linkSync(temporary, path);
    return hold(path, ino, party);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    return null;
  } finally {
    removeName(temporary);
  }
}

function hold(path: string, ino: number, party: LockParty): HeldLock {
  let touchedMs = party.now();
  const content = contentOf(party);
  const stillHeld = (): boolean => {
    // The inode alone does not tell: that of a lock which was removed is given to the next one.
    return ifPresent(() => lstatSync(path).ino === ino && contentAt(path) === content) ?? false;
  };
  return {
    stillHeld,
    touch() {
      const nowMs = party.now();
      if (nowMs - touchedMs < touchEveryMs) return;
      touchedMs = nowMs;
      ifPresent(() => lutimesSync(path, nowMs / 1000, nowMs / 1000));
    },
    release() {
      if (stillHeld()) removeName(path);
    },
  };
}

function look(path: string): Omit<Sighting, 'sinceMs'> | null {
  return ifPresent(() => {
    const { ino, mtimeMs, ctimeMs } = lstatSync(path);
    return { identity: `${ino} ${mtimeMs} ${ctimeMs}`, content: contentAt(path).slice(0, 300) };
  });
}

/** Empty for what is no file: nobody's lock. */
function contentAt(path: string): string {
  try {
    return readUntrusted(path, { links: 'refuse', bytesMax: lockBytesMax }).toString('latin1');
  } catch (error) {
    if (isUnusable(error)) return '';
    throw error;
  }
}

function isStale(seen: Sighting, party: LockParty): boolean {
  const unchangedMs = party.now() - seen.sinceMs;
  const match = /^([1-9]\d{0,9}):(.*)$/s.exec(seen.content);
  if (match !== null && match[2] === party.hostName) return unchangedMs >= recheckMs && !isAlive(Number(match[1]));
  return unchangedMs >= foreignStaleMs;
}

/** Is there a process of this number here? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'; // EPERM: somebody else's, and alive
  }
}

/** Is the lock that of a process of this machine that is gone? */
export function isLeftBehind(path: string, party: LockParty): boolean {
  const match = /^([1-9]\d{0,9}):(.*)$/s.exec(look(path)?.content ?? '');
  return match !== null && match[2] === party.hostName && !isAlive(Number(match[1]));
}

/** Takes the file away under another name first: should it have been replaced meanwhile, it is put back. */
function removeStale(path: string, identity: string): void {
  const aside = `${path}.${process.pid}.stale`;
  if (look(path)?.identity !== identity) return;
  ifPresent(() => {
    renameSync(path, aside);
    if (lstatSync(aside).ino !== Number(identity.split(' ')[0])) linkSync(aside, path);
  });
  removeName(aside);
}
