import type { RoomNeeded } from '../../../flow/reports/run-report-types.js';
import type { Flag } from '../../../mail/flags.js';
import { bytes } from '../../../mail/size-for-people.js';
import type { RenumberReason } from '../../../merge/merge-decision.js';
import { formatRanges, type Ranges } from '../../../replica/number-ranges.js';
import type { Ledger, LedgerEntry, LedgerItem } from '../../format/align-ledger.js';
import { visible } from '../../format/escape-control-characters.js';
import { grouped, listed, quoted } from '../../format/format-amounts.js';
import { dayMonth } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import {
  type Coming,
  type Conflict,
  type Going,
  type MailboxFate,
  messagesIn,
  type PlanSummary,
  type RenumberedRun,
} from '../../plan/plan-summary.js';
import { entriesShownMax } from './message-list-limits.js';

/** How a plan is told. */
export type PlanVoice = {
  /** Was it carried out? */
  readonly isDone: boolean;
  /** Show all of a long list. */
  readonly verbose: boolean;
  /** Whom everything is from, so that it need not be said of each; null where that are several. */
  readonly sender: string | null;
  /** Names of the hosts that are told all this; null where it is what happens here. */
  readonly told: string | null;
  readonly nowS: number;
};

/**
 * The lines of a plan, those of a kind that it has nothing of left out; what goes comes first, and behind it `undo`:
 * how it comes back.
 */
export function planEntries(summary: PlanSummary, voice: PlanVoice, undo: readonly LedgerEntry[] = []): LedgerEntry[] {
  const { goes, comes, moves, anew, same } = summary;
  return [
    ...goesEntry(goes, voice),
    ...anewEntry(anew, voice),
    ...undo,
    ...entry('COMES', messagesIn(comes), {
      text: `, ${bytes(comes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}`,
      items: comes.map((coming) => comingItem(coming, voice)),
      voice,
    }),
    ...movesEntry(moves, voice),
    ...flagsEntry(summary.flags, voice),
    ...sameEntry(same),
    ...mailboxesEntry(summary, voice),
    ...uidsEntry(summary.uids, voice),
    ...conflictsEntry(summary.conflicts, voice),
  ];
}

/** Ranges shown of a list before the rest is only counted; --verbose shows all. */
const rangesShownMax = 8;

/** The words of an entry of which there are several things, so that each has a line. */
function entry(
  word: string,
  messages: number,
  { text, items, voice, emphasis }: Omit<LedgerEntry, 'word' | 'amount'> & { readonly voice: PlanVoice },
): LedgerEntry[] {
  if (messages === 0) return [];
  const noun = messages === 1 ? 'message' : 'messages';
  const shown = cutList(items ?? [], voice);
  return [
    {
      ...{ word, amount: grouped(messages), text: `${noun}${text}`, items: shown },
      ...(emphasis === undefined ? {} : { emphasis }),
    },
  ];
}

/** An entry for things that have no amount: of one alone that is said at once, of several each on a line of its own. */
function listEntry(
  word: string,
  {
    amount,
    text,
    items,
    voice,
    alone,
    emphasis,
  }: Pick<LedgerEntry, 'amount' | 'text' | 'emphasis'> & {
    readonly items: readonly LedgerItem[];
    readonly voice: PlanVoice;
    /** What is said where there is but one. */
    readonly alone: (item: LedgerItem) => string;
  },
): LedgerEntry[] {
  const [only, ...others] = items;
  if (only === undefined) return [];
  const shown = emphasis === undefined ? {} : { emphasis };
  if (others.length === 0) return [{ word, amount, text: alone(only), ...shown }];
  return [{ word, amount, text, items: cutList(items, voice), ...shown }];
}

/** The first of a long list, and how many more there are. */
export function cutList(items: readonly LedgerItem[], { verbose }: Pick<PlanVoice, 'verbose'>): readonly LedgerItem[] {
  if (verbose || items.length <= entriesShownMax + 1) return items;
  const rest = items.length - entriesShownMax;
  return [
    ...items.slice(0, entriesShownMax),
    { name: `and ${grouped(rest)} more`, amount: '', text: '(--verbose shows all)' },
  ];
}

function comingItem({ mailbox, messages, isNewMailbox, newest }: Coming, { nowS }: PlanVoice): LedgerItem {
  const parts = [
    ...(isNewMailbox ? ['a new mailbox'] : []),
    ...(newest === null ? [] : [`newest: ${subjectText(newest.subject)}, ${dayMonth(newest.receivedS, nowS)}`]),
  ];
  return { name: mailbox, amount: grouped(messages), text: parts.join('; ') };
}

/** Characters of a subject that stands within a sentence. */
const subjectShownMax = 48;

/** A word as long as it fits a line with what stands around it; outside ASCII a character may take two columns. */
function shortWord(word: string): string {
  const lengthMax = /^[\x21-\x7e]*$/.test(word) ? 22 : 11;
  const characters = [...word];
  return characters.length <= lengthMax ? word : `${characters.slice(0, lengthMax - 3).join('')}...`;
}

function subjectText(subject: string | null): string {
  if (subject === null || subject.trim() === '') return 'without a subject';
  const shown = [...visible(subject.trim()).replace(/\S{12,}/gu, shortWord)]; // escapes make a word longer
  return `"${shown.length <= subjectShownMax ? shown.join('') : `${shown.slice(0, subjectShownMax - 3).join('')}...`}"`;
}

function goesEntry(goes: readonly Going[], voice: PlanVoice): LedgerEntry[] {
  const items = goes.map(({ mailbox, messages, by, mailboxFate }) => {
    const names = by.map(({ name }) => name);
    const isTold = names.length === 0 || (names.length === 1 && names[0] === voice.sender);
    const fate = { deleted: voice.isDone ? 'the mailbox went, too' : 'the mailbox goes, too', kept: '' };
    const parts = [
      ...(isTold ? [] : [`by ${listed(names)}`]),
      ...(mailboxFate === null || mailboxFate === 'kept' ? [] : [fate[mailboxFate]]),
      ...(mailboxFate === 'kept' ? [keptText(names, voice)] : []),
    ];
    return { name: mailbox, amount: grouped(messages), text: parts.join('; ') };
  });
  const total = messagesIn(goes);
  const were = total === 1 ? 'was' : 'were';
  const here = voice.isDone ? ` ${were} expunged` : '';
  const what = voice.told === null ? here : ` ${were} expunged here: that is said to ${voice.told}`;
  return entry('GOES', total, { text: what, items, voice, emphasis: 'bad' });
}

function keptText(names: readonly string[], { isDone }: PlanVoice): string {
  const who = names.length === 0 ? 'it was deleted' : `${listed(names)} deleted the mailbox`;
  return `${who}; it ${isDone ? 'stayed' : 'stays'}, as there is other mail in it`;
}

function anewEntry(anew: PlanSummary['anew'], voice: PlanVoice): LedgerEntry[] {
  const items = anew.map(({ mailbox, messages, by }) => {
    return { name: mailbox, amount: grouped(messages), text: by.name === voice.sender ? '' : `by ${by.name}` };
  });
  const text = ' written anew: the text of before goes into the trash';
  const done = ' written anew: the text of before is in the trash';
  return entry('ANEW', messagesIn(anew), { text: voice.isDone ? done : text, items, voice, emphasis: 'warning' });
}

function movesEntry(moves: PlanSummary['moves'], voice: PlanVoice): LedgerEntry[] {
  const placesOf = ({ from, to }: PlanSummary['moves'][number]): string => {
    return from === to ? `within ${quoted(to)}` : `${quoted(from)} -> ${quoted(to)}`;
  };
  const [only, ...others] = moves;
  if (only === undefined || others.length > 0) {
    const items = moves.map((move) => ({ name: placesOf(move), amount: grouped(move.messages), text: '' }));
    return entry('MOVES', messagesIn(moves), { text: '', items, voice });
  }
  return entry('MOVES', only.messages, { text: `  ${placesOf(only)}`, voice });
}

function flagsEntry({ messages, set, cleared }: PlanSummary['flags'], voice: PlanVoice): LedgerEntry[] {
  const parts = [
    ...set.map(({ flag, messages }) => `${grouped(messages)} ${flagWord(flag, true)}`),
    ...cleared.map(({ flag, messages }) => `${grouped(messages)} ${flagWord(flag, false)}`),
  ];
  const text = voice.told === null ? `  ${parts.join(', ')}` : ' with other flags, or another UID';
  return entry('FLAGS', messages, { text, voice });
}

function sameEntry({ messages, flagged }: PlanSummary['same']): LedgerEntry[] {
  if (messages === 0) return [];
  const are =
    messages === 1 ? 'message is on both sides: one copy of it' : 'messages are on both sides: one copy of each';
  const flags = flagged === 0 ? '' : `; flags change on ${grouped(flagged)}`;
  return [{ word: 'SAME', amount: grouped(messages), text: are + flags }];
}

const words: Readonly<Record<string, readonly [set: string, cleared: string]>> = {
  '\\Seen': ['read', 'unread'],
  '\\Flagged': ['flagged', 'unflagged'],
  '\\Answered': ['answered', 'unanswered'],
  '\\Draft': ['drafts', 'no drafts'],
  '\\Deleted': ['marked as deleted', 'not marked as deleted'],
};

/** What a person calls a flag that is set, or is not; keywords stand for themselves. */
export function flagWord(flag: Flag, on: boolean): string {
  const [set, cleared] = words[flag] ?? [flag, `no ${flag}`];
  return on ? set : cleared;
}

const fateTexts: Readonly<Record<MailboxFate['change'], readonly [planned: string, done: string]>> = {
  created: ['is created', 'was created'],
  deleted: ['is deleted', 'was deleted'],
  kept: ['stays', 'stayed'],
  subscribed: ['is subscribed', 'was subscribed'],
  unsubscribed: ['is unsubscribed', 'was unsubscribed'],
};

/** What happens to mailboxes as such, and is not said of what goes from them or comes into them. */
function mailboxesEntry({ mailboxes, goes, comes }: PlanSummary, voice: PlanVoice): LedgerEntry[] {
  const told = new Set([
    ...goes.flatMap(({ mailbox, mailboxFate }) => (mailboxFate === null ? [] : [`${mailboxFate} ${mailbox}`])),
    ...comes.flatMap(({ mailbox, isNewMailbox }) => (isNewMailbox ? [`created ${mailbox}`] : [])),
  ]);
  const rest = mailboxes.filter(({ mailbox, change }) => change !== 'kept' && !told.has(`${change} ${mailbox}`));
  const items = rest.map(({ mailbox, change }) => {
    return { name: mailbox, amount: '', text: fateTexts[change][voice.isDone ? 1 : 0] };
  });
  return listEntry('MAILBOX', {
    amount: '',
    text: 'these change themselves:',
    items,
    voice,
    alone: ({ name, text }) => `${quoted(name)} ${text}`,
  });
}

const reasons: Readonly<Record<RenumberReason, string>> = {
  uidvalidity: 'UIDVALIDITY changes',
  conflict: 'given out twice',
  late: 'mail is only added at the end',
};

function uidsEntry(changes: PlanSummary['uids'], voice: PlanVoice): LedgerEntry[] {
  if (changes.length === 0) return [];
  const items = changes.map(({ mailbox, uidValidity, runs }) => {
    const anew =
      uidValidity === null
        ? []
        : [`UIDVALIDITY ${uidValidity.from ?? 'none'} -> ${uidValidity.to}: mail programs load it anew`];
    return { name: mailbox, amount: '', text: [...anew, ...runsText(runs, voice)].join('; ') };
  });
  const count = changes.reduce((sum, { runs }) => sum + runs.reduce((all, { count }) => all + count, 0), 0);
  const get = voice.isDone ? 'got' : count === 1 ? 'gets' : 'get';
  const text = count === 0 ? 'UIDVALIDITY changes' : `${count === 1 ? 'message' : 'messages'} ${get} another UID`;
  return listEntry('UIDS', {
    ...{ amount: count === 0 ? '' : grouped(count), text: `${text}:`, items, voice },
    alone: ({ name, text: what }) => {
      return `${count === 0 ? '' : `${count === 1 ? 'message' : 'messages'} in `}${quoted(name)}: ${what}`;
    },
  });
}

/** `350 -> 353 (home's), 350:351 -> 354:355 (cabin's): given out twice`, for each reason. */
function runsText(runs: readonly RenumberedRun[], { verbose }: PlanVoice): string[] {
  const whys = [...new Set(runs.map(({ why }) => why))];
  return whys.map((why) => {
    const all = runs.filter((run) => run.why === why);
    const shown = verbose ? all : all.slice(0, entriesShownMax);
    const parts = shown.map(({ from, to, born }) => {
      return `${from === null ? 'none' : rangesText(from, verbose)} -> ${rangesText(to, verbose)} (${born.name}'s)`;
    });
    const rest = all.length - shown.length;
    return `${[...parts, ...(rest > 0 ? [`and ${grouped(rest)} more`] : [])].join(', ')}: ${reasons[why]}`;
  });
}

/** `1:40,42`, or the first few ranges and `and 12 more ranges`. */
function rangesText(ranges: Ranges, verbose: boolean): string {
  if (verbose || ranges.length <= rangesShownMax) return formatRanges(ranges);
  return `${formatRanges(ranges.slice(0, rangesShownMax))} and ${grouped(ranges.length - rangesShownMax)} more ranges`;
}

function conflictsEntry(conflicts: readonly Conflict[], voice: PlanVoice): LedgerEntry[] {
  if (conflicts.length === 0) return [];
  const items = conflicts.map((conflict) => {
    const { mailbox, uid } = conflict;
    return { name: uid === null ? mailbox : `${mailbox} ${uid}`, amount: '', text: conflictText(conflict, voice) };
  });
  const amount = grouped(conflicts.length);
  const text = 'what each side did, and what holds:';
  return listEntry('CONFLICT', {
    amount,
    text,
    items,
    voice,
    alone: ({ name, text }) => `${name}: ${text}`,
    emphasis: 'warning',
  });
}

/** What each host did, and what holds. */
export function conflictText(
  { about, flag, isSet, winner, loser }: Conflict,
  { isDone }: Pick<PlanVoice, 'isDone'>,
): string {
  if (about === 'mailbox') {
    return `${loser.name} deleted the mailbox: it ${isDone ? 'stayed' : 'stays'}, as there is other mail in it`;
  }
  const first = winner?.name ?? '';
  if (about === 'expunge') {
    return `${first} expunged it, ${loser.name} changed its flags: it ${isDone ? 'went' : 'goes'}`;
  }
  const [held, lost] = [flagWord(flag ?? '', isSet === true), flagWord(flag ?? '', isSet !== true)];
  return `${held} by ${first}, ${lost} by ${loser.name}: ${held}, as ${first}'s change counts as the later`;
}

/** What is said, and an empty line behind it; nothing where nothing is. */
export function spaced(blocks: readonly Block[]): readonly Block[] {
  return blocks.length === 0 ? [] : [...blocks, line()];
}

/** A ledger of these entries; nothing where there are none. */
export function ledgerOf(headings: readonly LedgerEntry[]): Ledger[] {
  return headings.length === 0 ? [] : [{ headings }];
}

/** What is needed where the store is, and what is free there, before a plan is carried out. */
export function roomEntry({ neededBytes, freeBytes }: RoomNeeded): LedgerEntry[] {
  if (neededBytes === 0) return [];
  const needed = `${bytes(neededBytes)} needed`;
  if (freeBytes === null) return [{ word: 'ROOM', amount: '', text: needed }];
  const free = `${needed}, ${bytes(freeBytes)} free`;
  if (neededBytes <= freeBytes) return [{ word: 'ROOM', amount: '', text: free }];
  return [{ word: 'ROOM', amount: '', text: `${free}: that is not enough`, emphasis: 'bad' }];
}
