import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { Failure } from '../../src/failure.js';
import type { ExportOptions } from '../../src/flow/export/export-options.js';
import { exportTo } from '../../src/flow/export/run-export.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import { message } from '../bundle/sample.js';
import { letter, scratch } from '../end-to-end/site.js';
import { bad, makeVictim, snapshot, type Victim, type VictimOptions } from './victim.js';

/** Two texts. */
export const texts = [message(1), message(2)];

type Clean = Parameters<typeof makeVictim>[0] & { after(clean: () => void): void };

/** With so many letters in its INBOX. */
export const victimWith = (t: unknown, count: number, options: VictimOptions = {}): Promise<Victim> =>
  makeVictim(t as Clean, scratch(t as Clean), {
    ...options,
    fill: (site) => {
      for (let number = 1; number <= count; number++) site.put(letter(`number ${number}.`));
      options.fill?.(site);
    },
  });

/** The news with something else said of the messages that the bad host has made. */
export const withSaves = (news: MailboxNews, change: (save: Instance, index: number) => Instance): MailboxNews => {
  let index = 0;
  const saves = news.saves.map((save) => (save.birth.host === bad ? change(save, index++) : save));
  return { ...news, saves };
};

/** The bundle is refused as a whole, and nothing is changed. */
export async function assertBundleRefused(
  victim: Victim,
  bytes: Uint8Array,
  code: string,
  says: RegExp,
): Promise<void> {
  const before = snapshot(victim);
  const report = await victim.take(bytes);
  const [bundle] = report.bundles;
  assert.equal(bundle?.outcome, 'refused');
  assert.equal(bundle.failure?.code, code);
  assert.match(bundle.failure.message, says);
  assert.ok(bundle.failure.hint !== undefined);
  assert.deepEqual(snapshot(victim), before);
}

/** The whole run stops, and nothing is changed. */
export async function assertRunStopped(victim: Victim, bytes: Uint8Array, code: string, says: RegExp): Promise<void> {
  const before = snapshot(victim);
  await assert.rejects(victim.take(bytes), (failure) => {
    assert.ok(failure instanceof Failure);
    assert.equal(failure.code, code);
    assert.match(failure.message, says);
    assert.match(failure.message, /nothing was changed$/);
    assert.ok(failure.hint !== undefined);
    return true;
  });
  assert.deepEqual(snapshot(victim), before);
}

/** Texts that a bundle written now would carry if it had to carry all. */
export async function textsSent({ session }: Victim, changes: Partial<ExportOptions> = {}): Promise<number> {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const all = { dryRun: false, full: true, texts: 'always', plain: true, mailboxes: [], allowExpunge: false } as const;
  const report = await exportTo(session, { sink }, { ...all, ...changes });
  return report.bundles[0]?.texts ?? 0;
}
