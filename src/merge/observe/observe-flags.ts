import { type Flag, systemFlags } from '../../mail/flags.js';
import type { ScannedMessage } from '../../mail/mailbox-scan.js';
import type { FlagRegister, Stamp } from '../../replica/last-writer-registers.js';
import { type Holding, unstored } from '../../replica/mailbox-state-and-stored-files.js';

type FlagsContext = {
  readonly stamp: Stamp;
  /** Keywords the store had no room for when it was last asked. */
  readonly unstorable: ReadonlySet<Flag>;
};

export type ObservedFlags = {
  /** What the holding notes now: the very set it had, where nothing differs. */
  readonly noted: ReadonlySet<Flag>;
  /** The registers of the flags that were changed here; null for none. */
  readonly changed: ReadonlyMap<Flag, FlagRegister> | null;
  /** Are there keywords it should show, and does not, as the store has lost their names? */
  readonly isLost: boolean;
};

/**
 * Compares the flags a file shows with those it was last seen with. A difference is a change by the user, except where
 * the register says the same (half-applied work), where the store is known not to be able to keep the keyword, and for
 * keywords of a delivery seen for the first time (the store may have had no room: it is asked again), and for keywords
 * whose names the store has lost. Flags no register knows are off.
 */
export function observeFlags(
  { flags: shown, keywordsLost = false }: Pick<ScannedMessage, 'flags'> & { readonly keywordsLost?: boolean },
  holding: Holding,
  registers: ReadonlyMap<Flag, FlagRegister>,
  { stamp, unstorable }: FlagsContext,
): ObservedFlags {
  if (sameFlags(shown, holding.flags)) {
    const asked = unstorable.size > 0 && [...unstorable].some((flag) => isOn(registers, flag) && !shown.has(flag));
    if (!asked) return { noted: holding.flags, changed: null, isLost: false };
  }
  const noted = new Set(shown);
  const changed = new Map<Flag, FlagRegister>();
  let isLost = false;
  for (const entry of new Set([...shown, ...[...holding.flags].map(plainFlag), ...unstorable])) {
    const is = shown.has(entry);
    const withheld = holding.flags.has(unstored(entry));
    const was = holding.flags.has(entry) || withheld;
    const should = isOn(registers, entry);
    if (!is && should && (withheld || unstorable.has(entry))) {
      noted.add(unstored(entry));
      continue;
    }
    if (is === was || is === should) continue;
    const isKeyword = !(systemFlags as readonly string[]).includes(entry);
    if (!is && keywordsLost && isKeyword) {
      isLost = true;
      continue;
    }
    if (!is && holding.uid === null && isKeyword) continue;
    changed.set(entry, { on: is, ...stamp });
  }
  return {
    noted: sameFlags(noted, holding.flags) ? holding.flags : noted,
    changed: changed.size === 0 ? null : changed,
    isLost,
  };
}

/** Is the flag set? One without a register was never set by anybody. */
export function isOn(registers: ReadonlyMap<Flag, FlagRegister>, flag: Flag): boolean {
  return registers.get(flag)?.on === true;
}

function sameFlags(a: ReadonlySet<Flag>, b: ReadonlySet<Flag>): boolean {
  if (a.size !== b.size) return false;
  for (const flag of a) if (!b.has(flag)) return false;
  return true;
}

function plainFlag(noted: Flag): Flag {
  return noted.startsWith('(') ? noted.slice(1, -1) : noted;
}
