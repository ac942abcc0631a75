import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exchange } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

/** Two hosts in step on which something of every kind has happened since. */
export type PlannedScene = { readonly home: Site; readonly cabin: Site; readonly stick: string };

/** When the scene plays. */
const startMs = Date.UTC(2026, 10, 20, 12);
const dayMs = 86_400_000;

/**
 * Makes the hosts, brings them in step, and lets their users do things: both get mail under one UID, the cabin expunges what home flags, moves,
 * reads and deletes a mailbox, and writes a name that is too long for a terminal. Two days later the cabin's bundles lie on the stick.
 */
export async function makePlannedScene(
  t: { after(clean: () => void): void },
  { columns }: { readonly columns?: number } = {},
): Promise<PlannedScene> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  let nowMs = startMs;
  const how = { nowMs: () => nowMs, uidList: true };
  const home = makeSite(directory, 'home', { ...how, ...(columns === undefined ? {} : { columns }) });
  const cabin = makeSite(directory, 'cabin', how);
  const receivedS = startMs / 1000 - 3600;
  for (let n = 1; n <= 9; n++) home.put(letter(`inbox ${n}.`), { receivedS: receivedS + n });
  for (let n = 1; n <= 4; n++) home.put(letter(`receipt ${n}.`), { mailbox: 'Receipts', receivedS });
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
  for (const site of [home, cabin, home]) await site.mrepl('pair', stick, '--yes');
  await exchange([home, cabin], stick);

  nowMs += dayMs;
  const newS = nowMs / 1000;
  cabin.put(letter('Ferry times have changed'), { receivedS: newS });
  cabin.put(letter('Wood is stacked'), { receivedS: newS - 60 });
  cabin.put(letter('Race on Sunday'), {
    mailbox: 'Lists/Sailing club of the northern fjords and islands',
    receivedS: newS,
  });
  cabin.expunge('inbox 1.');
  for (const n of [1, 2, 3]) cabin.expunge(`receipt ${n}.`, 'Receipts');
  cabin.move('inbox 2.', 'INBOX', 'Archive/2026');
  cabin.mark('inbox 3.', { add: 'S' });
  cabin.mark('inbox 4.', { add: 'SF' });
  cabin.mark('inbox 5.', { add: 'R' });
  home.put(letter('Bills to pay'), { receivedS: newS });
  home.mark('inbox 1.', { add: 'F' });
  home.put(letter('Photos of the boat'), { mailbox: 'Photos', receivedS: newS });
  cabin.put(letter('Photos of the boat'), { mailbox: 'Photos', flags: 'S', receivedS: newS });
  await cabin.mrepl('sync', stick);
  nowMs += 2 * dayMs;
  return { home, cabin, stick };
}
