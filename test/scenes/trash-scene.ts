import assert from 'node:assert/strict';
import type { RestoreReport } from '../../src/flow/reports/run-report-types.js';
import { restoreFrom } from '../../src/flow/restore/restore-messages.js';
import type { RestoreSelection } from '../../src/flow/restore/restore-selection.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, type Party, sessionOf, sound, sync } from './party.js';
export const dayMs = 24 * 60 * 60 * 1000;
export const everything: RestoreSelection = { mailboxes: [], bundles: [], messages: [], sinceS: null, beforeS: null };
export const receivedS = 1_234_567_890;

export type Scene = {
  readonly home: Party;
  readonly cabin: Party;
  readonly exchange: () => Promise<void>;
  readonly stick: string;
};

/** Two hosts that have the same mail: these texts, all with flags and a date. */
export async function makeScene(
  t: { after(clean: () => void): void },
  texts: readonly (readonly [string, string])[],
): Promise<Scene> {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  for (const [mailbox, text] of texts) home.store.user.deliver(mailbox, text, ['\\Flagged', 'work'], receivedS);
  const exchange = async (): Promise<void> => {
    for (const party of [home, cabin, home]) assert.equal(await sync(party, stick), 0);
  };
  await exchange();
  return { home, cabin, exchange, stick };
}

export function restore(
  party: Party,
  selection: Partial<RestoreSelection> | null = {},
  faults = sound,
): Promise<RestoreReport> {
  const wanted = selection === null ? null : { ...everything, ...selection };
  return restoreFrom(sessionOf(party, faults), { dryRun: false, selection: wanted });
}

export function outcomes({ messages }: RestoreReport): (readonly [string, string | null, string])[] {
  return messages.map(({ mailbox, subject, outcome }) => [mailbox, subject, outcome]);
}

export function letter(subject: string): string {
  return `Subject: ${subject}\n\n`;
}

export function expunge({ store }: Party, mailbox: string, ...wanted: readonly string[]): void {
  for (const { ref, text } of store.user.messages(mailbox)) {
    if (wanted.includes(Buffer.from(text).toString().slice('Subject: '.length).trim()))
      store.user.expunge(mailbox, ref);
  }
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export const three: readonly (readonly [string, string])[] = ['one', 'two', 'three'].map((subject) => [
  'INBOX',
  letter(subject),
]);

/** Days on each of which there is a run. */
export async function passDays(party: Party, stick: string, days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    party.nowMs += dayMs;
    assert.equal(await sync(party, stick), 0);
  }
}
