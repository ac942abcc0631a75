/** What can still be told from a `dovecot-uidlist` that is not understood. */
export type SalvagedUidList = {
  /** 32 hex digits, or null where the header does not show them. */
  readonly mailboxGuid: string | null;
  /** Above every UID that some line shows to have been given out; 1 where none does. */
  readonly uidNext: number;
};

/** Lines that are records by their form. A UID of more digits is no UID. */
const record = /^([1-9]\d{0,8})(?: [A-Z][^ \n]*)* :?[^\n]+$/gm;

/** Never fails. */
export function salvageUidList(text: string): SalvagedUidList {
  const headerEnd = text.indexOf('\n');
  const header = headerEnd < 0 ? text : text.slice(0, headerEnd);
  let uidNext = Number(/(?:^1 \d+ | N)([1-9]\d{0,8})(?: |$)/.exec(header)?.[1] ?? 1);
  for (const [, uid] of text.slice(header.length).matchAll(record)) uidNext = Math.max(uidNext, Number(uid) + 1);
  return { mailboxGuid: / G([0-9a-f]{32})(?: |$)/.exec(header)?.[1] ?? null, uidNext };
}
