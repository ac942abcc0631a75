type Difference<T> =
  | { readonly before: T; readonly after: undefined }
  | { readonly before: T | undefined; readonly after: T };

/** What is gone, then what is new or not the same object any more. */
export function* differences<K, T>(before: ReadonlyMap<K, T>, after: ReadonlyMap<K, T>): Iterable<Difference<T>> {
  if (before === after) return;
  for (const [key, value] of before) if (!after.has(key)) yield { before: value, after: undefined };
  for (const [key, value] of after) {
    const was = before.get(key);
    if (was !== value) yield { before: was, after: value };
  }
}
