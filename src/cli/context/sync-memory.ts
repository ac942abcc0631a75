import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FailureCode } from '../../failure.js';
import { privateCustody, replaceFile } from '../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../fs/errno.js';
import { readUntrusted } from '../../fs/open-untrusted-file.js';
import type { Trouble } from '../../mail/item-trouble.js';

/** So long what was said is not said again while it stays the same, in seconds: a week. */
const quietS = 7 * 24 * 3600;

/** What goes by itself is said where it did not go for so long, in seconds: somewhat less than a day. */
const passingS = 20 * 3600;

/** What the next run makes good without anybody's doing: another run had the account, or this one was stopped. */
const passing: ReadonlySet<FailureCode> = new Set(['locked', 'interrupted']);

/** Things said that are remembered at the most; the oldest are forgotten first. */
const saidMax = 1000;

/** Bytes of the file of notes, inclusive: many times what so many of the longest take. */
const notesBytesMax = 16 * 2 ** 20;

/** Seconds since 1970; `said` is null for what was kept back so far. */
type Said = { readonly firstS: number; readonly saidS: number | null };

type Notes = { readonly said: ReadonlyMap<string, Said>; readonly sticks: readonly string[] };

/**
 * What runs that nobody looks at have said, and which sticks they found: so that cron does not mail the same every
 * night, and a stick that is there for the first time is told when it can go.
 */
export type SyncMemory = {
  /** Has somebody to hear of this? Notes that it was said. */
  isToSay(trouble: Trouble): boolean;
  /** Was the stick in this directory not there at the last run? Notes that it is now. */
  isNewStick(directory: string): boolean;
  /** Notes that this run looked at everything: what it did not meet with is over. */
  sawAll(): void;
  /** Writes it down; where that cannot be, everything will be said again. */
  close(): void;
};

/** Opens the notes in `file`; what cannot be read there is as if it were not. `about` keeps the accounts apart. */
export function openSyncMemory(
  file: string,
  { about, nowS }: { readonly about: string; readonly nowS: number },
): SyncMemory {
  const before = readNotes(file);
  const said = new Map(before.said);
  const met = new Set<string>();
  const sticks: string[] = [];
  let sawAll = false;
  return {
    isToSay(trouble) {
      const key = keyOf(about, trouble);
      met.add(key);
      const { firstS, saidS } = said.get(key) ?? { firstS: nowS, saidS: null };
      const isRecent = saidS !== null && saidS <= nowS && nowS < saidS + quietS;
      const mayPass = passing.has(trouble.failure.code) && nowS < firstS + passingS;
      const isSaid = !isRecent && !mayPass;
      said.set(key, { firstS, saidS: isSaid ? nowS : saidS });
      return isSaid;
    },
    isNewStick(directory) {
      const key = `${about}:${directory}`;
      sticks.push(key);
      return !before.sticks.includes(key);
    },
    sawAll() {
      sawAll = true;
    },
    close() {
      for (const [key, { saidS, firstS }] of said) {
        const isOver = sawAll && key.startsWith(`${about}:`) && !met.has(key);
        if (isOver || nowS >= (saidS ?? firstS) + quietS) said.delete(key);
      }
      const others = before.sticks.filter((key) => !key.startsWith(`${about}:`));
      writeNotes(file, before, { said, sticks: [...others, ...sticks] });
    },
  };
}

/** Counts in a sentence change from night to night, and what it says does not; the subject says which thing it is. */
function keyOf(about: string, { subject, failure: { code, message } }: Trouble): string {
  return `${about}:${JSON.stringify([code, subject, message.replaceAll(subject, '').replace(/\d+/g, '#')])}`;
}

function readNotes(file: string): Notes {
  try {
    const text = ifPresent(() => readUntrusted(file, { links: 'follow', bytesMax: notesBytesMax }).toString());
    const parsed: unknown = text === null ? {} : JSON.parse(text);
    const { said, sticks } = { said: {}, sticks: [], ...(typeof parsed === 'object' ? parsed : {}) };
    const entries = Object.entries(said as Readonly<Record<string, unknown>>).flatMap(([key, value]) => {
      const { firstS, saidS } = (value ?? {}) as { firstS?: unknown; saidS?: unknown };
      if (typeof firstS !== 'number' || (saidS !== null && typeof saidS !== 'number')) return [];
      return [[key, { firstS, saidS }] as const];
    });
    return { said: new Map(entries), sticks: Array.isArray(sticks) ? (sticks as unknown[]).map(String) : [] };
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof SyntaxError)) throw error;
    return { said: new Map(), sticks: [] };
  }
}

function writeNotes(file: string, before: Notes, { said, sticks }: Notes): void {
  const kept = [...said].sort(([, a], [, b]) => b.firstS - a.firstS).slice(0, saidMax);
  const text = textOf({ said: new Map(kept), sticks });
  if (text === textOf(before)) return;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: privateCustody.dirMode });
    replaceFile(file, text, privateCustody);
  } catch (error) {
    // A disk that is full, or may not be written to, is no news of this run
    if (errnoOf(error) === undefined) throw error;
  }
}

function textOf({ said, sticks }: Notes): string {
  return `${JSON.stringify({ said: Object.fromEntries([...said].sort()), sticks: [...sticks].sort() })}\n`;
}
