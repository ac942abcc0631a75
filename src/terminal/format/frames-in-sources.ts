import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, dirname, join } from 'node:path';

/**
 * The frames of a stack with the places in the sources that were compiled or bundled to what ran: as they are where a
 * file has no map beside it.
 */
export function framesInSources(frames: readonly string[]): string[] {
  const maps = new Map<string, SourceMap | null>();
  return frames.map((frame) => {
    const [, path = '', line = '', column = ''] = /(\/[^():]+\.js):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    if (path === '') return frame;
    if (!maps.has(path)) maps.set(path, mapOf(path));
    const entry = maps.get(path)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return frame;
    const source = join(dirname(path), entry.originalSource);
    return frame.replace(
      `${path}:${line}:${column}`,
      () => `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`,
    );
  });
}

/** A map is only worth having: what ran is told all the same. */
function mapOf(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(join(dirname(path), `${basename(path)}.map`), 'utf8')));
  } catch {
    return null;
  }
}
