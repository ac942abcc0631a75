/**
 * By what people and programs know a mail again whose header was written on the way: its sender's own name for it, and
 * its date.
 */
export type Origin = { readonly messageId: string; readonly date: string };

/**
 * Null where `text` (as stored, or its beginning) has no Message-ID or no Date in its header (RFC 5322, section 3.6).
 */
export function originOf(text: Uint8Array): Origin | null {
  const whole = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
  const header = whole.slice(0, /(?:^|\r?\n)\r?\n/.exec(whole)?.index);
  const field = (name: string): string | null => {
    const found = new RegExp(`^${name}:(.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(header)?.[1];
    return found === undefined ? null : found.replace(/\s+/g, ' ').trim() || null;
  };
  const messageId = field('message-id');
  const date = field('date');
  return messageId === null || date === null ? null : { messageId, date };
}

/** Do both say, by Message-ID and Date, that they are one mail? Where one says nothing they are not taken for one. */
export function sameOrigin(a: Origin | null, b: Origin | null): boolean {
  return a !== null && b !== null && a.messageId === b.messageId && a.date === b.date;
}
