import { putSpellingsBrought, spellingsBroughtIn } from '../../catalog/facts/peers/counted-of-each-peer.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import { type MailboxCatalog, spellingsMax } from '../../catalog/interface/mailbox-catalog.js';
import { type Flag, type FlagSpelling, flagOf } from '../../mail/flags.js';
import type { HostId } from '../../replica/host-id.js';

/** How a peer spells keywords, by its bundle. */
export type ToldSpellings = { readonly from: HostId; readonly spelling: readonly FlagSpelling[] };

/**
 * Remembers, in the open transaction, how peers spell keywords of which no spelling is known: of each peer as many as
 * leave as much room to others.
 */
export function noteSpellingsOf(catalog: MailboxCatalog & FactCatalog, told: readonly ToldSpellings[]): void {
  const counts = new Map(spellingsBroughtIn(catalog));
  for (const { from, spelling } of told) {
    const known = catalog.spellings();
    const fresh = new Map<Flag, FlagSpelling>();
    for (const each of spelling) {
      const flag = flagOf(each);
      if (flag !== each && !known.has(flag)) fresh.set(flag, each);
    }
    if (fresh.size === 0) continue;
    const used = counts.get(from) ?? 0;
    const room = Math.max(0, Math.floor((spellingsMax - known.size - used) / 2));
    const taken = [...fresh.values()].slice(0, room);
    catalog.noteSpellings(taken);
    counts.set(from, used + taken.length);
  }
  putSpellingsBrought(catalog, counts);
}
