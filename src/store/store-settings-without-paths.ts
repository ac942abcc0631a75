/** Words of a Maildir's specification that say nothing of whose it is; what follows `=` is a path, but for LAYOUT. */
const maildirWords: readonly string[] = ['LAYOUT=fs', 'INBOX=', 'CONTROL=', 'INDEX=', 'UTF-8', 'LISTESCAPE'];

/**
 * What kind of store this is, and which of its settings are used, without paths and names, for a report that strangers
 * read. `description` is as `MailStore.description` has it; of a store that is no Maildir only the kind is said.
 */
export function storeSettingsWithoutPaths(description: string): string {
  const kind = /^([a-z][a-z0-9+-]*):/i.exec(description)?.[1]?.toLowerCase() ?? 'maildir';
  if (kind !== 'maildir') return kind;
  return [kind, ...maildirWords.filter((word) => description.includes(`:${word}`))].join(', ');
}
