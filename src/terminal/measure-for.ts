import { asciiMeasure, isPrintableAscii, type Measure } from './measure.js';
/**
 * The measure that does for all of these texts. The one for all of Unicode costs some 20 ms to load, more than the rest of a run that
 * finds nothing to do: it is loaded only for reports that need it.
 */
export async function measureFor(texts: readonly string[]): Promise<Measure> {
  if (texts.every(isPrintableAscii)) return asciiMeasure;
  return (await import('./width.js')).unicodeMeasure;
}
