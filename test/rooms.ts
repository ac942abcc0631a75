/** A folder of src/, or a file directly in it, by the name imports use. */
export type Room = {
  readonly name: string;
  readonly rank: number;
  /** Rooms it may import from. `everything` means every room of a lower rank. */
  readonly mayImport: readonly string[] | 'everything';
};

/** The table of rooms. src/README.md holds a copy for people; the test compares them. */
export const rooms: readonly Room[] = [
  { name: 'failure', rank: 0, mayImport: [] },
  { name: 'fs', rank: 1, mayImport: ['failure'] },
  { name: 'workers', rank: 1, mayImport: ['failure'] },
  { name: 'mail', rank: 1, mayImport: ['failure'] },
  { name: 'replica', rank: 1, mayImport: ['failure', 'mail'] },
  { name: 'merge', rank: 2, mayImport: ['failure', 'mail', 'replica'] },
  { name: 'bundle', rank: 2, mayImport: ['failure', 'fs', 'workers', 'mail', 'replica', 'trust'] },
  { name: 'catalog', rank: 2, mayImport: ['failure', 'fs', 'mail', 'replica'] },
  { name: 'store', rank: 2, mayImport: ['failure', 'fs', 'workers', 'mail'] },
  { name: 'config', rank: 2, mayImport: ['failure', 'fs', 'mail', 'replica'] },
  { name: 'trust', rank: 2, mayImport: ['failure', 'fs', 'replica'] },
  { name: 'apply', rank: 3, mayImport: ['failure', 'mail', 'replica', 'merge', 'store', 'catalog'] },
  {
    name: 'check',
    rank: 3,
    mayImport: ['failure', 'fs', 'mail', 'replica', 'merge', 'bundle', 'catalog', 'store', 'config', 'trust'],
  },
  {
    name: 'flow',
    rank: 4,
    mayImport: ['failure', 'fs', 'mail', 'replica', 'merge', 'bundle', 'catalog', 'store', 'trust', 'apply', 'check'],
  },
  { name: 'terminal', rank: 5, mayImport: ['failure', 'mail', 'replica', 'merge', 'check', 'flow'] },
  { name: 'cli', rank: 6, mayImport: 'everything' },
];

/** Edges that lead downwards and are forbidden all the same, each with its reason. Upwards and sideways need none: see `whyNot`. */
export const forbidden: ReadonlyMap<string, string> = new Map([
  ['merge -> fs', 'merging is pure: the same input must give the same output in a property test and on a host'],
  ['merge -> workers', 'merging is pure, and takes place in the thread of whoever asks'],
  ['catalog -> workers', 'the catalog is held by one process, and within it by one thread'],
  ['config -> workers', 'settings are read at once'],
  ['trust -> workers', 'keys stay in one thread'],
  [
    'store -> replica',
    'a store knows messages, not births, clocks or peers: else no other kind of store could be added',
  ],
  ['trust -> mail', 'whom to believe and who may read depend on hosts and keys, never on what the mail is'],
  ['apply -> fs', 'what is carried out goes through the store and the catalog, which know how to make it durable'],
  ['apply -> workers', 'the store decides what is worth a thread'],
  ['check -> workers', 'stores and bundles decide what is worth a thread'],
  ['flow -> workers', 'stores and bundles decide what is worth a thread'],
  ['terminal -> workers', 'what is shown is shown at once'],
  ['apply -> bundle', 'a plan is carried out the same whatever brought it'],
  ['apply -> config', 'settings are parameters: what a plan does must not depend on a file on this host'],
  ['apply -> trust', 'what comes to be carried out was believed before it became a plan'],
  ['flow -> config', 'settings are parameters: a flow called from a test and one called from the command line are one'],
  ['terminal -> fs', 'rendering reads and writes nothing but the terminal'],
  ['terminal -> bundle', 'a renderer shows reports; what it needs to know of a bundle is in one'],
  ['terminal -> catalog', 'a renderer shows reports; names and UIDs it is given with them'],
  ['terminal -> store', 'a renderer shows reports; text from a store comes to it only within one'],
  ['terminal -> config', 'a renderer is told how to show things, not where that was configured'],
  ['terminal -> trust', 'a renderer is given fingerprints and verdicts within a report, and never holds a key'],
  ['terminal -> apply', 'only flows carry anything out'],
]);

/** Packages, and who alone may import them. Node's own modules are free for all but where noted. */
export const packages: ReadonlyMap<string, { readonly rooms: readonly string[]; readonly because: string }> = new Map([
  ['chalk', { rooms: ['terminal'], because: 'only terminal/ knows what a terminal is' }],
  ['ora', { rooms: ['terminal'], because: 'only terminal/ knows what a terminal is' }],
  ['string-width', { rooms: ['terminal'], because: 'only terminal/ knows what a terminal is' }],
  ['commander', { rooms: ['cli'], because: 'below cli/ nobody sees a command line' }],
  [
    'fast-glob',
    { rooms: ['cli'], because: 'patterns of directories are the command line`s; stores and bundles list exactly' },
  ],
  ['tar-stream', { rooms: ['bundle'], because: 'the format is one room`s business' }],
  ['zstd-codec', { rooms: ['bundle'], because: 'the format is one room`s business' }],
  ['zstd-codec/lib/module.js', { rooms: ['mail'], because: 'what a packed message holds is one room`s business' }],
  ['node-sqlite3-wasm', { rooms: ['catalog'], because: 'SQLite stays behind the catalog`s interface' }],
  ['node:sqlite', { rooms: ['catalog'], because: 'SQLite stays behind the catalog`s interface' }],
]);

/** Names that say nothing of what is inside, or hide where a thing comes from. */
export const forbiddenFileNames: ReadonlySet<string> = new Set([
  'utils',
  'helpers',
  'common',
  'shared',
  'misc',
  'index',
]);

/** Why may a file of `from` not import from `to`? Null where it may. */
export function whyNot(from: string, to: string): string | null {
  const source = rooms.find(({ name }) => name === from);
  const target = rooms.find(({ name }) => name === to);
  if (source === undefined) return `${from} is not in the table of rooms`;
  if (target === undefined) return `${to} is not in the table of rooms`;
  if (from === to || source.mayImport === 'everything' || source.mayImport.includes(to)) return null;
  if (target.rank > source.rank) return 'a room does not know the rooms that are built on it';
  if (target.rank === source.rank) return 'rooms of one rank can be understood, and changed, one without the other';
  return forbidden.get(`${from} -> ${to}`) ?? 'no reason is given for this one: add one to the table';
}
