import { type Flag, withSince } from '../../mail/flags.js';
import type { Source } from '../../replica/mailbox-state.js';
import { type KnownMailbox, unstored } from '../../replica/mailbox-state-and-stored-files.js';
import { type BirthKey, birthOf } from '../../replica/message-birth.js';
import type { Rules } from '../rules-tests-can-switch-off.js';
import { successorOf } from './detect-moves.js';
import type { MatchedFiles } from './match-files-to-messages.js';

/** What a message that was written anew has of the one whose place it takes. */
export type Succession = {
  readonly replaced: BirthKey;
  /** Null where nothing names it. */
  readonly movedFrom: Source | null;
  readonly flags: ReadonlySet<Flag>;
  /** What its holding notes of flags. */
  readonly noted: ReadonlySet<Flag>;
};

/**
 * The files of a scan that are messages written anew, by ref: each is new, and takes the place of one whose file is
 * gone with the old text. It names what it replaces as a moved message does its source, so that flags which others set
 * on that one follow. It has the flags of its file, and those that the file was still to be given.
 */
export function successionsIn(
  { state, holdings }: KnownMailbox,
  { born, gone }: MatchedFiles,
  {
    successors = new Map(),
    rules,
  }: { readonly successors: ReadonlyMap<string, string> | undefined; readonly rules: Rules },
): ReadonlyMap<string, Succession> {
  const found = new Map<string, Succession>();
  if (successors.size === 0) return found;
  const isGone = new Set(gone.map(({ ref }) => ref));
  for (const { message } of born) {
    const holding = holdings.get(successors.get(message.ref) ?? '');
    if (holding === undefined || !isGone.has(holding.ref)) continue;
    const instance = state.instances.get(holding.birth);
    const movedFrom = instance === undefined ? null : successorOf(state, instance);
    const source = movedFrom ?? { mailbox: state.name, birth: birthOf(holding.birth), clock: state.clock };
    const wanted = [...(instance?.flags ?? [])].filter(([, { on }]) => on).map(([flag]) => flag);
    // Keywords whose names the store has lost nobody took away.
    const lost = message.keywordsLost === true ? [...holding.flags].filter((flag) => /^[^\\\\(]/.test(flag)) : [];
    const now = lost.length === 0 ? message.flags : new Set([...message.flags, ...lost]);
    const flags = instance === undefined ? now : withSince(new Set(wanted), { seen: holding.flags, now });
    const withheld = [...flags].filter((flag) => holding.flags.has(unstored(flag)));
    found.set(message.ref, {
      replaced: holding.birth,
      movedFrom: rules.nameReplaced ? source : null,
      flags,
      noted: new Set([...message.flags, ...withheld.map(unstored)]),
    });
  }
  return found;
}
