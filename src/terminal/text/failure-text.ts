import type { Failure } from '../../failure.js';
import { fedRemedy, fedText } from '../../flow/peers/hosts-fetching-mail.js';
import type { ExportReport, ImportReport, SyncReport } from '../../flow/reports/run-report-types.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { grouped, quoted } from '../format/format-amounts.js';
import { framesInSources } from '../format/frames-in-sources.js';
import type { Block } from '../format/line-or-table.js';
import { faint, line, warning } from '../format/styled-line.js';
import { labelledText } from './sections/text-with-commands.js';

/** Troubles shown of a run before the rest is only counted; --verbose shows all. */
const troublesShownMax = 10;

/** `mrepl: what was being done, to what: what is now true`, and the hint. */
export function failureBlocks(failure: Failure, verbose: boolean): Block[] {
  const lines: Block[] = [line({ text: 'mrepl: ', emphasis: 'bad' }, failure.message)];
  const hint = failure.advice ?? defaultHint(failure);
  if (hint !== undefined) lines.push(...labelledText(faint('hint: '), hint));
  if (verbose) lines.push(...traceOf(failure).map((text) => line(faint(text))));
  return lines;
}

function defaultHint({ code }: Failure): string | undefined {
  return code === 'internal' ? 'This is a fault in mrepl; --verbose shows where, for the report.' : undefined;
}

function traceOf(failure: Failure): string[] {
  const lines: string[] = [];
  let error: unknown = failure;
  while (error instanceof Error) {
    if (error !== failure) lines.push(`  cause: ${error.name}: ${error.message}`);
    if (failure.code === 'internal') lines.push(...framesOf(error));
    error = error.cause;
  }
  return lines;
}

/** The stack without the message before it, whose own line breaks would look like lines of ours. */
function framesOf({ message, stack = '' }: Error): string[] {
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return framesInSources(frames.filter((frame) => /^ {4}at /.test(frame)));
}

/**
 * What did not work while the rest did, each with its hint; one that belongs to several in a row is given once, behind
 * them.
 */
export function troubleBlocks(troubles: readonly Trouble[], verbose: boolean): Block[] {
  const shown = verbose ? troubles : troubles.slice(0, troublesShownMax);
  const rest = troubles.length - shown.length;
  return shown.flatMap(({ subject, failure: { message, hint, advice } }, index) => {
    const about = subject === '-' || message.includes(subject) ? message : `${quoted(subject)}: ${message}`;
    const lines: Block[] = [line(warning('mrepl: '), about)];
    const next = shown[index + 1];
    if (next === undefined && rest > 0) {
      lines.push(line(warning('mrepl: '), `and ${grouped(rest)} more of this kind (--verbose shows all)`));
    }
    if (advice !== undefined && hint !== next?.failure.hint) lines.push(...labelledText(faint('hint: '), advice));
    return lines;
  });
}

/**
 * What may become of mail that several hosts fetch themselves, or has: nothing failed. It is said once, and so with
 * --quiet, too.
 */
export function fetchedBlocks(report: ImportReport | ExportReport | SyncReport): Block[] {
  const told = report.kind === 'sync' ? report.import : report.kind === 'import' ? report : null;
  const lines: Block[] = [];
  if (told?.fed) lines.push(line(warning('mrepl: '), fedText(told.fed)), ...labelledText(faint('hint: '), fedRemedy));
  if (told?.refetched) {
    const { messages, orMore, mailboxes } = told.refetched;
    const where = mailboxes.length === 1 ? quoted(mailboxes[0] ?? '') : `${grouped(mailboxes.length)} mailboxes`;
    const what = `${orMore ? 'at least ' : ''}${grouped(messages)} new messages in ${where} have the body, the date and the Message-ID of mail that is there already, in other bytes`;
    lines.push(
      line(warning('mrepl: '), what),
      line(
        faint('hint: '),
        'Several hosts may have fetched the same mail, each with a line of its own in it: nothing tells that from two letters. mrepl-beside(7) says how not to, and a mail program that finds duplicates by Message-ID puts it right.',
      ),
    );
  }
  return lines;
}

/** What the user may have mistyped: nothing fails for it, as a mailbox may be there tomorrow. */
export function unmatchedBlocks(report: ImportReport | ExportReport | SyncReport): Block[] {
  const { unmatched = [] } = (report.kind === 'sync' ? (report.export ?? report.import) : report) ?? {};
  if (unmatched.length === 0) return [];
  return [
    ...unmatched.map((pattern) => line(warning('mrepl: '), `no mailbox has a name like ${quoted(pattern)}`)),
    line(faint('hint: '), '"mrepl status" lists the mailboxes; in a pattern * stands for any characters, ? for one.'),
  ];
}
