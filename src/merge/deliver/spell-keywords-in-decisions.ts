import { type Flag, type Spellings, spellingOf } from '../../mail/flags.js';
import type { Decision } from '../merge-decision.js';

/** The decisions with keywords spelt as people know them, for a report. */
export function spelledDecisions(decisions: readonly Decision[], spellings: Spellings): readonly Decision[] {
  const spell = (flag: Flag): string => spellingOf(flag, spellings);
  return decisions.map((decision) => {
    switch (decision.kind) {
      case 'flags':
        return { ...decision, set: decision.set.map(spell), cleared: decision.cleared.map(spell) };
      case 'moved-flags':
        return { ...decision, flags: decision.flags.map(spell) };
      case 'flag-conflict':
        return { ...decision, flag: spell(decision.flag) };
      default:
        return decision;
    }
  });
}
