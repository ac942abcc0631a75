import { containerOf, markBytesMax } from './container-kinds.js';
import type { UnpackProblem } from './unreadable-file-reasons.js';

/** Takes what is unpacked, piece by piece. A piece is to be used at once: its memory may be used again. */
export type Take = (piece: Uint8Array) => void;

/** Where a decoder puts what it unpacks. It is to stop where that has become a problem. */
export type Sink = {
  readonly take: Take;
  /** Set once what came is known to be nothing that is taken. */
  problem(): UnpackProblem | null;
  sizeBytes(): number;
};

/** A sink that gives on what comes, until it is more than `bytesMax` (inclusive), or begins like a container itself. */
export function startSink(take: Take, bytesMax: number): Sink {
  const beginning: number[] = [];
  let sizeBytes = 0;
  let problem: UnpackProblem | null = null;
  return {
    take(piece) {
      if (problem !== null) return;
      sizeBytes += piece.length;
      if (sizeBytes > bytesMax) problem = 'too-large';
      for (let at = 0; at < piece.length && beginning.length < markBytesMax; at++) beginning.push(piece[at] ?? 0);
      if (sizeBytes - piece.length < markBytesMax && containerOf(Uint8Array.from(beginning)) !== null)
        problem = 'nested';
      if (problem === null) take(piece);
    },
    problem: () => problem,
    sizeBytes: () => sizeBytes,
  };
}
