/**
 * What this host takes of a peer, as its user said. read: nothing, the peer only gets. append: new mail of its own, and nothing else.
 * full: everything.
 */
export type Right = 'read' | 'append' | 'full';
