/** How many messages a run may expunge, here or by what it passes on. Inclusive. */
export type DeleteLimit = { readonly messages: number } | { readonly percent: number };

/** A number of messages, or a share of those of the account: `100`, `5%`, `0.5%`. Null for anything else. */
export function deleteLimitOf(text: string): DeleteLimit | null {
  const match = /^(\d{1,9})(?:(\.\d{1,3})?%)?$/.exec(text.trim());
  if (match === null) return null;
  if (!text.includes('%')) return { messages: Number(match[1]) };
  const percent = Number(`${match[1]}${match[2] ?? ''}`);
  return percent <= 100 ? { percent } : null;
}

/** Are so many of `messages` more than the limit allows? */
export function exceedsDeleteLimit(limit: DeleteLimit, expunged: number, messages: number): boolean {
  if (expunged === 0) return false;
  return 'messages' in limit ? expunged > limit.messages : expunged > (messages * limit.percent) / 100;
}

/** As `deleteLimitOf` takes it. */
export function deleteLimitText(limit: DeleteLimit): string {
  return 'messages' in limit ? String(limit.messages) : `${limit.percent}%`;
}
