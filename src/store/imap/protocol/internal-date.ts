/** Seconds since 1970 that every server was seen to keep: 1 January 1970 to 31 December 2037, inclusive. */
const keptSMax = 2_145_916_799;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The nearest date that a server keeps, in seconds since 1970. */
export function keptDate(receivedS: number): number {
  return Math.min(Math.max(Math.floor(receivedS), 0), keptSMax);
}

/** Seconds since 1970 as APPEND takes them (RFC 3501, "date-time"), in UTC, without quotes. */
export function formatInternalDate(receivedS: number): string {
  const date = new Date(receivedS * 1000);
  const two = (number: number): string => String(number).padStart(2, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `${two(date.getUTCDate())}-${months[date.getUTCMonth()]}-${year} ${time} +0000`;
}

/** Seconds since 1970 of what FETCH says; null for what is no date. */
export function parseInternalDate(text: string | null): number | null {
  const parts = /^ ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text ?? '');
  if (parts === null) return null;
  const [, day, month, year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = parts;
  const index = months.findIndex((name) => name.toLowerCase() === month?.toLowerCase());
  if (index < 0) return null;
  const local = Date.UTC(Number(year), index, Number(day), Number(hours), Number(minutes), Number(seconds));
  const zoneS = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60;
  return local / 1000 - (sign === '-' ? -zoneS : zoneS);
}
