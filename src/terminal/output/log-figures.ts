import type { LogItem } from './summarise-log-entry.js';

/** Bytes that a run took in (texts) or wrote (bundles). */
export function exchangedBytes({ what, textBytes, bundles }: LogItem): number {
  return what === 'import' ? (textBytes ?? 0) : bundles.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
}

/** Of each peer, by name: how old its news was when it came here, in seconds, bundle after bundle. */
type NewsAges = {
  readonly peer: string;
  readonly news: readonly { readonly atS: number; readonly ageS: number }[];
};

/** See `NewsAges`; sorted by name. */
export function newsAges(items: readonly LogItem[]): NewsAges[] {
  const ages = new Map<string, { atS: number; ageS: number }[]>();
  for (const { atS, bundles } of items) {
    for (const { from, madeAtS } of bundles) {
      if (from === null || madeAtS === null) continue;
      const news = ages.get(from) ?? [];
      ages.set(from, news);
      news.push({ atS, ageS: Math.max(atS - madeAtS, 0) });
    }
  }
  return [...ages].map(([peer, news]) => ({ peer, news })).sort((a, b) => (a.peer < b.peer ? -1 : 1));
}
