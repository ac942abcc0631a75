import { counted } from './format-amounts.js';

const minuteS = 60;
const hourS = 60 * minuteS;
const dayS = 24 * hourS;

/** `2026-11-24`, in the time zone of this machine. `?` for a time no calendar has. */
export function date(atS: number): string {
  return dateTime(atS).slice(0, '2026-11-24'.length);
}

/** `2026-11-24 03:46`, in the time zone of this machine. `?` for a time no calendar has. */
export function dateTime(atS: number): string {
  const date = new Date(atS * 1000);
  if (Number.isNaN(date.getTime())) return '?';
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `29 Nov`, in the time zone of this machine; with the year where it is another one than now. `?` as above. */
export function dayMonth(atS: number, nowS: number): string {
  const date = new Date(atS * 1000);
  if (Number.isNaN(date.getTime())) return '?';
  const year = date.getFullYear();
  const day = `${date.getDate()} ${months[date.getMonth()]}`;
  return year === new Date(nowS * 1000).getFullYear() ? day : `${day} ${year}`;
}

/** `just now`, `5 minutes ago`, `3 days ago`; `in 2 hours` where the other host's clock is ahead. */
export function relative(atS: number, nowS: number): string {
  const age = Math.abs(nowS - atS);
  if (age < minuteS) return 'just now';
  const amount =
    age < hourS
      ? counted(Math.floor(age / minuteS), 'minute')
      : age < 2 * dayS
        ? counted(Math.floor(age / hourS), 'hour')
        : counted(Math.floor(age / dayS), 'day');
  return nowS >= atS ? `${amount} ago` : `in ${amount}`;
}

/** `2026-11-24 03:46 (5 minutes ago)`. */
export function when(atS: number, nowS: number): string {
  return `${dateTime(atS)} (${relative(atS, nowS)})`;
}

/** `8 s`, `2 min 10 s`, `1 h 5 min`: how long something will take. */
export function duration(seconds: number): string {
  const whole = Math.max(Math.round(seconds), 1);
  if (whole < minuteS) return `${whole} s`;
  if (whole < hourS) return `${Math.floor(whole / minuteS)} min ${whole % minuteS} s`;
  return `${Math.floor(whole / hourS)} h ${Math.floor((whole % hourS) / minuteS)} min`;
}

/** RFC 3339 in UTC, as JSON output has it; null for a time no calendar has. */
export function timestamp(atS: number): string | null {
  const date = new Date(atS * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace('.000Z', 'Z');
}
