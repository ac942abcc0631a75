import type { FactCatalog } from '../../interface/fact-catalog.js';

const key = 'unpaired-told';

/** How often a run that nobody looks at says that no host is paired, in seconds: a week. */
const toldEveryS = 7 * 24 * 3600;

/**
 * Is it to be said once more, to nobody in particular, that no host is paired? Notes that it was, in the open
 * transaction or one of its own. Seconds since 1970; where the clock was set back it is said.
 */
export function isToSayUnpaired(catalog: FactCatalog, nowS: number): boolean {
  const toldS = Number(catalog.note(key) ?? Number.NEGATIVE_INFINITY);
  if (toldS <= nowS && nowS < toldS + toldEveryS) return false;
  catalog.setNote(key, String(nowS));
  return true;
}
