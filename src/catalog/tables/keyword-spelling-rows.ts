import { type Flag, type FlagSpelling, flagOf, isFlagSpelling } from '../../mail/flags.js';
import { type MailboxCatalog, spellingsMax } from '../interface/mailbox-catalog.js';
import type { Database } from '../sql/database.js';
import { asFilledText } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/**
 * The rows of `spelling`: how keywords are spelt that are not in lower case. Rows end with the catalog; `spellingsMax`
 * bounds them.
 */
interface SpellingRows {
  all(): ReadonlyMap<Flag, FlagSpelling>;
  /**
   * Those of the list that are to be added: keywords in capitals of which no spelling is known, each once, as far as
   * there is room.
   */
  missing(list: readonly FlagSpelling[]): readonly FlagSpelling[];
  add(list: readonly FlagSpelling[]): void;
  /** What was read is to be read again, as the transaction in which it was written was rolled back. */
  forget(): void;
}

function spellingRows(db: Database): SpellingRows {
  let known: Map<Flag, FlagSpelling> | null = null;

  function read(): Map<Flag, FlagSpelling> {
    if (known !== null) return known;
    known = new Map();
    for (const row of db.all('SELECT spelling FROM spelling')) {
      const spelling = asFilledText(row.spelling, 'spelling.spelling');
      known.set(flagOf(spelling), spelling);
    }
    return known;
  }

  return {
    all: read,
    missing(list) {
      const fresh = new Map<Flag, FlagSpelling>();
      if (list.length === 0) return [];
      const before = read();
      for (const spelling of list) {
        const flag = flagOf(spelling);
        if (flag === spelling || before.has(flag) || fresh.has(flag) || !isFlagSpelling(spelling)) continue;
        if (before.size + fresh.size < spellingsMax) fresh.set(flag, spelling);
      }
      return [...fresh.values()];
    },
    add(list) {
      const all = read();
      for (const spelling of list) {
        db.run('INSERT INTO spelling (flag, spelling) VALUES (?, ?)', flagOf(spelling), spelling);
        all.set(flagOf(spelling), spelling);
      }
    },
    forget() {
      known = null;
    },
  };
}

/** How keywords are spelt, in the table `spelling`. */
export function spellingCatalog({
  db,
  read,
  change,
  afterUndo,
}: OpenTables): Pick<MailboxCatalog, 'spellings' | 'noteSpellings'> {
  const rows = spellingRows(db);
  afterUndo(rows.forget);
  return {
    spellings: () => read(rows.all),
    noteSpellings(list) {
      const fresh = read(() => rows.missing(list));
      if (fresh.length > 0) change(() => rows.add(fresh));
    },
  };
}
