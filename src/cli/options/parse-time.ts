import { Failure } from '../../failure.js';

const unitS = { min: 60, h: 60 * 60, d: 24 * 60 * 60, w: 7 * 24 * 60 * 60 } as const;

/**
 * A time as a user gives it to `option`, in seconds since 1970: `2026-11-20`, `2026-11-20 14:30` in the time zone of
 * this machine, or so long ago: `3d`. Throws `usage`.
 */
export function parseMoment(
  text: string,
  { option, nowS }: { readonly option: string; readonly nowS: number },
): number {
  const ago = /^(\d{1,6}) ?(min|h|d|w)$/.exec(text);
  if (ago !== null) return nowS - Number(ago[1]) * unitS[ago[2] as keyof typeof unitS];
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  const [year = Number.NaN, month = 1, day, hour = 0, minute = 0, second = 0] = (parts ?? [])
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const date = new Date(year, month - 1, day, hour, minute, second);
  const isReal = date.getMonth() === month - 1 && date.getDate() === day && hour < 24 && minute < 60 && second < 60;
  if (isReal) return Math.floor(date.getTime() / 1000);
  throw new Failure('usage', `option ${option} does not take "${text}": it is no time`, {
    hint: `Give a day, such as 2026-11-20 or "2026-11-20 14:30", or how long ago it was: 30min, 6h, 3d or 2w.`,
  });
}
