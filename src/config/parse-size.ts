/** Powers of 1000, as reports have them and as sticks are sold; with an i in them, powers of 1024. */
const unitBytes: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  ...{ ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 },
};

/** The bytes that a user means with `500K`, `700MB`, `3.5 GiB`: one or more; null where it is no such number. */
export function bytesOf(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,3})?) ?((?:[kmgt]i?)?)b?$/i.exec(text.trim());
  const bytes = match === null ? 0 : Math.floor(Number(match[1]) * (unitBytes[(match[2] ?? '').toLowerCase()] ?? 0));
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : null;
}
