import { timeSeen } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import { invariant } from '../../failure.js';
import type { Session } from '../session/account-session.js';

/** What was put aside when its text came back, by name, and how much time had been seen to pass when it was first found there. */
const key = 'set-aside';

/** Lets go of files that were damaged, replaced and put aside before `lastS` of the time seen to pass here. */
export async function tidySetAside(
  { catalog, store, nowMs }: Pick<Session, 'catalog' | 'store' | 'nowMs'>,
  lastS: number,
): Promise<void> {
  const names = await store.trash.setAside();
  const known = read(catalog.note(key));
  if (names.size === 0 && known.size === 0) return;
  const nowS = timeSeen(catalog, Math.floor(nowMs() / 1000));
  const since = new Map([...names].sort().map((name) => [name, known.get(name) ?? nowS]));
  const old = new Set([...since].filter(([, seenS]) => seenS < lastS).map(([name]) => name));
  if (old.size > 0) await store.trash.dropSetAside(old);
  const isSame = old.size === 0 && since.size === known.size && [...since.keys()].every((name) => known.has(name));
  if (isSame) return;
  const left = [...since].filter(([name]) => !old.has(name));
  catalog.setNote(key, left.length === 0 ? null : JSON.stringify(left));
}

function read(note: string | null): ReadonlyMap<string, number> {
  const entries: unknown = JSON.parse(note ?? '[]');
  invariant(Array.isArray(entries), `the note ${key} is no list`);
  return new Map(
    entries.map((entry: unknown) => {
      const [name, seenS] = Array.isArray(entry) ? entry : [];
      invariant(typeof name === 'string' && Number.isSafeInteger(seenS), `the note ${key} names no file`);
      return [name, seenS as number];
    }),
  );
}
