import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { framesInSources } from '../../../src/terminal/format/frames-in-sources.js';

test('a frame is told by its place in the sources', () => {
  const here = fileURLToPath(import.meta.url);
  const frame = (new Error('x').stack ?? '').split('\n').find((line) => line.includes(here)) ?? '';
  assert.match(frame, /dist\/test\/.*\.js:\d+:\d+/);
  const [shown = ''] = framesInSources([frame]);
  assert.match(shown, /\/test\/terminal\/format\/frames-in-sources\.test\.ts:8:\d+/);
  assert.doesNotMatch(shown, /dist/);
});

test('frames of files without a map stay as they are', () => {
  const frames = ['    at node:internal/process/task_queues:95:5', '    at f (/nowhere/at-all.js:1:2)'];
  assert.deepEqual(framesInSources(frames), frames);
});
