import { isMainThread } from 'node:worker_threads';

// Loaded before the program (`node --import`): lets it kill itself at the step that MREPL_TEST_DIE names.

const wish: unknown = JSON.parse(process.env.MREPL_TEST_DIE ?? 'null');

if (isMainThread) {
  const { watchUntilTheEnd } = await import('./fault-layer.js');
  if (typeof wish === 'object' && wish !== null && 'root' in wish && 'at' in wish && 'when' in wish) {
    const { root, at, when } = wish;
    const isWhen = when === 'before' || when === 'after' || when === 'torn';
    if (typeof root === 'string' && typeof at === 'number' && isWhen)
      watchUntilTheEnd(root, { kind: 'kill', at, when });
  }
}
