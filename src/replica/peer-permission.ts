/** What a host may be allowed, the least first. */
export const rights = ['read', 'append', 'full'] as const;

/**
 * What this host takes of a peer, as its user said. read: nothing, the peer only gets. append: new mail of its own, and
 * nothing else. full: everything.
 */
export type Right = (typeof rights)[number];

/** The right that a text names; null where it names none. */
export function rightOf(text: unknown): Right | null {
  return rights.find((right) => right === text) ?? null;
}

/** The one of both that allows less. */
export function lesserRight(a: Right, b: Right): Right {
  return rights.indexOf(a) <= rights.indexOf(b) ? a : b;
}
