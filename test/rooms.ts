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
  { name: 'replica', rank: 2, mayImport: ['failure', 'mail'] },
  { name: 'merge', rank: 3, mayImport: ['failure', 'mail', 'replica'] },
  { name: 'trust', rank: 3, mayImport: ['failure', 'fs', 'replica'] },
  { name: 'catalog', rank: 3, mayImport: ['failure', 'fs', 'mail', 'replica'] },
  { name: 'store', rank: 3, mayImport: ['failure', 'fs', 'workers', 'mail'] },
  { name: 'config', rank: 3, mayImport: ['failure', 'fs', 'mail', 'replica'] },
  { name: 'bundle', rank: 4, mayImport: ['failure', 'fs', 'workers', 'mail', 'replica', 'trust'] },
  { name: 'apply', rank: 4, mayImport: ['failure', 'mail', 'replica', 'merge', 'store', 'catalog'] },
  { name: 'medium', rank: 5, mayImport: ['failure', 'fs', 'trust', 'bundle'] },
  {
    name: 'check',
    rank: 6,
    mayImport: ['failure', 'fs', 'mail', 'replica', 'merge', 'trust', 'catalog', 'store', 'config', 'bundle', 'medium'],
  },
  {
    name: 'flow',
    rank: 7,
    mayImport: [
      'failure',
      'fs',
      'mail',
      'replica',
      'merge',
      'trust',
      'catalog',
      'store',
      'bundle',
      'medium',
      'apply',
      'check',
    ],
  },
  { name: 'terminal', rank: 8, mayImport: ['failure', 'mail', 'replica', 'merge', 'check', 'flow'] },
  { name: 'cli', rank: 9, mayImport: 'everything' },
  { name: 'startup', rank: 10, mayImport: 'everything' },
  { name: 'packaging', rank: 11, mayImport: 'everything' },
];

/**
 * The folders within a room, or within a folder, lowest first; `.` are the files that lie directly in it. Those of one line never import
 * each other, and whoever is higher may import all that are lower.
 */
export const folders: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ['mail', [['text', 'packed'], ['.']]],
  ['merge', [['.'], ['uids', 'signed-changes', 'send'], ['observe', 'deliver', 'change'], ['join'], ['permission']]],
  ['trust', [['age', 'ssh'], ['identity']]],
  ['catalog', [['sql', 'lock'], ['interface'], ['facts', 'tables'], ['.']]],
  ['catalog/facts', [['.'], ['runs', 'peers', 'own-host', 'bundles']]],
  ['store', [['interface'], ['host-files'], ['maildir', 'memory', 'imap'], ['.']]],
  ['store/imap', [['protocol'], ['session'], ['look'], ['apply'], ['.']]],
  [
    'store/maildir',
    [['layout'], ['dovecot'], ['files'], ['read', 'server'], ['write'], ['recovery', 'discovery'], ['.']],
  ],
  ['bundle', [['format'], ['archive'], ['frames'], ['read'], ['write']]],
  ['apply', [['context'], ['mend'], ['examine'], ['execute']]],
  ['check', [['reports'], ['.'], ['doctor']]],
  [
    'flow',
    [
      ['reports'],
      ['session', 'peers'],
      ['medium', 'trash'],
      ['run'],
      ['export', 'import', 'restore', 'identity'],
      ['.'],
    ],
  ],
  ['flow/peers', [['.'], ['equivocation', 'vouched-hosts'], ['signed-statements']]],
  ['terminal', [['format'], ['streams'], ['output'], ['plan'], ['text', 'json'], ['html'], ['.']]],
  ['terminal/text', [['sections'], ['runs', 'setup', 'read-only'], ['.']]],
  ['terminal/json', [['.'], ['schema']]],
  ['cli', [['options'], ['context'], ['commands'], ['.']]],
]);

/** So many files a folder has of its own, inclusive: what has more is several folders. */
export const folderFilesMax = 30;

/** Lines of a file, inclusive: what has more is several ideas. */
export const fileLinesMax = 400;

/** Edges that lead downwards and are forbidden all the same, each with its reason. Upwards and sideways need none: see `whyNot`. */
export const forbidden: ReadonlyMap<string, string> = new Map([
  ['replica -> fs', 'what is known of a mailbox is a value: the catalog keeps it'],
  ['replica -> workers', 'what is known of a mailbox is a value, and computed by whoever asks'],
  ['merge -> fs', 'merging is pure: the same input must give the same output in a property test and on a host'],
  ['merge -> workers', 'merging is pure, and takes place in the thread of whoever asks'],
  ['trust -> workers', 'keys stay in one thread'],
  ['trust -> mail', 'whom to believe and who may read depend on hosts and keys, never on what the mail is'],
  ['catalog -> workers', 'the catalog is held by one process, and within it by one thread'],
  [
    'store -> replica',
    'a store knows messages, not births, clocks or peers: else no other kind of store could be added',
  ],
  ['config -> workers', 'settings are read at once'],
  ['bundle -> merge', 'a bundle carries news, whatever becomes of it'],
  [
    'bundle -> catalog',
    'a bundle is written of what it is given, and says what it holds: who remembers it is a flow`s business',
  ],
  ['bundle -> store', 'texts come to a bundle, and from it, one by one'],
  ['bundle -> config', 'settings are parameters'],
  ['medium -> workers', 'a directory is read and written in one thread'],
  ['medium -> mail', 'a stick holds files: what is in them it does not know'],
  ['medium -> replica', 'a stick holds files: what is in them it does not know'],
  ['medium -> merge', 'a stick holds files: what is in them it does not know'],
  ['medium -> catalog', 'what is remembered of a stick is a flow`s business'],
  ['medium -> store', 'the directory that is carried is not the one where mail lives'],
  ['medium -> apply', 'a stick holds files: what is done with them is a flow`s business'],
  ['medium -> config', 'settings are parameters'],
  ['apply -> fs', 'what is carried out goes through the store and the catalog, which know how to make it durable'],
  ['apply -> workers', 'the store decides what is worth a thread'],
  ['apply -> trust', 'what comes to be carried out was believed before it became a plan'],
  ['apply -> config', 'settings are parameters: what a plan does must not depend on a file on this host'],
  ['check -> workers', 'stores and bundles decide what is worth a thread'],
  ['check -> apply', 'a check changes nothing, and so carries nothing out'],
  ['flow -> workers', 'stores and bundles decide what is worth a thread'],
  ['flow -> config', 'settings are parameters: a flow called from a test and one called from the command line are one'],
  ['terminal -> fs', 'rendering reads and writes nothing but the terminal'],
  ['terminal -> workers', 'what is shown is shown at once'],
  ['terminal -> trust', 'a renderer is given fingerprints and verdicts within a report, and never holds a key'],
  ['terminal -> catalog', 'a renderer shows reports; names and UIDs it is given with them'],
  ['terminal -> store', 'a renderer shows reports; text from a store comes to it only within one'],
  ['terminal -> config', 'a renderer is told how to show things, not where that was configured'],
  ['terminal -> bundle', 'a renderer shows reports; what it needs to know of a bundle is in one'],
  ['terminal -> medium', 'a renderer shows reports; what lies on a stick it is told in one'],
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
    {
      rooms: ['cli', 'packaging'],
      because: 'patterns of directories are for what people type and for sources; stores and bundles list exactly',
    },
  ],
  ['rolldown', { rooms: ['packaging'], because: 'only what is packed is bundled' }],
  ['smol-toml', { rooms: ['config'], because: 'what the file looks like is one room`s business' }],
  ['zstd-codec', { rooms: ['bundle'], because: 'the format is one room`s business' }],
  ['zstd-codec/lib/module.js', { rooms: ['mail'], because: 'what a packed message holds is one room`s business' }],
  ['imapflow', { rooms: ['store'], because: 'how a server is reached is the business of the store that is on it' }],
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

/** Why may the file at `from` not import the one at `to`, both by their paths below src, because of the folders that they are in? Null where it may. */
export function whyNotFolder(from: string, to: string): string | null {
  for (const [folder, floors] of folders) {
    const source = partOf(folder, from);
    const target = partOf(folder, to);
    if (source === null || target === null || source === target) continue;
    const sourceFloor = floors.findIndex((floor) => floor.includes(source));
    const targetFloor = floors.findIndex((floor) => floor.includes(target));
    if (sourceFloor < 0) return `${folder}/${source} is not in the table of folders`;
    if (targetFloor < 0) return `${folder}/${target} is not in the table of folders`;
    if (targetFloor < sourceFloor) continue;
    return targetFloor === sourceFloor
      ? `${source} and ${target} of ${folder} can be understood, and changed, one without the other`
      : `within ${folder}, ${source} does not know ${target}, which is built on it`;
  }
  return null;
}

/** The part of `folder` that a path below src lies in: a folder in it, or `.`; null where it lies elsewhere. */
export function partOf(folder: string, path: string): string | null {
  if (!path.startsWith(`${folder}/`)) return null;
  const [part = '', ...rest] = path.slice(folder.length + 1).split('/');
  return rest.length === 0 ? '.' : part;
}
