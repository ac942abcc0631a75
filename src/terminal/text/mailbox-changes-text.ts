import type { ImportedMailbox } from '../../flow/reports/run-report-types.js';
import type { Flag } from '../../mail/flags.js';
import type { RenumberReason } from '../../merge/merge-decision.js';
import { bytes, counted, grouped, listed, quoted } from '../format/format-amounts.js';
import { faint, type Line, line, strong } from '../format/styled-line.js';
import type { View } from '../output/view-options-and-names.js';
import { type Digest, digestOf, type RenumberedRun } from './group-decisions.js';
import { rangesText, uidsText } from './ranges-text.js';

/** Entries of one kind shown for a mailbox before the rest is only counted; --verbose shows all. */
export const entriesShownMax = 8;

const labelColumns = 13;

/** What an import does to one mailbox, under its name: a line for everything a person may want to decide by. */
export function mailboxLines(
  { mailbox, decisions, unstorable, refused, troubles }: ImportedMailbox,
  view: View,
): Line[] {
  const { verbose } = view;
  const digest = digestOf(decisions);
  const flags = [
    ...digest.flags.map((group) => {
      return `${messages(group.count)}: ${flagChange(group.set, group.cleared)}: ${uidsText(group, verbose)}`;
    }),
    ...digest.movedFlags.map(({ from, flags }) => {
      if (from === mailbox) return `1 message: ${listed(flags)} as set meanwhile on what was written anew`;
      return `1 message: ${listed(flags)} follows it from ${quoted(from)}, where it was set meanwhile`;
    }),
  ];
  const expunged = digest.expunged.map((group) => {
    return `${messages(group.count)}: ${uidsText(group, verbose)}, by ${view.hostName(group.by)}`;
  });
  const rewritten = digest.rewritten.map(({ by, now, replaced }) => {
    const uids = `${uidsText(replaced, verbose)} -> ${uidsText(now, verbose)}`;
    return `${messages(now.count)}: ${uids}, by ${view.hostName(by)}`;
  });
  const trouble = [...refused, ...troubles].map(({ failure }) => failure.message);
  const lines = [
    ...wholeLines(digest, view),
    ...addedLines(digest, view),
    ...entries('written anew', rewritten, view),
    ...entries('expunged', expunged, view),
    ...entries('flags', flags, view),
    ...entries(
      'renumbered',
      digest.renumbered.map((run) => renumberedText(run, view)),
      view,
    ),
    ...entries(
      'conflict',
      digest.conflicts.map((conflict) => conflictText(conflict, mailbox, view)),
      view,
    ),
    ...(unstorable.length === 0 ? [] : [entry('not storable', unstorableText(unstorable))]),
    ...entries('trouble', trouble, view),
  ];
  return lines.length === 0 ? [] : [line(strong(mailbox)), ...lines];
}

function unstorableText(keywords: readonly Flag[]): string {
  const which = `${keywords.length === 1 ? 'keyword' : 'keywords'} ${listed(keywords)}`;
  return `${which}: the mailbox has no room for more; kept in the catalog and passed on`;
}

function wholeLines({ mailbox }: Digest, view: View): Line[] {
  return mailbox.map((decision) => {
    switch (decision.kind) {
      case 'created':
        return entry('mailbox', 'is created');
      case 'deleted':
        return entry('mailbox', 'is deleted');
      case 'kept':
        return entry(
          'mailbox',
          `was deleted by ${view.hostName(decision.by)}, but stays: there is mail in it that was not known there`,
        );
      case 'subscribed':
        return entry('mailbox', decision.on ? 'is subscribed' : 'is unsubscribed');
      case 'uidvalidity':
        return decision.from === null
          ? entry('UIDVALIDITY', String(decision.to))
          : entry('UIDVALIDITY', `${decision.from} -> ${decision.to}: mail programs will fetch this mailbox anew`);
      default:
        return decision satisfies never;
    }
  });
}

function addedLines({ added, awaited, unified }: Digest, { verbose }: View): Line[] {
  const lines: Line[] = [];
  for (const [label, group] of [
    ['new', added],
    ['awaited', awaited],
  ] as const) {
    if (group.count === 0) continue;
    lines.push(entry(label, `${messages(group.count)} (${bytes(group.sizeBytes)}): ${uidsText(group, verbose)}`));
  }
  if (unified > 0)
    lines.push(entry('same mail', `${messages(unified)} on both sides already: one copy, the flags of both`));
  return lines;
}

const reasons: Readonly<Record<RenumberReason, string>> = {
  uidvalidity: 'UIDVALIDITY has changed',
  conflict: 'the UID was given out twice',
  late: 'below UIDNEXT: mail is only added at the end',
};

function renumberedText({ why, count, from, to }: RenumberedRun, view: View): string {
  const uid = count === 1 ? 'UID' : 'UIDs';
  const change =
    from === null
      ? `${count === 1 ? 'gets' : 'get'} ${uid} ${rangesText(to, view.verbose)}`
      : `${uid} ${rangesText(from, view.verbose)} -> ${rangesText(to, view.verbose)}`;
  return `${messages(count)}: ${change} (${reasons[why]})`;
}

function conflictText(conflict: Digest['conflicts'][number], mailbox: string, view: View): string {
  const uid = view.uidOf(mailbox, conflict.birth);
  const message = uid === null ? 'a message' : `UID ${uid}`;
  const winner = view.hostName(conflict.winner);
  const loser = view.hostName(conflict.loser);
  if (conflict.kind === 'expunge-won') {
    return `${message}: expunged by ${winner}, flags changed by ${loser}: the expunge wins`;
  }
  const [done, other] = conflict.on ? ['set', 'removed'] : ['removed', 'set'];
  return `${message}: ${conflict.flag} ${done} by ${winner}, ${other} by ${loser}: ${winner} wins`;
}

/** `\Seen and work set, \Flagged removed`. */
function flagChange(set: readonly Flag[], cleared: readonly Flag[]): string {
  const parts: string[] = [];
  if (set.length > 0) parts.push(`${listed(set)} set`);
  if (cleared.length > 0) parts.push(`${listed(cleared)} removed`);
  return parts.join(', ');
}

function messages(count: number): string {
  return counted(count, 'message');
}

function entries(label: string, texts: readonly string[], view: View): Line[] {
  const shown = view.verbose ? texts : texts.slice(0, entriesShownMax);
  const lines = shown.map((text, index) => entry(index === 0 ? label : '', text));
  const rest = texts.length - shown.length;
  if (rest > 0) lines.push(entry('', `and ${grouped(rest)} more (--verbose shows all)`));
  return lines;
}

function entry(label: string, text: string): Line {
  return line('  ', faint(label.padEnd(labelColumns)), text);
}
