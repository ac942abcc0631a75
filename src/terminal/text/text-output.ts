import type { Trouble } from '../../mail/item-trouble.js';
import { layOut } from '../format/lay-out-report.js';
import type { Block } from '../format/line-or-table.js';
import type { Palette } from '../format/styled-line.js';
import type { Output, OutputRequest, Report } from '../output/output-interface.js';
import { troublesOf } from '../output/run-troubles.js';
import { reportBlocks } from './dispatch-report-to-text.js';
import { failureBlocks, fetchedBlocks, troubleBlocks, unmatchedBlocks } from './failure-text.js';
import { farewellBlocks, suspicionBlocks } from './next-steps-text.js';
import { findingBlocks } from './read-only/doctor-text.js';

type TextRequest = OutputRequest & {
  readonly outPalette: Palette;
  readonly errPalette: Palette;
  /** Width that tables keep to. */
  readonly columns: number;
  /** Widths at which lines are broken; null leaves them whole. */
  readonly outWrap: number | null;
  readonly errWrap: number | null;
  /** A person reads the report as it comes. */
  readonly interactive: boolean;
};

/** Output for people: reports go to `out`, what went wrong to `err`. */
export function textOutput(request: TextRequest): Output {
  const { out, err, progress, nowS, quiet, verbose, columns } = request;
  const { outPalette, errPalette, outWrap, errWrap, isToSay = () => true } = request;
  const print = async (blocks: readonly Block[]): Promise<void> => out(await layOut(blocks, outPalette, outWrap));
  const complain = async (blocks: readonly Block[]): Promise<void> => err(await layOut(blocks, errPalette, errWrap));
  return {
    listener: progress.listener,
    async report(report, names) {
      progress.stop();
      const view = { isLast: true, ...names, ...{ verbose, nowS: nowS(), columns }, command: request.command };
      if (!quiet) await print(reportBlocks(report, view));
      await complain(wrongIn(report, { verbose, quiet, isToSay }));
      if (!quiet) await print(suspicionBlocks(report));
      if (request.interactive) await print(farewellBlocks(report));
    },
    async warn(troubles) {
      await complain(troubleBlocks(troubles.filter(isToSay), verbose));
    },
    async failure(failure) {
      progress.stop();
      if (isToSay({ subject: '-', failure })) await complain(failureBlocks(failure, verbose));
    },
    async confirm(question) {
      progress.stop();
      const answer = await request.ask(`${(await layOut(question, errPalette, errWrap)).trimEnd()} [y/N] `);
      return answer === null ? null : /^\s*y(es)?\s*$/i.test(answer);
    },
    askSecret(question) {
      progress.stop();
      return request.askSecret(question);
    },
    close: progress.stop,
  };
}

function wrongIn(
  report: Report,
  { verbose, quiet, isToSay }: Pick<TextRequest, 'verbose' | 'quiet'> & { isToSay(trouble: Trouble): boolean },
): readonly Block[] {
  switch (report.kind) {
    case 'init':
    case 'pair':
    case 'rejoin':
      return troubleBlocks(report.troubles, verbose);
    case 'import':
    case 'export':
    case 'sync':
      return [
        ...(quiet ? [] : unmatchedBlocks(report)),
        ...fetchedBlocks(report),
        ...troubleBlocks(troublesOf(report).filter(isToSay), verbose),
      ];
    case 'restore':
    case 'forget':
      return troubleBlocks(troublesOf(report), verbose);
    case 'doctor': {
      // Without --quiet they stand in the report.
      const faults = report.findings.filter(({ weight }) => weight === 'fault');
      return quiet ? faults.flatMap((fault) => findingBlocks([fault])) : [];
    }
    case 'verify': {
      // Without --quiet the findings stand in the report.
      const findings = report.findings.map((failure) => ({ subject: report.file, failure }));
      return quiet ? troubleBlocks(findings, verbose) : [];
    }
    default:
      return [];
  }
}
