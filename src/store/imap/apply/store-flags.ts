import {
  type Flag,
  isFlagSpelling,
  isSystemFlag,
  type Spellings,
  spellingOf,
  systemFlags,
} from '../../../mail/flags.js';
import type { FlagChange } from '../../../mail/mailbox-change.js';
import { parseRef } from '../look/message-ref.js';
import { cutUidSets, formatUidSet } from '../protocol/uid-set.js';
import type { Selected, Session } from '../session/session.js';

/** Flags as the mailbox that is open takes them, and a note of those that it does not. */
export type FlagsOfServer = {
  spelled(flags: Iterable<Flag>): string[];
  readonly unstorable: Set<Flag>;
};

/** `permanentFlags`: where the server does not say, any can be made. */
export function flagsOfServer({ permanentFlags }: Selected, spellings: Spellings): FlagsOfServer {
  const unstorable = new Set<Flag>();
  const listed = permanentFlags === null ? null : new Set([...permanentFlags].map((flag) => flag.toLowerCase()));
  const canStore = (flag: Flag): boolean => {
    if (!isFlagSpelling(flag)) return false;
    if (isSystemFlag(flag) && !(systemFlags as readonly string[]).includes(flag)) return false;
    if (listed === null || listed.has(flag.toLowerCase())) return true;
    return !isSystemFlag(flag) && listed.has('\\*');
  };
  return {
    unstorable,
    spelled(flags) {
      const result: string[] = [];
      for (const flag of flags) {
        if (canStore(flag)) result.push(spellingOf(flag, spellings));
        else unstorable.add(flag);
      }
      return result.sort();
    },
  };
}

/**
 * Sets flags as differences from what was last seen, so that what a user has changed since stays so. Messages of one
 * difference go together. Keywords that the server refuses are noted.
 */
export async function storeFlags(
  session: Session,
  selected: Selected,
  { changes, flags }: { readonly changes: readonly FlagChange[]; readonly flags: FlagsOfServer },
): Promise<void> {
  const groups = new Map<string, number[]>();
  const add = (how: string, spelled: readonly string[], uid: number): void => {
    if (spelled.length === 0 && how !== '') return;
    const words = `${how}FLAGS.SILENT (${spelled.join(' ')})`;
    const uids = groups.get(words);
    if (uids === undefined) groups.set(words, [uid]);
    else uids.push(uid);
  };
  for (const { ref, flags: wanted, seen } of changes) {
    const parsed = parseRef(ref);
    if (parsed === null || parsed.uidValidity !== selected.uidValidity) continue;
    if (seen === undefined) {
      add('', flags.spelled(wanted), parsed.uid);
      continue;
    }
    add('+', flags.spelled([...wanted].filter((flag) => !seen.has(flag))), parsed.uid);
    add('-', flags.spelled([...seen].filter((flag) => !wanted.has(flag))), parsed.uid);
  }
  for (const [words, uids] of groups) {
    for (const set of cutUidSets(uids, uids.length)) await storeSet(session, selected, { words, set, flags });
  }
}

async function storeSet(
  session: Session,
  { raw }: Selected,
  { words, set, flags }: { readonly words: string; readonly set: readonly number[]; readonly flags: FlagsOfServer },
): Promise<void> {
  const store = `UID STORE ${formatUidSet(set)} `;
  const { status } = await session.run([store + words]);
  if (status === 'OK') return;
  const [, how = '', list = ''] = /^([+-]?)FLAGS\.SILENT \((.*)\)$/.exec(words) ?? [];
  const spelled = list.split(' ').filter((flag) => flag !== '');
  const system = spelled.filter(isSystemFlag);
  await session.demand(`setting flags in ${raw}`, [`${store}${how}FLAGS.SILENT (${system.join(' ')})`]);
  for (const keyword of spelled) {
    if (isSystemFlag(keyword)) continue;
    const { status: of } = await session.run([`${store}${how === '' ? '+' : how}FLAGS.SILENT (${keyword})`]);
    if (of !== 'OK') flags.unstorable.add(keyword.toLowerCase());
  }
}
