import type { Flag } from '../../mail/flags.js';
import type { FilesAsSeen } from '../../mail/mailbox-scan.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { openFiles, visitFiles } from '../../replica/messages-read-on-demand.js';

/** The UID of a file that has to be looked at whatever it shows. */
const neverSeen = -1;
/** The UID of one that has none, in a store that gives out none. */
const noUid = 0;

/**
 * The files of a mailbox as they were last seen, in packed columns, for one scan. Those of messages that are not
 * settled never count as being as they were. What a scan leaves out for it is no change, and no work that was done
 * (`leavesOutNothing`).
 */
export function filesAsSeen(known: KnownMailbox): FilesAsSeen {
  const places = new Map<string, number>();
  const size = known.holdings.size;
  const uids = new Float64Array(size);
  const flags = new Uint32Array(size);
  const present = new Uint8Array(size);
  const numberOf = flagNumbers();
  const open = new Set<string>();
  for (const { ref } of openFiles(known)) open.add(ref);
  const hasUids = known.storeUids !== null;
  visitFiles(known.holdings, (ref, uid, noted) => {
    const place = places.size;
    places.set(ref, place);
    uids[place] = uid === null || uid === 0 || open.has(ref) ? neverSeen : hasUids ? uid : noUid;
    flags[place] = numberOf(noted);
  });
  return {
    isAsSeen(ref, uid, shown) {
      const place = places.get(ref);
      if (place === undefined) return false;
      present[place] = 1;
      return uids[place] === (uid ?? noUid) && flags[place] === numberOf(shown);
    },
    *absent() {
      for (const [ref, place] of places) if (present[place] === 0) yield ref;
    },
  };
}

/** Numbers sets of flags, whatever objects they are. */
function flagNumbers(): (flags: ReadonlySet<Flag>) => number {
  const bySet = new WeakMap<ReadonlySet<Flag>, number>();
  const byText = new Map<string, number>();
  return (flags) => {
    const known = bySet.get(flags);
    if (known !== undefined) return known;
    const text = JSON.stringify([...flags].sort());
    const number = byText.get(text) ?? byText.size;
    byText.set(text, number);
    bySet.set(flags, number);
    return number;
  };
}
