import { type OpenOptions, openBundle, verifyRecords } from '../bundle/read/open-bundle.js';
import { countRanges } from '../replica/number-ranges.js';
import { type Clock, covers, emptyClock, tickOf } from '../replica/version-vector.js';
import type { InspectReport } from './reports/check-report-types.js';

/** What a bundle says, with no store and no catalog. Reads as far as the texts. Throws as opening a bundle does. */
export async function inspectBundle(file: string, options: OpenOptions = {}): Promise<InspectReport> {
  const bundle = await openBundle(file, options);
  try {
    const { manifest, preamble, sizeBytes, signedBy, isSealed } = bundle;
    const { news } = await verifyRecords(bundle);
    return {
      kind: 'inspect',
      file,
      sizeBytes,
      formatVersion: manifest.version,
      signedBy,
      sealed: isSealed,
      account: preamble.account,
      from: preamble.from,
      to: preamble.to,
      number: preamble.number,
      madeAtS: preamble.madeAtS,
      mailboxes: news.map(({ name, validity, uidNext, highestModseq, living, saves, updates, base, clock }) => ({
        mailbox: name,
        uidValidity: validity?.uidValidity ?? null,
        uidNext,
        highestModseq,
        living: [...living.values()].reduce((sum, ranges) => sum + countRanges(ranges), 0),
        saves: saves.length,
        updates: updates.length,
        fromEmptyBase: isEmpty(base),
        part: !covers(clock, preamble.clocks.get(name) ?? emptyClock),
        clock,
      })),
      texts: manifest.announced?.texts ?? 0,
      textBytes: manifest.announced?.bytes ?? 0,
      wanted: preamble.wanted.length,
      answers: preamble.answers.length,
    };
  } finally {
    await bundle.close();
  }
}

function isEmpty(clock: Clock): boolean {
  return [...clock.keys()].every((host) => tickOf(clock, host).modseq === 0 && tickOf(clock, host).serial === 0);
}
