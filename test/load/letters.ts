import { letter } from '../end-to-end/site.js';

/**
 * What may happen to a letter; its subject begins with the word, so that every client knows. What two people do to one letter at a time
 * is not for this run: what is right then is told by the model.
 */
export type Fate =
  | 'kept' // flags and keywords are set
  | 'expunged'
  | 'moved'
  | 'copied'
  | 'temporary'; // in a mailbox that is renamed

/** All letters that there are, and what has to become of them. */
export type Letters = {
  /** A new one, not yet known to anybody. */
  write(fate: Fate, where: string): { readonly subject: string; readonly text: string };
  delivered(subject: string): void;
  /** Somebody begins to expunge it, or its mailbox. */
  doomed(subject: string): void;
  /** It was there, and after an expunge is not. */
  expunged(subject: string): void;
  /** A move left it where it was, too: it had been given another UID in between. */
  doubled(subject: string): void;
  /** Something was done to it; told where it is found to be wrong. */
  note(subject: string, what: string): void;
  readonly count: { readonly delivered: number; readonly expunged: number; readonly doubled: number };
  /** What is wrong with these messages, of all mailboxes of a host; empty where all is well. */
  flawsOf(subjects: readonly string[]): string[];
};

export function fateOf(subject: string): string {
  return subject.split(' ')[0] ?? '';
}

export function makeLetters(): Letters {
  let written = 0;
  const delivered = new Set<string>();
  const doomed = new Set<string>();
  const expunged = new Set<string>();
  const doubled = new Set<string>();
  const histories = new Map<string, string[]>();
  const startedMs = Date.now();
  return {
    write(fate, where) {
      written++;
      const subject = `${fate} ${written} ${where}`;
      return { subject, text: letter(subject, 'All work and no play.\n'.repeat(1 + (written % 40))) };
    },
    delivered: (subject) => void delivered.add(subject),
    doomed: (subject) => void doomed.add(subject),
    expunged: (subject) => void expunged.add(subject),
    note(subject, what) {
      const history = histories.get(subject) ?? [];
      histories.set(subject, [...history, `${((Date.now() - startedMs) / 1000).toFixed(2)} s ${what}`]);
    },
    doubled: (subject) => void doubled.add(subject),
    get count() {
      return { delivered: delivered.size, expunged: expunged.size, doubled: doubled.size };
    },
    flawsOf(subjects) {
      const counts = new Map<string, number>();
      for (const subject of subjects) counts.set(subject, (counts.get(subject) ?? 0) + 1);
      const strangers = [...counts.keys()].filter((subject) => !delivered.has(subject));
      const flaws = strangers.map((subject) => `nobody delivered "${subject}"`);
      for (const subject of delivered) {
        const count = counts.get(subject) ?? 0;
        if (expunged.has(subject) && count > 0) flaws.push(`"${subject}" was expunged, and is there`);
        if (count === 0 && !doomed.has(subject)) flaws.push(`"${subject}" is lost`);
        if (count > 1 && fateOf(subject) !== 'copied' && !doubled.has(subject))
          flaws.push(`"${subject}" is there ${count} times`);
      }
      return flaws.map((flaw) => `${flaw}: ${histories.get(/"(.*)"/.exec(flaw)?.[1] ?? '')?.join(', ') ?? ''}`);
    },
  };
}
