import type { Pieces } from '../archive/read-tar.js';
import type { FrameEvent, FrameScanner } from '../archive/zstd-frame-scanner.js';
import { frameContentBytesMax } from '../format/bundle-limits.js';
import type { Crew } from '../frames/frame-worker-pool.js';
import { inOrder } from '../frames/run-jobs-in-order.js';

/**
 * Decodes the frames of a file, as many side by side as the crew is wide, and gives them in order. With a crew of one
 * no frame is read before it is asked for: so the front of a bundle costs no more than itself.
 */
export function unpacking(frames: FrameScanner, crew: Crew): Pieces {
  const unpack = async (event: FrameEvent): ReturnType<Pieces> => {
    const { at } = event;
    return event.kind === 'frame' ? { ...(await crew.unpack(event.bytes)), at } : { damaged: event.what, at };
  };
  const window = { jobs: crew.width, weight: crew.width * frameContentBytesMax };
  const pieces = inOrder(eventsOf(frames), unpack, { window, weightOf: () => frameContentBytesMax });
  return async () => {
    const { done, value } = await pieces.next();
    return done === true ? null : value;
  };
}

async function* eventsOf(frames: FrameScanner): AsyncGenerator<FrameEvent> {
  for (let event = await frames.next(); event !== null; event = await frames.next()) yield event;
}
