/** Powers of 1000, as reports have them and as sticks are sold. */
const sizeUnits: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 };

/** The bytes that a user means with `500K`, `700M` or `3.5G`: one or more; null where it is no such number. */
export function bytesOf(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([KMG]?)$/i.exec(text);
  const bytes = match === null ? 0 : Math.floor(Number(match[1]) * (sizeUnits[(match[2] ?? '').toUpperCase()] ?? 0));
  return bytes > 0 ? bytes : null;
}
