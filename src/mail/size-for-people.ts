const units = ['kB', 'MB', 'GB', 'TB'] as const;

/** `812 bytes`, `1.2 kB`, `34 MB`: powers of 1000, as file managers and sticks count. */
export function bytes(count: number): string {
  if (count < 1000) return count === 1 ? '1 byte' : `${count} bytes`;
  let value = count;
  let unit: string = 'bytes';
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
