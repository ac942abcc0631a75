import { asciiMeasure, isPrintableAscii, type Measure } from './ascii-text-width.js';
/**
 * The measure that does for all of these texts. The one for all of Unicode costs some 20 ms to load, more than the rest of a run that
 * finds nothing to do: it is loaded only for reports that need it.
 */
export async function measureFor(texts: readonly string[]): Promise<Measure> {
  if (texts.every(isPrintableAscii)) return asciiMeasure;
  return (await import('./unicode-text-width.js')).unicodeMeasure;
}
