/** Words that other programs have for what is done here, with the command that does it. */
const otherWords: ReadonlyMap<string, string> = new Map([
  ...['setup', 'new', 'create', 'add'].map((word) => [word, 'init'] as const),
  ...['push', 'send', 'write'].map((word) => [word, 'export'] as const),
  ...['pull', 'fetch', 'receive', 'apply'].map((word) => [word, 'import'] as const),
  ...['run', 'exchange', 'merge'].map((word) => [word, 'sync'] as const),
  ...['undelete', 'undo', 'recover', 'trash'].map((word) => [word, 'restore'] as const),
  ...['check', 'fsck', 'diagnose', 'repair'].map((word) => [word, 'doctor'] as const),
  ...['show', 'ls', 'cat', 'dump'].map((word) => [word, 'inspect'] as const),
  ...['info', 'state', 'stat', 'diff'].map((word) => [word, 'status'] as const),
  ...['list', 'hosts', 'ps'].map((word) => [word, 'peers'] as const),
  ...['history', 'journal'].map((word) => [word, 'log'] as const),
  ...['move', 'mv'].map((word) => [word, 'relocate'] as const),
  ...['remove', 'destroy', 'deinit', 'uninstall', 'delete', 'rm'].map((word) => [word, 'uninit'] as const),
  ...['unpair', 'revoke', 'block', 'untrust'].map((word) => [word, 'peers revoke'] as const),
  ...['limit', 'permit', 'rights'].map((word) => [word, 'peers limit'] as const),
  ...['export-key', 'key', 'keys'].map((word) => [word, 'peers export-key'] as const),
  ...['crontab', 'systemd', 'timer'].map((word) => [word, 'help cron'] as const),
]);

/** What may have been meant by a word that is no command: one that does what it says elsewhere, or is written alike. */
export function suggestedCommand(word: string, commands: readonly string[]): string | null {
  return otherWords.get(word.toLowerCase()) ?? nearestWord(word, commands);
}

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
