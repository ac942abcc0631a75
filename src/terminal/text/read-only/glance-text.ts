import type {
  Lack,
  NextStep,
  PeerStatus,
  StatusReport,
  UnconfirmedBundle,
} from '../../../check/reports/check-report-types.js';
import { shellWord } from '../../../failure.js';
import { bytes } from '../../../mail/size-for-people.js';
import { counted, listed, quoted } from '../../format/format-amounts.js';
import { relative, when } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, type Line, line, type Span, strong, warning } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';
import type { View } from '../../output/view-options-and-names.js';

/** Where things stand: with whom this host is in step, what is on its way, what waits, and what to do next. */
export function glanceBlocks(report: StatusReport, { nowS }: Pick<View, 'nowS'>): Block[] {
  const present = report.mailboxes.filter(({ present }) => present);
  const messages = present.reduce((sum, mailbox) => sum + mailbox.messages, 0);
  const mail = `${counted(messages, 'message')} in ${counted(present.length, 'mailbox', 'mailboxes')}`;
  return [
    line('account ', strong(report.account), ' on host ', strong(report.host.name), `: ${report.store}`),
    line(`${mail}, as of the last run`),
    ...(report.serverUids
      ? [line(faint('Mail programs see the UIDs of its server. The UIDs shown here are those of the other hosts.'))]
      : []),
    line(),
    ...peerLines(report.peers, nowS),
    ...unconfirmedLines(report.unconfirmed, nowS),
    ...waitingLines(report),
    line(),
    ...report.next.flatMap((step, index) => stepBlocks(step, index === 0 ? 'Next' : 'Then')),
    ...(report.next.length === 0 ? [line('Nothing waits, as far as is known here.')] : []),
  ];
}

/** In one column the names of the peers, in the other how far each is. */
function peerLines(peers: readonly PeerStatus[], nowS: number): Line[] {
  if (peers.length === 0) return [line('It is paired with no other host.')];
  const width = peers.reduce((widest, { name }) => Math.max(widest, name.length), 0);
  return peers.map((peer) => line(strong(peer.name.padEnd(width)), '  ', ...standing(peer, nowS)));
}

function standing(
  { lastHeardS, inStep, inStepSinceS, lacks, wantedTexts }: PeerStatus,
  nowS: number,
): (string | Span)[] {
  if (lastHeardS === null) return [warning('nothing heard of it yet')];
  if (inStep) return [{ text: 'in step', emphasis: 'good' }, ` since ${when(inStepSinceS ?? lastHeardS, nowS)}`];
  const parts = [
    ...(lacks.mailboxes > 0 ? [lackText(lacks)] : []),
    ...(wantedTexts > 0 ? [`${counted(wantedTexts, 'text')} that it asked for`] : []),
  ];
  return [warning(`lacks ${parts.join(', and ')}`), `; heard of ${when(lastHeardS, nowS)}`];
}

/** `12 new messages and changes in 3 mailboxes`: of new messages the number is known, of changes where they are. */
function lackText({ messages, mailboxes }: Lack): string {
  const where = `in ${counted(mailboxes, 'mailbox', 'mailboxes')}`;
  return messages === 0 ? `changes ${where}` : `${counted(messages, 'new message')} ${where}`;
}

function unconfirmedLines(bundles: readonly UnconfirmedBundle[], nowS: number): Line[] {
  if (bundles.length === 0) return [];
  const places = new Map<string, UnconfirmedBundle[]>();
  for (const bundle of bundles) {
    const key = JSON.stringify([bundle.directory, bundle.medium]);
    places.set(key, [...(places.get(key) ?? []), bundle]);
  }
  const [directories, media] = [
    new Set(bundles.map((one) => one.directory)),
    new Set(bundles.map((one) => one.medium)),
  ];
  return [
    line(),
    line('Written, and not confirmed yet:'),
    ...[...places.values()].map((there) => {
      const [first] = there;
      const last = there.at(-1);
      if (first === undefined || last === undefined) return line();
      // Only by its id is one stick told from another that was mounted there.
      const stick =
        first.medium !== null && media.size > directories.size ? ` (stick ${first.medium.slice(0, 4)})` : '';
      const place = first.directory === null ? 'a pipe' : `${quoted(first.directory)}${stick}`;
      const names =
        there.length === 1 ? quoted(first.fileName) : `${there.length} bundles, the last ${quoted(last.fileName)}`;
      const size = bytes(there.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
      const by = listed([...new Set(there.flatMap((bundle) => bundle.by))].sort());
      return line(`  ${place}: ${names} (${size}), ${relative(last.madeAtS, nowS)}, for ${by}`);
    }),
  ];
}

function waitingLines({ mailboxes, textsLeft }: StatusReport): Line[] {
  const sumOf = (of: 'waiting' | 'damaged'): number => mailboxes.reduce((sum, mailbox) => sum + mailbox[of], 0);
  const unmade = mailboxes.filter(({ present, stored }) => present && !stored).length;
  const parts: readonly (readonly [count: number, text: string])[] = [
    [
      sumOf('waiting'),
      `${counted(sumOf('waiting'), 'message')} here ${sumOf('waiting') === 1 ? 'waits' : 'wait'} for the text`,
    ],
    [sumOf('damaged'), `${counted(sumOf('damaged'), 'message')} here ${sumOf('damaged') === 1 ? 'is' : 'are'} damaged`],
    [unmade, `${counted(unmade, 'mailbox', 'mailboxes')} could not be made in this store yet`],
    [textsLeft, `${counted(textsLeft, 'text')} had no room in earlier exports`],
  ];
  const lines = parts.flatMap(([count, text]) => (count === 0 ? [] : [line(warning(text))]));
  return lines.length === 0 ? [] : [line(), ...lines];
}

/** What to do, with the command where there is one. */
function stepBlocks(step: NextStep, begin: 'Next' | 'Then'): Block[] {
  switch (step.step) {
    case 'pair':
      return [line(`${begin}, with a stick at DIR:`), commands('mrepl pair DIR')];
    case 'sync': {
      const to = step.for.length === 0 ? '' : `, to bring it to ${listed(step.for)}`;
      return [
        line(`${begin}${to}:`),
        commands(`mrepl sync ${step.directory === null ? 'DIR' : shellWord(step.directory)}`),
      ];
    }
    case 'carry': {
      const what = step.directory === null ? 'what went through a pipe' : quoted(step.directory);
      const there = `mrepl sync ${step.directory === null ? 'DIR' : shellWord(step.directory)}`;
      if (step.directory === null) return [line(`${begin}: wait for an answer of ${listed(step.to)} to ${what}.`)];
      return [line(`${begin}, take ${what} to ${listed(step.to)}. There, and then here once more:`), commands(there)];
    }
    case 'doctor':
      return [line(`${begin}, for what is wrong here, and its remedy:`), commands('mrepl doctor')];
    default:
      return step satisfies never;
  }
}
