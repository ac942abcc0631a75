import type { Crew } from './crew.js';
import type { FrameEvent, FrameScanner } from './frame-scanner.js';
import { inOrder } from './in-order.js';
import { frameContentBytesMax } from './limits.js';
import type { Pieces } from './tar-reader.js';

/**
 * Decodes the frames of a file, as many side by side as the crew is wide, and gives them in order. With a crew of one no frame is read
 * before it is asked for: so the front of a bundle costs no more than itself.
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
