/** The word that is written most like it, where one is: up to a third of its letters, and at most three, are others. */
export function nearestWord(word: string, words: readonly string[]): string | null {
  const asked = word.toLowerCase();
  let best: { readonly word: string; readonly distance: number } | null = null;
  for (const candidate of words) {
    const begins = asked.length >= 3 && candidate.startsWith(asked);
    const distance = begins ? 0.5 : editDistance(asked, candidate);
    const allowed = Math.min(3, Math.ceil(Math.max(asked.length, candidate.length) / 3));
    if (distance <= allowed && distance < asked.length && (best === null || distance < best.distance)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word ?? null;
}

/** So many letters are left out, added, others, or exchanged with the next one (Damerau and Levenshtein). */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
