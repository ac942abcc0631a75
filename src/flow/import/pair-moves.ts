/**
 * What goes in one mailbox and comes in another is one message that moves: of each that comes and is such, the one that
 * goes. Those with one text are paired in their order.
 */
export function pairMoves<T extends { readonly what: string; readonly guid: string }>(
  messages: readonly T[],
): ReadonlyMap<T, T> {
  const going = new Map<string, T[]>();
  for (const message of messages) {
    if (message.what !== 'goes') continue;
    const same = going.get(message.guid) ?? [];
    going.set(message.guid, same);
    same.push(message);
  }
  const waiting = new Map([...going].map(([guid, same]) => [guid, same.values()]));
  const pairs = new Map<T, T>();
  for (const message of messages) {
    const source = message.what === 'comes' ? waiting.get(message.guid)?.next().value : undefined;
    if (source !== undefined) pairs.set(message, source);
  }
  return pairs;
}
