/**
 * What a peer's bundles may change here: nothing (it only gets our mail), nothing but adding mail that was born there, or everything.
 */
export type Right = 'read' | 'append' | 'full';
