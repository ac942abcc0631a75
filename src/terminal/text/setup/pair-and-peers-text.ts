import { shellWord } from '../../../failure.js';
import type { PeersReport, Revoked } from '../../../flow/identity/manage-peers.js';
import type { CardOutcome, OfferedCard, PairQuestion, PairReport } from '../../../flow/identity/pair-hosts.js';
import type { Right } from '../../../replica/peer-permission.js';
import { listed, placeName } from '../../format/format-amounts.js';
import { when } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, type Line, line, strong } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';
import type { View } from '../../output/view-options-and-names.js';
import { newMediumLines } from '../sections/new-medium-text.js';

/** Who was taken up, and how the others come to know this host. */
export function pairBlocks(report: PairReport, view: View): Block[] {
  const { target, hostName, fingerprint, cardFile, hosts } = report;
  const where = cardFile === null ? 'was left nowhere' : cardFile === '-' ? 'was written' : `is there (${cardFile})`;
  const own = [
    line(`${placeName(target, 'output')}: the card of `, strong(hostName), ` ${where}. Its fingerprint is`),
    line(`    ${fingerprint}`),
  ];
  const send = cardFile === null ? [line('To send it:'), commands(`mrepl pair - > ${hostName}.card`)] : [];
  const undecided = hosts.filter(({ outcome }) => outcome === 'declined' || outcome === 'revoked');
  return [
    ...own,
    ...newMediumLines(report, { dryRun: false }),
    ...send,
    ...cardTable(report, view),
    ...undecided.flatMap((host) => howToTakeUp(host, target)),
    ...next(report),
  ];
}

function cardTable({ hosts, peers }: PairReport, view: View): Block[] {
  if (hosts.length === 0) {
    const paired =
      peers.length === 0 ? 'This host is paired with none yet.' : `This host is paired with ${listed(peers)}.`;
    return [line(`No card of another host is there. ${paired}`)];
  }
  return [
    {
      columns: [{ title: 'CARD OF', gives: true }, { title: 'FINGERPRINT' }, { title: '' }],
      rows: hosts.map((host) => [host.name, host.fingerprint, outcomeOf(host)]),
      widthMax: view.columns,
    },
  ];
}

const outcomeText: Readonly<Record<CardOutcome, string>> = {
  paired: 'paired now',
  known: 'paired before',
  declined: 'not paired',
  revoked: 'revoked here',
  retired: 'goes on as another host',
  'other-keys': 'NOT its keys',
  'name-taken': 'NOT the one of that name',
};

/** What to do next with a stick: the other host takes up this one first; mail goes to those taken up here. */
function next({ target, cardFile, hosts, peers }: PairReport): Block[] {
  if (cardFile === null || cardFile === '-') return [];
  if (hosts.length === 0 && peers.length === 0) {
    return [line('Next, on the other host, once this gets there:'), commands('mrepl pair DIR')];
  }
  const taken = hosts.flatMap(({ name, outcome }) => (outcome === 'paired' ? [name] : []));
  if (taken.length === 0) return [];
  return [line(`Next, to leave what this host has for ${listed(taken)}:`), commands(`mrepl sync ${shellWord(target)}`)];
}

function outcomeOf({ outcome, name, successorOf, right }: OfferedCard): string {
  const as = outcome === 'paired' && successorOf !== null ? `, as the new ${name}` : '';
  const limit = right === null || right === 'full' ? '' : `, with the right ${right}`;
  return `${outcomeText[outcome]}${as}${limit}`;
}

const mayText: Readonly<Record<Right, string>> = {
  read: 'Whoever is paired so can read this mail.',
  append: 'Whoever is paired so can read this mail, and add new mail.',
  full: 'Whoever is paired can read and change this mail.',
};

function howToTakeUp({ name, fingerprint }: OfferedCard, target: string): Block[] {
  return [
    line(`If "mrepl peers" on ${name} shows this fingerprint, pair with it:`),
    commands(`mrepl pair ${shellWord(target)} --fingerprint ${fingerprint}`),
  ];
}

/** What is asked before a host is taken up. */
export function pairQuestion({ name, fingerprint, successorOf, right }: PairQuestion): Line[] {
  const begin =
    successorOf === null
      ? [line('There is a card of ', strong(name), ', with the fingerprint')]
      : [
          line(
            'There is a new card of ',
            strong(successorOf),
            ', which has begun again under a new identity, as after a restored backup.',
          ),
          line(
            'It is signed with the old key, too; anybody with a copy of its disk could have done that. Its old identity will be retired:',
          ),
          line('nothing more is sealed to it, and what it wrote before is still taken. The new fingerprint is'),
        ];
  return [
    ...begin,
    line(`    ${fingerprint}`),
    line(faint(`${mayText[right]} So compare the fingerprint with what "mrepl peers" shows on ${name}.`)),
    line('Is it the same?'),
  ];
}

/** This host and those that it is paired with. */
export function peersBlocks({ account, host, peers, revoked }: PeersReport, view: View): Block[] {
  const own = [
    line('This host is ', strong(host.name), ` in the account ${account}. Its fingerprint is`),
    line(`    ${host.fingerprint}`),
  ];
  if (peers.length === 0) {
    return [...own, line('It is paired with no other host yet. To change that:'), commands('mrepl pair DIR')];
  }
  const vouches = peers.some(({ vouchesFor }) => vouchesFor > 0);
  return [
    ...own,
    {
      columns: [
        { title: 'PEER', gives: true },
        { title: 'RIGHT' },
        { title: 'FINGERPRINT' },
        { title: 'LAST HEARD OF' },
        ...(vouches ? [{ title: 'VOUCHES FOR' }] : []),
      ],
      rows: peers.map(({ name, right, revoked, retired, fingerprint, lastHeardS, vouchesFor }) => [
        name,
        revoked ? 'revoked' : retired ? 'retired' : right,
        fingerprint,
        lastHeardS === null ? 'never' : when(lastHeardS, view.nowS),
        ...(vouches ? [vouchesFor === 0 ? '' : hostsOf(vouchesFor)] : []),
      ]),
      widthMax: view.columns,
    },
    ...(revoked === null ? [] : revoked === 'declined' ? [line('Nothing was changed.')] : revokedLines(revoked)),
  ];
}

/** What is left of a host that was revoked. */
function revokedLines({ name, forgotten, remaining, unaware }: Revoked): Block[] {
  const lines: Block[] = [line(`Nothing of ${name} is taken from now on; what was merged before stays.`)];
  if (forgotten > 0)
    lines.push(
      line(`${capital(hostsOf(forgotten))} known on its word alone ${forgotten === 1 ? 'was' : 'were'} forgotten.`),
    );
  if (remaining > 0) {
    lines.push(line(`Of ${hostsOf(remaining)} that it vouched for there are messages or flags here: they stay.`));
  }
  if (unaware.length > 0) {
    lines.push(
      line(
        `${unaware.join(', ')} wrote for ${name}, too, when last heard of: what ${unaware.length === 1 ? 'it takes' : 'they take'} of ${name} comes here, unless it is revoked there as well:`,
      ),
      commands(`mrepl peers revoke ${shellWord(name)}`),
    );
  }
  return lines;
}

function hostsOf(count: number): string {
  return count === 1 ? 'one host' : `${count} hosts`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Asked before a peer is revoked. */
export function revokeQuestion(name: string): Line[] {
  return [
    line('From now on nothing of ', strong(name), ' is taken, and nothing is sealed to it. What it has, it keeps.'),
    line(`Revoke ${name}?`),
  ];
}
