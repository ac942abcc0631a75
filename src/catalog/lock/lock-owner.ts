import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who holds a lock: enough to say it to a person, and to find out whether that process still lives. `-` stands for what
 * this system does not tell.
 */
export type Owner = {
  readonly pid: number;
  /** When the process started, in the system's own count: tells it from a later one with the same pid. */
  readonly started: string;
  /** The boot of the machine it runs in. */
  readonly boot: string;
  /** The pid namespace its pid is of: a container has its own. */
  readonly pids: string;
  readonly machine: string;
  /** Counts the locks this process has taken, so that no two owners are ever equal. */
  readonly turn: number;
  readonly sinceS: number;
  /** The socket beside the lock on which the process listens as long as it lives; null where none could be made. */
  readonly socket: string | null;
};

const unknown = '-';
let turns = 0;

/** This process as an owner, `socket` still to be filled in. */
export function thisProcess(sinceS: number): Owner {
  turns += 1;
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? unknown,
    boot: readOr('/proc/sys/kernel/random/boot_id'),
    pids: namespaceOfPids(),
    machine: hostname(),
    turn: turns,
    sinceS,
    socket: null,
  };
}

/** `pid=12,started=...`: the target of a symbolic link, readable in a directory listing. */
export function formatOwner(owner: Owner): string {
  return Object.entries(owner)
    .map(([key, value]) => `${key}=${value === null ? unknown : encodeURIComponent(value)}`)
    .join(',');
}

/** Undefined for what `formatOwner` never wrote. */
export function parseOwner(text: string): Owner | undefined {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const match = /^([a-zS]+)=([\w.~%!'()*-]+)$/.exec(part);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    fields.set(match[1], match[2]);
  }
  const textOf = (key: string): string => decode(fields.get(key) ?? '');
  const numberOf = (key: string): number => (/^\d{1,15}$/.test(textOf(key)) ? Number(textOf(key)) : Number.NaN);
  const socket = textOf('socket');
  const owner: Owner = {
    pid: numberOf('pid'),
    started: textOf('started'),
    boot: textOf('boot'),
    pids: textOf('pids'),
    machine: textOf('machine'),
    turn: numberOf('turn'),
    sinceS: numberOf('sinceS'),
    socket: socket === unknown ? null : socket,
  };
  const texts = [owner.started, owner.boot, owner.pids, owner.machine, socket];
  const numbers = [owner.pid, owner.turn, owner.sinceS];
  const plausible =
    !texts.includes('') && numbers.every(Number.isSafeInteger) && owner.pid > 0 && !socket.includes('/');
  return plausible ? owner : undefined;
}

/** When the process with this pid started; null where there is none, or the system does not tell. */
export function startOf(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may hold anything; `starttime` is field 22 (proc(5)).
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function namespaceOfPids(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return unknown;
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim() || unknown;
  } catch {
    return unknown;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
