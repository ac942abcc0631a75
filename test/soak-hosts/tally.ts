/** What came of everything, counted by name. */
export type Tally = {
  count(name: string): void;
  of(name: string): number;
  /** Of the names that begin with `prefix`, most frequent first. */
  list(prefix: string): readonly (readonly [name: string, count: number])[];
};

export function makeTally(): Tally {
  const counts = new Map<string, number>();
  return {
    count: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    of: (name) => counts.get(name) ?? 0,
    list: (prefix) =>
      [...counts]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, count]): [string, number] => [name.slice(prefix.length), count])
        .sort(([, a], [, b]) => b - a),
  };
}
